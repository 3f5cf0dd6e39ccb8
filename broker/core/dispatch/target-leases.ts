/**
 * Leases the queued messages of one target, one batch at a time.
 *
 * A notification only marks numbers; the lease itself is a transaction that reads the queue. A superfluous notification
 * costs one read, and a missing one is made up by the next.
 */
import type { IdSource } from '../../../shared/ids.ts';
import type { PaceDefaults } from '../model/pace.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Store } from '../ports/store.ts';
import type { DispatchTarget } from './dispatch-target.ts';
import { type LeaseBatch, type LeasedMessage, type LeaseRequest, leaseBatch } from './lease-batch.ts';
import { NO_PLACES, QueueWalks } from './queue-walks.ts';

/** When a target served each tenant last. */
export class ServedTenants {
  /** By tenant: the number of messages that were leased before. */
  readonly order = new Map<number, number>();
  #count = 0;

  serve(tenantId: number): void {
    this.#count += 1;
    this.order.set(tenantId, this.#count);
  }
}

export interface LeasingOptions {
  store: Store;
  now: () => number;
  /** Milliseconds on a clock that is never set. Leases end by it. */
  monotonicNow: () => number;
  ids: IdSource;
  /** Time to live of messages without a requested expiry. */
  messageTtlMs: number;
  /** Pace of numbers without their own settings. */
  pace: PaceDefaults;
  metrics?: Metrics | undefined;
  /** Receives the error of a failed lease (a full disk, for example). The next tick retries the lease. */
  onFault: (error: unknown) => void;
}

interface TargetLeasesOptions extends LeasingOptions {
  served: ServedTenants;
  /**
   * The batch that an earlier session of the device was leasing. Its undelivered messages go back to the queue first, so
   * that no later message to the same recipient overtakes them.
   */
  earlierBatch: Promise<void> | undefined;
  /** Whether leased messages may still be written to the target. */
  mayDeliver: () => boolean;
  /** Receives the messages that could not be written to the target. */
  requeue: (leased: readonly LeasedMessage[]) => Promise<void>;
  /** A limit of the number ends at this time. */
  onDeferred: (numberId: string, at: number) => void;
  /** Receives each batch of leases, until it is delivered. */
  onBatch: (batch: Promise<void>) => void;
}

export class TargetLeases {
  readonly target: DispatchTarget;
  readonly #options: TargetLeasesOptions;
  /** Numbers that may have messages for the target. */
  readonly #dirtyNumbers: Set<string>;
  readonly #walks = new QueueWalks();
  #leasing: Promise<void> | undefined;
  /** A notification came while a lease was being made. */
  #isNotified = false;
  /** The session ended, or said hello again: the target has other leases, which count its credit. */
  #isStopped = false;
  /** On the monotonic clock. */
  #nextExpiry = 0;
  #mayHaveExpired: boolean;

