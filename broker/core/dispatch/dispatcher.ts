/**
 * Leases queued messages to dispatch targets.
 *
 * - A message is leased to one device at a time.
 * - A device without a journal receives a message at most once.
 * - Messages to one recipient are dispatched in the order in which they were accepted.
 *
 * A notification only marks numbers; the lease itself is a transaction that reads the queue. A superfluous notification
 * costs one read, and a missing one is made up by the next. A lease that could not be written to the device is requeued
 * at once, because the device never received it.
 */
import type { IdSource } from '../../../shared/ids.ts';
import { recordTransition } from '../lifecycle/record-transition.ts';
import type { Message } from '../model/message.ts';
import { transition } from '../model/message-transition.ts';
import type { PaceDefaults } from '../model/pace.ts';
import type { Environment } from '../model/tenant.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Store } from '../ports/store.ts';
import type { DispatchTarget } from './dispatch-target.ts';
import { type LeaseBatch, type LeasedMessage, leaseBatch } from './lease-batch.ts';
import { QueueMaintenance } from './queue-maintenance.ts';
import { NO_PLACES, QueueWalks } from './queue-walks.ts';
import { ResumeTimer } from './resume-timer.ts';

interface TargetState {
  /** Numbers that may have messages for the target. */
  dirtyNumbers: Set<string>;
  walks: QueueWalks;
  leasing: Promise<void> | undefined;
  /** A notification came while a lease was being made. */
  isNotified: boolean;
  /** On the monotonic clock. */
  nextLeaseExpiry: number;
  mayHaveExpiredLeases: boolean;
}

/** A message that could not be delivered is requeued within this time. */
const REQUEUED_WITHIN_MS = 10 * 60_000;

