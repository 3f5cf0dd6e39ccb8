/**
 * Leases the next messages of one target in one transaction.
 *
 * - Messages that the device may have lost come before new ones, so that nothing overtakes them.
 * - A message that was cancelled, has expired or whose recipient opted out is not delivered again.
 * - New messages are leased per number, as far as its pace and the room of the target allow. Tenants, and the numbers of
 *   each tenant, share the room in rounds, so that a long queue does not delay the others.
 */
import type { IdSource } from '../../../shared/ids.ts';
import { suppressedRecipient } from '../groups/suppressed-recipient.ts';
import { recordTransition } from '../lifecycle/record-transition.ts';
import { ALL_CAPABILITIES } from '../model/capability.ts';
import type { Message } from '../model/message.ts';
import { transition } from '../model/message-transition.ts';
import type { PaceDefaults } from '../model/pace.ts';
import type { QueuePart, QueuePlace } from '../ports/queue.ts';
import type { Queries } from '../ports/store.ts';
import { type DispatchContext, needsContext, readContext } from './dispatch-context.ts';
import type { DispatchTarget } from './dispatch-target.ts';
import { hasExpired } from './expiry.ts';
import { type RateLimiter, rateLimiterFor } from './rate-limiter.ts';

export interface LeasedMessage {
  message: Message;
  /** The device had leased the message before and may have begun to send it. */
  isRepeat: boolean;
}

export interface LeaseRequest {
  /** Numbers whose queues are read. */
  numberIds: readonly string[];
  /** Where the reads of long queues continue, by number. */
  places: ReadonlyMap<string, QueuePlace>;
  /** Number of messages that the target accepts. */
  room: number;
  mayHaveExpiredLeases: boolean;
  /** When each tenant was served last: a counter, by tenant. */
  lastServed: ReadonlyMap<number, number>;
}

export interface LeaseBatch {
  leased: LeasedMessage[];
  /** What the target needs beside the leased messages, by the id of the message. */
  contexts: ReadonlyMap<string, DispatchContext>;
  /** Messages whose cancellation the device has not confirmed. */
  cancelled: Message[];
  /** Numbers that were served in this batch, in order. */
  servedNumbers: ReadonlySet<string>;
  /** The target has no room left. */
  isFull: boolean;
  /** Some expired leases still have to be renewed. */
  isCut: boolean;
  /** The earliest end of the other leases, on the monotonic clock; undefined: none, or not read. */
  nextLeaseEnd: number | undefined;
  /** Where the queues of numbers continue whose read ended before the end, by number. */
  places: ReadonlyMap<string, QueuePlace>;
  /** When a number whose pace is used up may continue (epoch ms), by number. */
  resumes: ReadonlyMap<string, number>;
}

export interface LeaseOptions {
  pace: PaceDefaults;
  /** Time to live of messages without a requested expiry. */
  messageTtlMs: number;
  ids: IdSource;
  now: number;
  /** Time on the clock of the leases. */
  monotonicNow: number;
}

const REPEAT_BATCH = 200;
/** Maximum messages that one step examines, so that a long deferred queue does not delay other numbers. */
const EXAMINED_MAX = 200;

const NO_MESSAGES: QueuePart = { messages: [], next: undefined };

const NOTHING: LeaseBatch = {
  ...{ leased: [], contexts: new Map(), cancelled: [], servedNumbers: new Set(), places: new Map() },
  ...{ isFull: false, isCut: false, nextLeaseEnd: undefined, resumes: new Map() },
};

export async function leaseBatch(
  tx: Queries,
  target: DispatchTarget,
  request: LeaseRequest,
  options: LeaseOptions,
): Promise<LeaseBatch> {
  // Read together with the first messages, to save a round trip.
  const permitted = target.isPermitted(tx);
  // Awaited below, if no other read fails before.
  permitted.catch(() => {});
  const batch = new Batch(tx, target, request.room, permitted, options);
  const isCut = request.mayHaveExpiredLeases && (await batch.renewExpired());
  const nextLeaseEnd = request.mayHaveExpiredLeases
    ? await tx.messages.earliestLeaseEnd(target.deviceId)
    : undefined;
  const resumes = new Map<string, number>();
  const queues: NumberQueue[] = [];
  for (const numberId of request.numberIds) {
    const isPaced = target.channelsOf(numberId) !== 'whatsapp';
    const limiter = isPaced ? await rateLimiterFor(tx, numberId, options.pace, options.now) : undefined;
    const tenantId = (await tx.numbers.paced(numberId))?.tenantId ?? 0;
    const place = request.places.get(numberId);
    queues.push({ numberId, tenantId, limiter, examined: 0, place, busy: new Set(), isMore: false });
  }
  await batch.leaseInRounds(queues, request.lastServed);
  if (!(await permitted)) return NOTHING;
  for (const { numberId, limiter } of queues) {
    const resumesAt = (await limiter?.finish()) ?? null;
    if (resumesAt !== null) resumes.set(numberId, resumesAt);
  }
  const places = new Map<string, QueuePlace>();
  for (const { numberId, place, isMore } of queues) {
    if (isMore && place !== undefined) places.set(numberId, place);
  }
  const { leased, contexts, cancelled, servedNumbers } = batch;
  return {
    ...{ leased, contexts, cancelled, servedNumbers },
    ...{ isFull: batch.room <= 0, isCut, nextLeaseEnd, places, resumes },
  };
}

