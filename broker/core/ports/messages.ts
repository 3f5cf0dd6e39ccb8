/** Queries of messages, their timelines and idempotency keys. */
import type { Media } from '../model/media.ts';
import type { Direction, Message, MessageStatus, TimelineEntry } from '../model/message.ts';
import type { BrowsePage, InboxQueries, MessagePageFilter } from './inbox.ts';
import type { QueueQueries } from './queue.ts';

export interface MessageFilter {
  from?: string | undefined;
  to?: string | undefined;
  status?: MessageStatus | undefined;
  direction?: Direction | undefined;
  /** True: only messages of blocked senders. Other lists omit them. */
  isBlocked?: boolean | undefined;
  /** Returns only messages older than this id. */
  before?: string | undefined;
  /** Returns only messages newer than this id. */
  after?: string | undefined;
  limit: number;
}

export interface MessageQueries extends QueueQueries, InboxQueries {
  insert(message: Message, entry: TimelineEntry): Promise<void>;
  /** Updates the message and inserts the timeline entry. */
  record(message: Message, entry: TimelineEntry): Promise<void>;
  /** Updates the content, edit time and retraction time of the message and inserts the timeline entry. */
  revise(message: Message, entry: TimelineEntry): Promise<void>;
  /** Inserts a timeline entry without a change of the message. */
  addTimelineEntry(messageId: string, entry: TimelineEntry): Promise<void>;
  /** Counts a report about a reaction to the message. */
  addReaction(message: Message): Promise<void>;
  /** Stores the target of a reply. */
  setReply(message: Message): Promise<void>;
  /** Stores when the message was read, without a transition: inbound, or by a participant of a group. */
  setRead(message: Message): Promise<void>;
  /** Returns a message; undefined for an action. */
  find(tenantId: number, id: string): Promise<Message | undefined>;
  /** Returns a message or an action. */
  findItem(tenantId: number, id: string): Promise<Message | undefined>;
  /** Returns the messages that the device has, or that belong to one of its numbers, by id. Omits other ids. */
  findForDevice(tenantId: number, deviceId: string, ids: readonly string[]): Promise<Map<string, Message>>;
  /** Returns the newest id of all messages and events; undefined: there are none. Reads one row of each account. */
  newestId(): Promise<string | undefined>;
  /**
   * Returns messages that another device reported, or sends, and that this device has not reported. Oldest first, from
   * the id on.
   */
  copies(query: {
    tenantId: number;
    numberId: string;
    handle: string;
    direction: Direction;
    deviceId: string;
    sinceId: string;
    limit: number;
  }): Promise<Message[]>;
  /** Stores the guid by which another device names the message. `findByGuid` finds the message by it. */
  addAlias(message: Message, alias: { guid: string; deviceId: string }): Promise<void>;
  /** Adds attachments to a message without any. */
  addMedia(message: Message, media: readonly Media[]): Promise<void>;
  findByGuid(numberId: string, guid: string): Promise<Message | undefined>;
  /** Newest first; with `after`, oldest first. Omits actions. */
  list(tenantId: number, filter: MessageFilter): Promise<Message[]>;
  /** Returns messages that were not deleted, newest first. Examines a bounded part of the history. */
  browse(
    tenantId: number,
    filter: MessagePageFilter,
    page: { limit: number; before?: string | undefined },
  ): Promise<BrowsePage>;
  timeline(messageId: string): Promise<TimelineEntry[]>;
  /** Returns messages older than `id` that are neither queued nor leased, in no order. */
  finishedBefore(id: string, limit: number): Promise<Message[]>;
  /** Deletes a message permanently, with its timeline and attachments. */
  remove(message: Message): Promise<void>;
}

export interface IdempotencyRecord {
  /** SHA-256 (hex) of the request; empty for a key that lasts as long as its message. */
  fingerprint: string;
  messageId: string;
  createdAt: number;
}

export interface IdempotencyQueries {
  find(tenantId: number, key: string): Promise<IdempotencyRecord | undefined>;
  put(tenantId: number, key: string, record: IdempotencyRecord): Promise<void>;
  /** Deletes keys with a fingerprint from before the time (epoch ms), oldest first. Returns their number. */
  purgeExpiring(before: number, limit: number): Promise<number>;
  /** Deletes keys without a fingerprint from before the time (epoch ms) whose message is deleted. Returns their number. */
  purgeLasting(before: number, limit: number): Promise<number>;
}