export interface DispatcherOptions {
  store: Store;
  now: () => number;
  /** Milliseconds on a clock that is never set. Leases end by it. */
  monotonicNow: () => number;
  ids: IdSource;
  /** Time to live of messages without a requested expiry. */
  messageTtlMs: number;
  /** Pace of numbers without their own settings. */
  pace: PaceDefaults;
  /** Runs a function once after a delay. Returns a function that cancels it. */
  after: (ms: number, run: () => void) => () => void;
  /** Receives the error of a failed lease (a full disk, for example). The next tick retries the lease. */
  onFault: (error: unknown) => void;
  metrics?: Metrics | undefined;
}

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #maintenance: QueueMaintenance;
  readonly #resumeTimer: ResumeTimer;
  readonly #states = new Map<DispatchTarget, TargetState>();
  readonly #byNumber = new Map<string, DispatchTarget[]>();
  #sandbox: DispatchTarget | undefined;
  readonly #leasing = new Set<Promise<void>>();
  /** Number of leases so far. */
  #served = 0;
  /** When each tenant was served last, as the number of leases. A target that is attached again keeps it. */
  readonly #lastServed = new WeakMap<DispatchTarget, Map<number, number>>();
  /** Leases that could not be requeued, because the store failed. The next tick repeats it. */
  #unrequeued: LeasedMessage[] = [];

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#maintenance = new QueueMaintenance({
      ...options,
      countTargets: (numberId) => this.countTargets(numberId),
      onEnded: (messages) => this.#onEnded(messages),
      onDue: (numberIds) => {
        for (const numberId of numberIds) this.#notifyBoth(numberId);
      },
    });
    this.#resumeTimer = new ResumeTimer({ ...options, onDue: (numberId) => this.#notifyBoth(numberId) });
  }

  /** Dispatches to the target from now on, beginning with the messages that are queued already. */
  attach(target: DispatchTarget): void {
    this.#states.set(target, {
      dirtyNumbers: new Set(target.numberIds),
      walks: new QueueWalks(),
      leasing: undefined,
      isNotified: false,
      nextLeaseExpiry: 0,
      mayHaveExpiredLeases: target.isJournaling,
    });
    if (target.numberIds === undefined) this.#sandbox = target;
    for (const numberId of target.numberIds ?? []) {
      const others = this.#byNumber.get(numberId) ?? [];
      // A device with a journal comes first: after a failure it can receive the message again.
      const place = target.isJournaling ? others.findIndex((other) => !other.isJournaling) : -1;
      this.#byNumber.set(numberId, place < 0 ? [...others, target] : others.toSpliced(place, 0, target));
    }
    this.#startLeasing(target);
  }

  detach(target: DispatchTarget): void {
    this.#states.delete(target);
    for (const numberId of target.numberIds ?? []) {
      const left = (this.#byNumber.get(numberId) ?? []).filter((other) => other !== target);
      if (left.length === 0) this.#byNumber.delete(numberId);
      else this.#byNumber.set(numberId, left);
    }
  }

  /** Returns the number of connected devices or providers that send texts for a live number. */
  countTargets(numberId: string): number {
    const targets = this.#byNumber.get(numberId) ?? [];
    return targets.filter((target) => target.channelsOf(numberId) !== 'whatsapp').length;
  }

  /** Call when messages of the number may be ready for dispatch. */
  notify(numberId: string, environment: Environment): void {
    const targets = environment === 'test' ? this.#sandbox && [this.#sandbox] : this.#byNumber.get(numberId);
    for (const target of targets ?? []) {
      const state = this.#states.get(target);
      state?.dirtyNumbers.add(numberId);
      state?.walks.notify(numberId);
      this.#startLeasing(target);
    }
  }

  /** Call when a target became available (credit arrived, a poll is parked). Settles after its leases. */
  async offer(target: DispatchTarget): Promise<void> {
    const state = this.#states.get(target);
    if (state === undefined) return;
    for (const numberId of target.numberIds ?? []) state.dirtyNumbers.add(numberId);
    this.#startLeasing(target);
    while (state.leasing !== undefined) await state.leasing;
  }

  /** Call when a connected target grants more credit. Its numbers were notified while it was full. */
  resume(target: DispatchTarget): void {
    this.#startLeasing(target);
  }

  /**
   * Call when a target reported on messages of these numbers: later messages to the same recipients may follow. The
   * only target of a number received them already, if it keeps the order.
   */
  reported(target: DispatchTarget, numberIds: Iterable<string>): void {
    for (const numberId of numberIds) {
      const isOnly = this.#byNumber.get(numberId)?.length === 1;
      if (!isOnly || !target.keepsOrder) this.notify(numberId, target.environment);
    }
  }

  /** Requeues leased messages that the target certainly did not begin to send. */
  requeue(messages: readonly Message[]): Promise<void> {
    return this.#requeue(messages.map((message) => ({ message, isRepeat: false })));
  }

  cancel(message: Message): void {
    for (const target of this.#states.keys()) {
      if (target.deviceId === message.deviceId) target.cancel(message);
    }
  }

  /** Ends overdue leases, expired messages and due deferrals. Call once a second. */
  async tick(): Promise<void> {
    const now = this.#options.monotonicNow();
    // Before the maintenance, which ends expired leases as unconfirmed.
    if (this.#unrequeued.length > 0) await this.#requeue(this.#unrequeued.splice(0));
    await this.#maintenance.tick();
    for (const [target, state] of this.#states) {
      const isLeaseExpiryDue = target.isJournaling && state.nextLeaseExpiry <= now;
      if (isLeaseExpiryDue) {
        state.mayHaveExpiredLeases = true;
        state.nextLeaseExpiry = now + target.leaseMs;
      }
      if (isLeaseExpiryDue || state.dirtyNumbers.size > 0) this.#startLeasing(target);
    }
  }

  /** Call when the system clock was set: limits that depend on the time of day may have ended. */
  reconsiderLimits(): void {
    this.#resumeTimer.endAll();
  }

  /** Stops timers and settles when no lease is being made. For a graceful stop. */
  async idle(): Promise<void> {
    this.#resumeTimer.stop();
    while (this.#leasing.size > 0) await Promise.all(this.#leasing);
  }

  #onEnded(messages: readonly Message[]): void {
    for (const { id, numberId, deviceId } of messages) {
      for (const target of this.#byNumber.get(numberId) ?? []) {
        if (target.deviceId === deviceId) target.forget(id);
      }
    }
    for (const numberId of new Set(messages.map((message) => message.numberId))) this.#notifyBoth(numberId);
  }

  #notifyBoth(numberId: string): void {
    this.notify(numberId, 'live');
    this.notify(numberId, 'test');
  }

  #startLeasing(target: DispatchTarget): void {
    const state = this.#states.get(target);
    if (state === undefined) return;
    if (state.leasing !== undefined) {
      state.isNotified = true;
      return;
    }
    if (!target.isReady() || (target.room() <= 0 && !state.mayHaveExpiredLeases)) return;
    state.isNotified = false;
    const leasing = this.#lease(target, state)
      .catch((error: unknown) => {
        this.#options.onFault(error);
        return false;
      })
      .then((isMore) => {
        state.leasing = undefined;
        this.#leasing.delete(leasing);
        if (isMore || state.isNotified) this.#startLeasing(target);
      });
    state.leasing = leasing;
    this.#leasing.add(leasing);
  }

  /** Returns true if more messages may be leasable. */
  async #lease(target: DispatchTarget, state: TargetState): Promise<boolean> {
    const { store, now, monotonicNow, ids, pace, messageTtlMs, metrics } = this.#options;
    const lastServed = this.#lastServed.get(target) ?? new Map<number, number>();
    this.#lastServed.set(target, lastServed);
    const request = {
      numberIds: [...state.dirtyNumbers],
      places: state.walks.places(),
      room: target.room(),
      mayHaveExpiredLeases: state.mayHaveExpiredLeases,
      lastServed,
    };
    state.dirtyNumbers.clear();
    state.mayHaveExpiredLeases = false;
    /** Numbers that were served come last, so that the next room goes to the others first. */
    const markDirty = (served: ReadonlySet<string>) => {
      for (const numberId of request.numberIds) if (!served.has(numberId)) state.dirtyNumbers.add(numberId);
      for (const numberId of served) state.dirtyNumbers.add(numberId);
    };
    let batch: LeaseBatch;
    try {
      batch = await store.transaction((tx) =>
        leaseBatch(tx, target, request, {
          pace,
          messageTtlMs,
          ids,
          now: now(),
          monotonicNow: monotonicNow(),
        }),
      );
    } catch (error) {
      markDirty(new Set());
      state.mayHaveExpiredLeases ||= request.mayHaveExpiredLeases;
      throw error;
    }
    const { leased, cancelled, servedNumbers, isFull, isCut, nextLeaseEnd, resumes } = batch;
    const places = isFull ? NO_PLACES : batch.places;
    const isMore = state.walks.update(request.numberIds, places, state.dirtyNumbers);
    for (const { message } of leased) lastServed.set(message.tenantId, ++this.#served);
    for (const message of cancelled) target.cancel(message);
    for (const [numberId, at] of resumes) this.#resumeTimer.add(numberId, at);
    // A full target may leave messages in the queue. The next credit continues with them.
    if (isFull) markDirty(servedNumbers);
    state.mayHaveExpiredLeases ||= isCut;
    if (nextLeaseEnd !== undefined) state.nextLeaseExpiry = Math.min(state.nextLeaseExpiry, nextLeaseEnd);
    if (leased.length === 0) return isMore;
    // After a second hello the target has a new state, whose leases count its credit.
    if (this.#states.get(target) !== state || !target.deliver(leased.map(({ message }) => message))) {
      state.mayHaveExpiredLeases ||= leased.some(({ isRepeat }) => isRepeat);
      await this.#requeue(leased);
      return false;
    }
    const at = now();
    state.nextLeaseExpiry = Math.min(state.nextLeaseExpiry, monotonicNow() + target.leaseMs);
    for (const { message, isRepeat } of leased) {
      if (!isRepeat) metrics?.dispatched(target.environment, at - message.createdAt);
    }
    return (isFull || isMore) && target.room() > 0;
  }

  async #requeue(leased: readonly LeasedMessage[]): Promise<void> {
    try {
      await this.#storeRequeue(leased);
    } catch (error) {
      this.#unrequeued.push(...leased);
      throw error;
    }
    for (const numberId of new Set(leased.map(({ message }) => message.numberId))) this.#notifyBoth(numberId);
  }

  async #storeRequeue(leased: readonly LeasedMessage[]): Promise<void> {
    const { store, ids, monotonicNow } = this.#options;
    const now = this.#options.now();
    await store.transaction(async (tx) => {
      for (const { message, isRepeat } of leased) {
        const current = await tx.messages.find(message.tenantId, message.id);
        if (current === undefined || current.leaseId !== message.leaseId) continue;
        if (isRepeat) {
          await tx.messages.setLeaseEnd([message], monotonicNow());
          continue;
        }
        const requeued = transition(current, { kind: 'requeue' }, now);
        if (requeued === undefined) continue;
        await recordTransition(tx, requeued, { now, ids });
        await tx.pace.forget(current.numberId, current.id, now - REQUEUED_WITHIN_MS);
      }
    });
  }
}
