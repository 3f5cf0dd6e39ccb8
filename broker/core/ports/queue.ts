/** Queries of queued, deferred and leased messages. */

import type { Message } from '../model/message.ts';
import type { WaitReason } from '../model/pace.ts';
import type { Environment } from '../model/tenant.ts';

export interface QueueRequest {
  numberId: string;
  /** Messages of a number of the other environment are never returned. */
  environment: Environment;
  /** WhatsApp messages, all other messages, or both. */
  channels: 'whatsapp' | 'texts' | 'all';
  deviceId: string;
  /** Bits of the capabilities that the target has not; see core/model/capability.ts. */
  missing: number;
  /** The transport cannot lose a dispatch unnoticed, so a second message to the same recipient may follow. */
  keepsOrder: boolean;
  /** Recipients whose messages are skipped. */
  busyRecipients: readonly string[];
  now: number;
  monotonicNow: number;
  limit: number;
  /** Where an earlier read of the queue ended; undefined: the beginning. */
  after: QueuePlace | undefined;
}

export interface QueuePlace {
  lane: number;
  id: string;
}

export interface QueuePart {
  /** In order. */
  messages: Message[];
  /** Where to continue; undefined at the end of the queue. */
  next: QueuePlace | undefined;
}

/** The place of a message in the queue of its number. */
export interface QueuedEntry {
  id: string;
  priority: number;
  handle: string;
}

/** The queue of a live number, without deferred messages. */
export interface WaitingQueue {
  numberId: string;
  phoneNumber: string;
  messages: number;
  /** Id of the message that was accepted first. */
  oldestId: string;
}

export interface QueueQueries {
  /**
   * Returns messages that may be dispatched now, and no expired messages or recipients with a leased message. Reads a
   * bounded part of the queue, so it may return fewer messages than the limit before the end of the queue.
   */
  nextQueued(request: QueueRequest): Promise<QueuePart>;
  /** Returns messages of a journaling device whose lease has expired, in order. Leases end on the monotonic clock. */
  nextExpiredLeases(deviceId: string, monotonicNow: number, limit: number): Promise<Message[]>;
  /** Returns leased messages whose cancellation was requested after the time (epoch ms). */
  cancelRequested(since: number, limit: number): Promise<Message[]>;
  /** Returns the earliest end of the leases of a journaling device; undefined: it has none. */
  earliestLeaseEnd(deviceId: string): Promise<number | undefined>;
  /** Returns all messages leased to a device, in order. */
  leasedBy(deviceId: string): Promise<Message[]>;
  setLeaseEnd(messages: readonly Message[], leaseUntil: number): Promise<void>;
  /** Ends the repeated delivery of the leased messages of a device that has no journal any more. */
  endJournal(deviceId: string, leaseUntil: number): Promise<void>;
  /** Returns messages whose lease has expired, of devices without a journal. */
  unreported(monotonicNow: number, limit: number): Promise<Message[]>;
  /** Shortens leases that end after the time, which an earlier process wrote with another clock or setting. */
  shortenLeases(until: number): Promise<void>;
  /** Returns leased messages, and queued ones without a requested expiry, that have expired; earliest expiry first. */
  expired(until: number, limit: number): Promise<Message[]>;
  /** Returns queued messages that have expired and whose send request included the expiry time. */
  pastRequestedExpiry(now: number, limit: number): Promise<Message[]>;
  hasDueDeferrals(now: number): Promise<boolean>;
  /** Ends up to `limit` deferrals whose time has come. Returns the number of each message. */
  endDueDeferrals(now: number, limit: number): Promise<string[]>;
  /** Defers a queued message. `expiresAt`: its new expiry. */
  defer(message: Message, deferral: { until: number; reason: WaitReason; expiresAt: number }): Promise<void>;
  setExpiry(message: Message, expiresAt: number): Promise<void>;
  /** Returns the deferral of the first message to the handle that is deferred by the pace and older than the id. */
  deferredFor(
    numberId: string,
    handle: string,
    beforeId: string,
  ): Promise<{ until: number; reason: WaitReason } | undefined>;
  /**
   * Ends up to `limit` deferrals by the pace, so that the rate limiter decides again. The reserved slots of these messages
   * are freed. Reads a bounded part of the deferred messages of the number, or of those to one handle, in a stable order.
   * Returns where to continue; undefined: the end.
   */
  reconsiderPart(
    numberId: string,
    part: { handle?: string | undefined; after: string; now: number; limit: number },
  ): Promise<string | undefined>;
  /**
   * Raises the priority of the queued messages to the handle, so that an urgent message does not overtake them. Leased
   * messages too: they may go back to the queue.
   */
  promote(numberId: string, handle: string): Promise<void>;
  /** True if a message was dispatched to the handle or received from it after the id. */
  hasExchangedSince(tenantId: number, numberId: string, handle: string, sinceId: string): Promise<boolean>;
  /** Returns the number of messages to the handle since its last reply, counted up to the limit. */
  unansweredTo(tenantId: number, numberId: string, handle: string, limit: number): Promise<number>;
  /** Returns the messages that wait for their turn, without deferred ones, in the order of dispatch. */
  queueOf(numberId: string, limit: number): Promise<QueuedEntry[]>;
  countQueued(numberId: string): Promise<number>;
  /** Counts the queued messages of a number: waiting for their turn, with the id of the oldest, and deferred. */
  queueState(numberId: string): Promise<{ waiting: number; deferred: number; oldestId: string | null }>;
  /** Returns scheduled messages. Earliest send time first. */
  scheduled(
    tenantId: number,
    page: { now: number; limit: number; after?: Message | undefined },
  ): Promise<Message[]>;
  /** Returns leased messages without a cancel request and queued messages of the number. */
  cancellable(numberId: string, limit: number): Promise<Message[]>;
  /** Returns the longest queues of live numbers, longest first. Does not read finished messages. */
  longestQueues(limit: number): Promise<WaitingQueue[]>;
  sentSince(environment: Environment, since: number): Promise<Message[]>;
  /**
   * Returns up to `limit` queued messages to the handle, from all numbers of the tenant. Reads a bounded part of the queue
   * from the position on; an empty position is the beginning. `next` is undefined at the end of the queue.
   */
  queuedTo(
    recipient: { tenantId: number; handle: string; beforeId: string },
    position: string,
    limit: number,
  ): Promise<{ messages: Message[]; next: string | undefined }>;
  /** Returns the leased messages to the handle, from all numbers of the tenant. */
  leasedFor(tenantId: number, handle: string): Promise<Message[]>;
}
