/** What is under way, as the core needs it kept. */

import type { Message } from '../model/message.ts';
import type { WaitReason } from '../model/pace.ts';
import type { Environment } from '../model/tenant.ts';

export interface QueueRequest {
  numberId: string;
  /** Nothing is given for a number of the other environment, whoever asks. */
  environment: Environment;
  /** WhatsApp messages only, all but these, or everything. */
  channels: 'whatsapp' | 'texts' | 'all';
  deviceId: string;
  /** The device's carrier can't lose a hand-out unnoticed, so a second message to one person may follow. */
  keepsOrder: boolean;
  now: number;
  limit: number;
}

/** What waits for a live number; messages that are held back for later are not counted. */
export interface WaitingQueue {
  numberId: string;
  phoneNumber: string;
  messages: number;
  /** The message that was accepted first. */
  oldestId: string;
}

/** What is under way. */
export interface QueueQueries {
  /** What may be handed to a device now, in order; a person whose earlier message is still out is left out. */
  nextQueued(request: QueueRequest): Promise<Message[]>;
  /** What a journaling device holds with an ended lease, in order. */
  nextExpiredLeases(deviceId: string, now: number, limit: number): Promise<Message[]>;
  /** Everything a device holds, in order. */
  leasedBy(deviceId: string): Promise<Message[]>;
  setLeaseEnd(messages: readonly Message[], leaseUntil: number): Promise<void>;
  /** Handed to a device without a journal, and not reported in time. */
  unreported(now: number, limit: number): Promise<Message[]>;
  /** Waiting or out for too long. Looks at messages older than `id` only. */
  expired(now: number, id: string, limit: number): Promise<Message[]>;
  /** The same of messages that were given an end of their own. */
  pastRequestedExpiry(now: number, limit: number): Promise<Message[]>;
  hasDueDeferrals(now: number): Promise<boolean>;
  /** Takes the hold off messages whose time has come; gives the numbers they wait for. */
  endDueDeferrals(now: number): Promise<string[]>;
  /** Holds a queued message back until then. */
  defer(message: Message, until: number, reason: WaitReason): Promise<void>;
  /** The first message to them that is held back for its number's pace and was accepted before that one. */
  deferredFor(
    numberId: string,
    handle: string,
    beforeId: string,
  ): Promise<{ until: number; reason: WaitReason } | undefined>;
  /** What is held back for the pace, of one recipient or of all, is looked at again. */
  reconsiderDeferred(numberId: string, handle: string | undefined, now: number): Promise<void>;
  /** What waits for the same recipient already goes before everything else too. */
  promote(numberId: string, handle: string): Promise<void>;
  /** Whether anything was handed out to them or came from them since the id. */
  hasExchangedSince(tenantId: number, numberId: string, handle: string, sinceId: string): Promise<boolean>;
  /** How many messages they got since they last wrote, counted up to the limit. */
  unansweredTo(tenantId: number, numberId: string, handle: string, limit: number): Promise<number>;
  countQueued(numberId: string): Promise<number>;
  /** What is to be sent later at its sender's wish, the next one first. */
  scheduled(
    tenantId: number,
    page: { now: number; limit: number; after?: Message | undefined },
  ): Promise<Message[]>;
  queuedOrLeased(numberId: string): Promise<Message[]>;
  /** The longest queues of live numbers, longest first. Reads what is queued, never the history. */
  longestQueues(limit: number): Promise<WaitingQueue[]>;
  sentSince(environment: Environment, since: number): Promise<Message[]>;
  /** What waits to be sent to somebody, from any number of the world. */
  queuedFor(tenantId: number, handle: string): Promise<Message[]>;
}