/** The queue of a number while one batch is leased. */
interface NumberQueue {
  numberId: string;
  tenantId: number;
  limiter: RateLimiter | undefined;
  /** Messages that were examined; without a limiter, only those that were not leased. */
  examined: number;
  /** Where the next read begins; undefined: the beginning of the queue. */
  place: QueuePlace | undefined;
  /** Recipients for whom the target has no room since this batch. */
  busy: Set<string>;
  /** The batch ended because it had examined its maximum of the number. */
  isMore: boolean;
}

class Batch {
  readonly leased: LeasedMessage[] = [];
  readonly contexts = new Map<string, DispatchContext>();
  readonly cancelled: Message[] = [];
  readonly servedNumbers = new Set<string>();
  room: number;
  readonly #tx: Queries;
  readonly #target: DispatchTarget;
  readonly #permitted: Promise<boolean>;
  readonly #options: LeaseOptions;

  constructor(
    tx: Queries,
    target: DispatchTarget,
    room: number,
    permitted: Promise<boolean>,
    options: LeaseOptions,
  ) {
    this.#tx = tx;
    this.#target = target;
    this.#permitted = permitted;
    this.#options = options;
    this.room = room;
  }

  /** Returns true if expired leases are left. */
  async renewExpired(): Promise<boolean> {
    const [expired, isPermitted] = await Promise.all([
      this.#tx.messages.nextExpiredLeases(this.#target.deviceId, this.#options.monotonicNow, REPEAT_BATCH),
      this.#permitted,
    ]);
    if (!isPermitted) return false;
    let done = 0;
    for (const message of expired) {
      if (await this.#isWithdrawn(message)) await this.#withdraw(message);
      else if (!(await this.#lease(message, true))) break;
      done += 1;
    }
    return done < expired.length || expired.length === REPEAT_BATCH;
  }

  /** In each round, every tenant gets an equal share of the room. The tenant that waits longest comes first. */
  async leaseInRounds(
    queues: readonly NumberQueue[],
    lastServed: ReadonlyMap<number, number>,
  ): Promise<void> {
    const tenants = Map.groupBy(queues, ({ tenantId }) => tenantId);
    let open = [...tenants]
      .toSorted(([one], [other]) => (lastServed.get(one) ?? 0) - (lastServed.get(other) ?? 0))
      .map(([, own]) => own);
    while (open.length > 0 && this.room > 0) {
      const share = Math.max(1, Math.floor(this.room / open.length));
      const next: NumberQueue[][] = [];
      for (const own of open) {
        const left = await this.#leaseOfTenant(own, Math.min(share, this.room));
        if (left.length > 0) next.push(left);
      }
      open = next;
    }
  }

  /** Returns the queues that may have more, in the order of the next round. */
  async #leaseOfTenant(queues: readonly NumberQueue[], share: number): Promise<NumberQueue[]> {
    const roomAfter = this.room - share;
    const shareOfNumber = Math.max(1, Math.floor(share / queues.length));
    const unserved: NumberQueue[] = [];
    const served: NumberQueue[] = [];
    for (const queue of queues) {
      const left = Math.min(shareOfNumber, this.room - roomAfter);
      if (left <= 0) unserved.push(queue);
      else if (await this.#leaseShare(queue, left)) served.push(queue);
    }
    return [...unserved, ...served];
  }

  /** Leases up to `share` messages of a number. Returns true if the number may have more. */
  async #leaseShare(queue: NumberQueue, share: number): Promise<boolean> {
    const count = Math.min(share, this.#roomFor(queue.numberId));
    if (count <= 0) return false;
    if (queue.limiter !== undefined) return this.#leasePaced(queue, queue.limiter, count);
    const { messages: found, next } = await this.#next(queue, count);
    for (const message of found) {
      if ((await this.#endObsolete(message)) || this.#isBusy(queue, message)) queue.examined += 1;
      else if (!(await this.#lease(message, false))) return false;
    }
    const isCut = queue.examined >= EXAMINED_MAX;
    queue.isMore = next !== undefined && (isCut || found.length < count);
    return found.length === count && !isCut;
  }

  /** Skips a recipient for whom the target has no room. The message stays queued. */
  #isBusy(queue: NumberQueue, { numberId, handle }: Message): boolean {
    if (this.#roomFor(numberId, handle) > 0) return false;
    queue.busy.add(handle);
    return true;
  }

  /** The target does not know the leases of this batch yet. */
  #roomFor(numberId: string, handle?: string): number {
    const room = this.#target.roomFor(numberId, handle);
    if (room === Number.POSITIVE_INFINITY) return room;
    const own = this.leased.filter(
      ({ message }) => message.numberId === numberId && (handle === undefined || message.handle === handle),
    );
    return room - own.length;
  }

  async #leasePaced(queue: NumberQueue, limiter: RateLimiter, share: number): Promise<boolean> {
    let left = share;
    while (queue.examined < EXAMINED_MAX) {
      const { messages: allowed } = await limiter.allowance();
      if (allowed <= 0) return false;
      if (left <= 0) return true;
      const limit = Math.min(allowed, left);
      const { messages: found, next } = await this.#next(queue, limit);
      queue.examined += found.length;
      for (const message of found) {
        if (await this.#endObsolete(message)) continue;
        if (this.#isBusy(queue, message)) continue;
        await limiter.releaseSlot(message);
        const decision = await limiter.decide(message);
        if (decision.kind === 'defer') {
          if (decision.scope === 'number') return false;
          await limiter.defer(message, decision, this.#options.messageTtlMs);
          continue;
        }
        if (!(await this.#lease(message, false))) return false;
        await limiter.recordDispatch(message, decision.isNewContact);
        left -= 1;
      }
      queue.isMore = next !== undefined && found.length < limit;
      if (found.length < limit) return false;
    }
    queue.isMore = (await limiter.allowance()).messages > 0;
    return false;
  }

  async #isWithdrawn(message: Message): Promise<boolean> {
    if (message.cancelRequestedAt !== null || hasExpired(message, this.#options)) return true;
    return isSuppressed(this.#tx, message);
  }

  /**
   * Cancels a queued message to a recipient who opted out, which the background task may not have reached, and an action
   * whose message was not sent.
   */
  async #endObsolete(message: Message): Promise<boolean> {
    if (!(await isSuppressed(this.#tx, message)) && !(await hasLostTarget(this.#tx, message))) return false;
    const { now, ids } = this.#options;
    const cancelled = transition(message, { kind: 'cancel' }, now);
    if (cancelled !== undefined) await recordTransition(this.#tx, cancelled, { now, ids });
    return true;
  }

  /** Requests the cancellation instead of a repeated delivery. The report of the device or the expiry ends the message. */
  async #withdraw(message: Message): Promise<void> {
    const { now, monotonicNow, ids } = this.#options;
    const change = transition(message, { kind: 'cancel' }, now);
    if (change !== undefined) await recordTransition(this.#tx, change, { now, ids });
    else this.cancelled.push(message);
    await this.#tx.messages.setLeaseEnd([message], monotonicNow + this.#target.leaseMs);
  }

  async #next(queue: NumberQueue, limit: number): Promise<QueuePart> {
    const { numberId } = queue;
    const { deviceId, environment, keepsOrder, capabilityBits } = this.#target;
    const channels = this.#target.channelsOf(numberId);
    const { now, monotonicNow } = this.#options;
    const read = this.#tx.messages.nextQueued({
      numberId,
      environment,
      channels,
      deviceId,
      missing: ALL_CAPABILITIES & ~capabilityBits,
      keepsOrder,
      busyRecipients: [...this.#target.busyRecipients(numberId), ...queue.busy],
      now,
      monotonicNow,
      limit,
      after: queue.place,
    });
    const [part, isPermitted] = await Promise.all([read, this.#permitted]);
    if (!isPermitted) return NO_MESSAGES;
    queue.place = part.next;
    return part;
  }

  /** Returns false if the target has no room. Later messages must then not be leased either. */
  async #lease(message: Message, isRepeat: boolean): Promise<boolean> {
    // A queued message is not at the device, also if it was leased when the device connected.
    const takesRoom = !isRepeat || !this.#target.wasDelivered(message.id);
    if (takesRoom && this.room <= 0) return false;
    const { now, monotonicNow, ids } = this.#options;
    const { deviceId, leaseMs, isJournaling } = this.#target;
    const dispatched = transition(
      message,
      {
        kind: 'dispatch',
        deviceId,
        leaseId: ids(),
        leaseUntil: monotonicNow + leaseMs,
        journaled: isJournaling,
      },
      now,
    );
    if (dispatched === undefined) return true;
    await recordTransition(this.#tx, dispatched, { now, ids });
    this.leased.push({ message: dispatched.message, isRepeat });
    if (needsContext(message)) this.contexts.set(message.id, await readContext(this.#tx, message));
    this.servedNumbers.add(message.numberId);
    if (takesRoom) this.room -= 1;
    return true;
  }
}

/** True if the message of the action failed or was deleted. */
async function hasLostTarget(tx: Queries, { tenantId, action }: Message): Promise<boolean> {
  if (action === null || action.messageId === null) return false;
  const target = await tx.messages.find(tenantId, action.messageId);
  return target === undefined || target.status === 'failed';
}

/** True if the recipient, or a participant of the group, has opted out. The number may always leave a group. */
async function isSuppressed(tx: Queries, message: Message): Promise<boolean> {
  if (message.action?.kind === 'leave_group') return false;
  return (await suppressedRecipient(tx, message)) !== undefined;
}
