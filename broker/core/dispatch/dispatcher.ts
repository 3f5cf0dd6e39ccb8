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
import { type Cluster, singleBroker } from '../ports/cluster.ts';
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
  /** Default: no other broker runs on the database. */
  cluster?: Cluster;
  /** Whether a live number has a target at another broker. */
  isServedElsewhere?: (numberId: string) => boolean | Promise<boolean>;
  /** Whether this broker ends overdue leases, expired messages and due deferrals, for all brokers. */
  isMaintainer?: () => boolean;
}

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #cluster: Cluster;
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
    this.#cluster = options.cluster ?? singleBroker('');
    this.#maintenance = new QueueMaintenance({
      ...options,
      hasTarget: (numberId) => this.hasTarget(numberId),
      onEnded: (messages) => this.#onEnded(messages),
      onDue: (numberIds) => {
        for (const numberId of numberIds) this.#notifyBoth(numberId);
      },
    });
    this.#resumeTimer = new ResumeTimer({ ...options, onDue: (numberId) => this.#notifyBothHere(numberId) });
    this.#followCluster();
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

  /** Returns the live numbers with a target here. */
  liveNumbers(): string[] {
    return [...this.#byNumber.keys()];
  }

  servesSandbox(): boolean {
    return this.#sandbox !== undefined && this.#states.has(this.#sandbox);
  }

  /** Whether a device or a provider, here or at another broker, sends texts for a live number. */
  hasTarget(numberId: string): boolean | Promise<boolean> {
    const { isServedElsewhere = () => false } = this.#options;
    return this.countTargets(numberId) > 0 || isServedElsewhere(numberId);
  }

  /** Returns the number of devices connected here, and providers, that send texts for a live number. */
  countTargets(numberId: string): number {
    const targets = this.#byNumber.get(numberId) ?? [];
    return targets.filter((target) => target.channelsOf(numberId) !== 'whatsapp').length;
  }

  /** Call when messages of the number may be ready for dispatch, here or at another broker. */
  notify(numberId: string, environment: Environment): void {
    this.notifyHere(numberId, environment);
    this.#cluster.send({ kind: 'queue', numberId, environment });
  }

  /** Call when another broker or process says so, or when they may be ready by a limit that ended. */
  notifyHere(numberId: string, environment: Environment): void {
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

  /** Asks the device that has the message to cancel it. */
  cancel(message: Message): void {
    const { id: messageId, tenantId, deviceId } = message;
    if (this.cancelHere(message) || deviceId === null) return;
    this.#cluster.send({ kind: 'cancel', tenantId, messageId, deviceId });
  }

  /** Returns whether the device is connected here. */
  cancelHere(message: Message): boolean {
    const target = [...this.#states.keys()].find(({ deviceId }) => deviceId === message.deviceId);
    target?.cancel(message);
    return target !== undefined;
  }

  /** Ends overdue leases, expired messages and due deferrals. Call once a second. */
  async tick(): Promise<void> {
    const { monotonicNow, isMaintainer = () => true } = this.#options;
    const now = monotonicNow();
    // Before the maintenance, which ends expired leases as unconfirmed.
    if (this.#unrequeued.length > 0) await this.#requeue(this.#unrequeued.splice(0));
    if (isMaintainer()) await this.#maintenance.tick();
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

  #followCluster(): void {
    const { store, onFault } = this.#options;
    this.#cluster.onMessage('queue', ({ numberId, environment }) => this.notifyHere(numberId, environment));
    this.#cluster.onMessage('cancel', ({ tenantId, messageId, deviceId }) => {
      if (![...this.#states.keys()].some((target) => target.deviceId === deviceId)) return;
      store.read.messages
        .findItem(tenantId, messageId)
        .then((message) => message && this.cancelHere(message))
        .catch(onFault);
    });
    this.#cluster.onMessage('ended', ({ numberId, deviceId, messageIds }) => {
      for (const id of messageIds) this.#forgetHere(numberId, deviceId, id);
    });
  }

  #forgetHere(numberId: string, deviceId: string, messageId: string): boolean {
    const target = this.#byNumber.get(numberId)?.find((one) => one.deviceId === deviceId);
    target?.forget(messageId);
    return target !== undefined;
  }

  #onEnded(messages: readonly Message[]): void {
    const elsewhere: Message[] = [];
    for (const message of messages) {
      const { id, numberId, deviceId } = message;
      if (deviceId !== null && !this.#forgetHere(numberId, deviceId, id)) elsewhere.push(message);
    }
    for (const ended of Map.groupBy(
      elsewhere,
      ({ numberId, deviceId }) => `${numberId} ${deviceId}`,
    ).values()) {
      const [{ numberId, deviceId }] = ended as [Message];
      const messageIds = ended.map(({ id }) => id);
      this.#cluster.send({ kind: 'ended', numberId, deviceId: deviceId ?? '', messageIds });
    }
    for (const numberId of new Set(messages.map((message) => message.numberId))) this.#notifyBoth(numberId);
  }

  #notifyBothHere(numberId: string): void {
    this.notifyHere(numberId, 'live');
    this.notifyHere(numberId, 'test');
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
    const { leased, contexts, cancelled, servedNumbers, isFull, isCut, nextLeaseEnd, resumes } = batch;
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
    const messages = leased.map(({ message }) => message);
    // If the process was paused meanwhile, another broker may have delivered them.
    const isDelivered =
      this.#states.get(target) === state && this.#cluster.isCurrent() && target.deliver(messages, contexts);
    if (!isDelivered) {
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
        const current = await tx.messages.findItem(message.tenantId, message.id);
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