  constructor(target: DispatchTarget, options: TargetLeasesOptions) {
    this.target = target;
    this.#options = options;
    this.#dirtyNumbers = new Set(target.numberIds);
    this.#mayHaveExpired = target.isJournaling;
    this.#leasing = options.earlierBatch?.then(() => {
      this.#leasing = undefined;
      this.start();
    });
  }

  /** Messages that are leased afterwards are not written to the target. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Call when messages of the number may be ready for dispatch. */
  notify(numberId: string): void {
    this.#dirtyNumbers.add(numberId);
    this.#walks.notify(numberId);
    this.start();
  }

  /** Leases for every number of the target. Settles after the leases. */
  async offer(): Promise<void> {
    for (const numberId of this.target.numberIds ?? []) this.#dirtyNumbers.add(numberId);
    this.start();
    while (this.#leasing !== undefined) await this.#leasing;
  }

  /** Renews expired leases and repeats a failed lease. `now`: on the monotonic clock. */
  tick(now: number): void {
    const isExpiryDue = this.target.isJournaling && this.#nextExpiry <= now;
    if (isExpiryDue) {
      this.#mayHaveExpired = true;
      this.#nextExpiry = now + this.target.leaseMs;
    }
    if (isExpiryDue || this.#dirtyNumbers.size > 0) this.start();
  }

  /** Leases if there may be messages, the target has room, and no lease is being made. */
  start(): void {
    if (this.#leasing !== undefined) {
      this.#isNotified = true;
      return;
    }
    const { target } = this;
    if (this.#isStopped) return;
    if (this.#dirtyNumbers.size === 0 && !this.#mayHaveExpired) return;
    if (!target.isReady() || (target.room() <= 0 && !this.#mayHaveExpired)) return;
    this.#isNotified = false;
    this.#leasing = this.#lease()
      .catch((error: unknown) => {
        this.#options.onFault(error);
        return false;
      })
      .then((isMore) => {
        this.#leasing = undefined;
        if (isMore || this.#isNotified) this.start();
      });
    this.#options.onBatch(this.#leasing);
  }

  /** Returns true if more messages may be leasable. */
  async #lease(): Promise<boolean> {
    const { target } = this;
    const { served, onDeferred } = this.#options;
    const request: LeaseRequest = {
      numberIds: [...this.#dirtyNumbers],
      places: this.#walks.places(),
      room: target.room(),
      mayHaveExpiredLeases: this.#mayHaveExpired,
      lastServed: served.order,
    };
    const { leased, contexts, cancelled, servedNumbers, isFull, isCut, nextLeaseEnd, resumes, places } =
      await this.#leaseBatch(request);
    const isMore = this.#walks.update(request.numberIds, isFull ? NO_PLACES : places, this.#dirtyNumbers);
    for (const { message } of leased) served.serve(message.tenantId);
    for (const message of cancelled) target.cancel(message);
    for (const [numberId, at] of resumes) onDeferred(numberId, at);
    // A full target may leave messages in the queue. The next credit continues with them.
    if (isFull) this.#markDirty(request, servedNumbers);
    this.#mayHaveExpired ||= isCut;
    if (nextLeaseEnd !== undefined) this.#nextExpiry = Math.min(this.#nextExpiry, nextLeaseEnd);
    if (leased.length === 0) return isMore;
    return (await this.#deliver(leased, contexts)) && (isFull || isMore) && target.room() > 0;
  }

  async #leaseBatch(request: LeaseRequest): Promise<LeaseBatch> {
    const { store, now, monotonicNow, ids, pace, messageTtlMs } = this.#options;
    this.#dirtyNumbers.clear();
    this.#mayHaveExpired = false;
    try {
      return await store.transaction((tx) =>
        leaseBatch(tx, this.target, request, {
          ...{ pace, messageTtlMs, ids },
          ...{ now: now(), monotonicNow: monotonicNow() },
        }),
      );
    } catch (error) {
      this.#markDirty(request, new Set());
      this.#mayHaveExpired ||= request.mayHaveExpiredLeases;
      throw error;
    }
  }

  /** Numbers that were served come last, so that the next room goes to the others first. */
  #markDirty({ numberIds }: LeaseRequest, served: ReadonlySet<string>): void {
    for (const numberId of numberIds) if (!served.has(numberId)) this.#dirtyNumbers.add(numberId);
    for (const numberId of served) this.#dirtyNumbers.add(numberId);
  }

  /** Returns false if the messages go back to the queue. */
  async #deliver(leased: readonly LeasedMessage[], contexts: LeaseBatch['contexts']): Promise<boolean> {
    const { target } = this;
    const { now, monotonicNow, metrics, mayDeliver, requeue } = this.#options;
    const messages = leased.map(({ message }) => message);
    if (this.#isStopped || !mayDeliver() || !target.deliver(messages, contexts)) {
      this.#mayHaveExpired ||= leased.some(({ isRepeat }) => isRepeat);
      await requeue(leased);
      return false;
    }
    const at = now();
    this.#nextExpiry = Math.min(this.#nextExpiry, monotonicNow() + target.leaseMs);
    for (const { message, isRepeat } of leased) {
      if (!isRepeat) metrics?.dispatched(target.environment, at - message.createdAt);
    }
    return true;
  }
}
