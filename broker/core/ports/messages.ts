/** Messages, as the core needs them kept. */

import type { Direction, Message, MessageStatus, TimelineEntry } from '../model/message.ts';
import type { InboxQueries } from './inbox.ts';
import type { QueueQueries } from './queue.ts';

export interface MessageFilter {
  from?: string | undefined;
  to?: string | undefined;
  status?: MessageStatus | undefined;
  direction?: Direction | undefined;
  /** Only messages older than this id. */
  before?: string | undefined;
  /** Only messages newer than this id. */
  after?: string | undefined;
  limit: number;
}

export interface MessageQueries extends QueueQueries, InboxQueries {
  insert(message: Message, entry: TimelineEntry): Promise<void>;
  /** Writes the changed message and its timeline row. */
  record(message: Message, entry: TimelineEntry): Promise<void>;
  /** Writes the words of a message and when they were changed or taken back, and its timeline row. */
  revise(message: Message, entry: TimelineEntry): Promise<void>;
  /** Adds to the timeline of a message that stays as it is. */
  addTimelineEntry(messageId: string, entry: TimelineEntry): Promise<void>;
  find(tenantId: number, id: string): Promise<Message | undefined>;
  /** For reports: the message if the device has it, or it belongs to one of the device's numbers. */
  findForDevice(tenantId: number, deviceId: string, id: string): Promise<Message | undefined>;
  findByGuid(numberId: string, guid: string): Promise<Message | undefined>;
  /** Newest first; with `after`, oldest first. */
  list(tenantId: number, filter: MessageFilter): Promise<Message[]>;
  timeline(messageId: string): Promise<TimelineEntry[]>;
  /** Messages older than `id` of which nothing more is to come, in no order. */
  finishedBefore(id: string, limit: number): Promise<Message[]>;
  /** Deletes a message for good, with its timeline and its attachments. */
  remove(message: Message): Promise<void>;
}

export interface IdempotencyRecord {
  fingerprint: string;
  messageId: string;
  createdAt: number;
}

export interface IdempotencyQueries {
  find(tenantId: number, key: string): Promise<IdempotencyRecord | undefined>;
  put(tenantId: number, key: string, record: IdempotencyRecord): Promise<void>;
  purge(before: number): Promise<number>;
}
