/**
 * Hands queued messages to outlets. It promises: a message is with one device at a time; a device without a
 * journal is given a message once; messages to one person are handed out in the order they were accepted.
 *
 * A wake only marks numbers; the lease itself is a transaction that looks at the queue, so a wake too many
 * costs a look and a wake too few is made good by the next one. What was leased and could not be written to
 * the device goes back at once: it surely never began.
 */
import { firstIdAt, type IdSource } from '../../../shared/ids.ts';
import { recordTransition } from '../lifecycle/record-transition.ts';
import type { Environment } from '../model/account.ts';
import { type Message, type Trigger, transition } from '../model/message.ts';
import type { PaceDefaults } from '../model/pace.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Queries, Store } from '../ports/store.ts';
import type { DispatchTarget } from './dispatch-target.ts';
import { handOutPaced } from './paced-lease.ts';
import { paceAt } from './rate-limiter.ts';

interface TargetState {
  dirtyNumbers: Set<string>;
  /** The lease that is under way. */
  pump: Promise<void> | undefined;
  wantsAgain: boolean;
  /** When the first of its leases can end; epoch ms. */
  nextLeaseExpiry: number;
  /** Some of its leases may have ended, so that those messages are to be given to it again. */
  mayHaveExpiredLeases: boolean;
}

interface Leased {
  message: Message;
  /** It had been handed to the same device before, so it may have begun there. */
  isRepeat: boolean;
}

interface Taken {
  leased: Leased[];
  /** It took as much as it has room for. */
  isFull: boolean;
  /** Some of what it may have lost is still to be given again. */
  isCut: boolean;
  /** There may be more that could be handed out at once. */
  isMore: boolean;
  /** When more may be handed out for a number whose pace is used up (epoch ms). */
  resumes: ReadonlyMap<string, number>;
}

const SWEEP_BATCH = 500;
const REPEAT_BATCH = 200;
/** Expiry is counted in hours, so it need not be looked at every second. */
const EXPIRY_SWEEP_MS = 10_000;
/** A hand-out that did not happen is known by then. */
const GIVEN_BACK_WITHIN_MS = 10 * 60_000;
/** A timer is set for no longer, so that a clock that is set does not matter. */
const RESUME_MAX_MS = 60_000;

export class Dispatcher {
  readonly #store: Store;
  readonly #now: () => number;
  readonly #ids: IdSource;
  readonly #messageTtlMs: number;
  readonly #pace: PaceDefaults;
  readonly #after: (ms: number, run: () => void) => () => void;
  readonly #onFault: (error: unknown) => void;
  readonly #metrics: Metrics | undefined;
  readonly #states = new Map<DispatchTarget, TargetState>();
  readonly #byNumber = new Map<string, DispatchTarget[]>();
  #sandbox: DispatchTarget | undefined;
  #expiryDueAt = 0;
  /** When the numbers whose pace is used up may go on. */
  readonly #resumes = new Map<string, number>();
  #resumeTimer: { at: number; cancel: () => void } | undefined;
  readonly #pumps = new Set<Promise<void>>();

  constructor(options: {
    store: Store;
    now: () => number;
    ids: IdSource;
    /** No message lives shorter that was not given an end of its own. */
    messageTtlMs: number;
    /** For numbers that have no pace of their own. */
    pace: PaceDefaults;
    /** Runs something later; gives what calls that off. */
    after: (ms: number, run: () => void) => () => void;
    /** A lease that failed (a full disk, say) is tried again by the next sweep; this is told why. */
    onFault: (error: unknown) => void;
    metrics?: Metrics | undefined;
  }) {
    this.#store = options.store;
    this.#now = options.now;
    this.#ids = options.ids;
    this.#messageTtlMs = options.messageTtlMs;
    this.#pace = options.pace;
    this.#after = options.after;
    this.#onFault = options.onFault;
    this.#metrics = options.metrics;
  }

  /** From now on the outlet is offered what waits for its numbers, beginning with what waits already. */
  attach(target: DispatchTarget): void {
    this.#states.set(target, {
      dirtyNumbers: new Set(target.numberIds),
      pump: undefined,
      wantsAgain: false,
      nextLeaseExpiry: 0,
      mayHaveExpiredLeases: target.isJournaling,
    });
    if (target.numberIds === undefined) this.#sandbox = target;
    for (const numberId of target.numberIds ?? []) {
      const others = this.#byNumber.get(numberId) ?? [];
      // A device that journals goes first: it can be asked again when something goes wrong.
      const place = target.isJournaling ? others.findIndex((other) => !other.isJournaling) : -1;
      this.#byNumber.set(numberId, place < 0 ? [...others, target] : others.toSpliced(place, 0, target));
    }
    this.#pump(target);
  }

  detach(target: DispatchTarget): void {
    this.#states.delete(target);
    for (const numberId of target.numberIds ?? []) {
      const left = (this.#byNumber.get(numberId) ?? []).filter((other) => other !== target);
      if (left.length === 0) this.#byNumber.delete(numberId);
      else this.#byNumber.set(numberId, left);
    }
  }

  /** How many devices (or providers) are there now to take the texts of a live number. */
  countTargets(numberId: string): number {
    const targets = this.#byNumber.get(numberId) ?? [];
    return targets.filter((target) => target.channelsOf(numberId) !== 'whatsapp').length;
  }

  /** Something may be waiting for this number. */
  notify(numberId: string, environment: Environment): void {
    const targets = environment === 'test' ? this.#sandbox && [this.#sandbox] : this.#byNumber.get(numberId);
    for (const target of targets ?? []) {
      this.#states.get(target)?.dirtyNumbers.add(numberId);
      this.#pump(target);
    }
  }

  /** The outlet has room again (credit came, a poll is parked). Settles when it was offered what waits. */
  async offer(target: DispatchTarget): Promise<void> {
    const state = this.#states.get(target);
    if (state === undefined) return;
    for (const numberId of target.numberIds ?? []) state.dirtyNumbers.add(numberId);
    this.#pump(target);
    while (state.pump !== undefined) await state.pump;
  }

  /** The outlet has room again, and was there all the time: nothing can wait for it that it was not told of. */
  resume(target: DispatchTarget): void {
    this.#pump(target);
  }

  /**
   * The outlet said what became of messages of these numbers, so that others to the same people may follow. With one
   * outlet that keeps the order they did so at once.
   */
  reported(target: DispatchTarget, numberIds: Iterable<string>): void {
    for (const numberId of numberIds) {
      const isOnly = this.#byNumber.get(numberId)?.length === 1;
      if (!isOnly || !target.keepsOrder) this.notify(numberId, target.environment);
    }
  }

  /** Takes back what an outlet was handed and surely never began with. */
  requeue(messages: readonly Message[]): Promise<void> {
    return this.#giveBack(messages.map((message) => ({ message, isRepeat: false })));
  }

  cancel(message: Message): void {
    for (const target of this.#states.keys()) {
      if (target.deviceId === message.deviceId) target.cancel(message);
    }
  }

  /** Call about once a second: ends what was not reported in time, what is too old, and what was held back. */
  async tick(): Promise<void> {
    const now = this.#now();
    const { read } = this.#store;
    if ((await read.messages.unreported(now, 1)).length > 0) {
      await this.#end({ kind: 'expire_lease' }, (tx) => tx.messages.unreported(now, SWEEP_BATCH));
    }
    if ((await read.messages.expiredByOwn(now, 1)).length > 0) {
      await this.#end({ kind: 'expire' }, (tx) => tx.messages.expiredByOwn(now, SWEEP_BATCH));
    }
    if (now >= this.#expiryDueAt) {
      this.#expiryDueAt = now + EXPIRY_SWEEP_MS;
      const id = firstIdAt(now - this.#messageTtlMs);
      if ((await read.messages.expired(now, id, 1)).length > 0) {
        await this.#end({ kind: 'expire' }, (tx) => tx.messages.expired(now, id, SWEEP_BATCH));
        // There may be more than one step's worth.
        this.#expiryDueAt = now;
      }
    }
    if (await read.messages.hasDueDeferrals(now)) {
      for (const numberId of await this.#store.transaction((tx) => tx.messages.endDueDeferrals(now))) {
        this.#notifyBoth(numberId);
      }
    }
    for (const [target, state] of this.#states) {
      const isLeaseExpiryDue = target.isJournaling && state.nextLeaseExpiry <= now;
      if (isLeaseExpiryDue) {
        state.mayHaveExpiredLeases = true;
        state.nextLeaseExpiry = now + target.leaseMs;
      }
      if (isLeaseExpiryDue || state.dirtyNumbers.size > 0) this.#pump(target);
    }
  }

  /** Hands out nothing more of its own accord, and settles when no lease is under way; for a graceful stop. */
  async idle(): Promise<void> {
    this.#resumeTimer?.cancel();
    this.#resumes.clear();
    while (this.#pumps.size > 0) await Promise.all(this.#pumps);
  }

  async #end(step: Trigger, find: (tx: Queries) => Promise<Message[]>): Promise<void> {
    const now = this.#now();
    const ended = await this.#store.transaction(async (tx) => {
      const ended: Message[] = [];
      for (const message of await find(tx)) {
        const advanced = transition(message, step, now);
        if (advanced === undefined) continue;
        await recordTransition(tx, advanced, { now, ids: this.#ids });
        ended.push(message);
      }
      return ended;
    });
    for (const { id, numberId, deviceId } of ended) {
      for (const target of this.#byNumber.get(numberId) ?? []) {
        if (target.deviceId === deviceId) target.forget(id);
      }
    }
    for (const numberId of new Set(ended.map((message) => message.numberId))) this.#notifyBoth(numberId);
  }

  #notifyBoth(numberId: string): void {
    this.notify(numberId, 'live');
    this.notify(numberId, 'test');
  }

  #pump(target: DispatchTarget): void {
    const state = this.#states.get(target);
    if (state === undefined) return;
    if (state.pump !== undefined) {
      state.wantsAgain = true;
      return;
    }
    if (!target.isReady() || (target.room() <= 0 && !state.mayHaveExpiredLeases)) return;
    state.wantsAgain = false;
    const pump = this.#lease(target, state)
      .catch((error: unknown) => {
        this.#onFault(error);
        return false;
      })
      .then((isMore) => {
        state.pump = undefined;
        this.#pumps.delete(pump);
        if (isMore || state.wantsAgain) this.#pump(target);
      });
    state.pump = pump;
    this.#pumps.add(pump);
  }

  /** True when there may be more to hand out. */
  async #lease(target: DispatchTarget, state: TargetState): Promise<boolean> {
    const limit = target.room();
    const numberIds = [...state.dirtyNumbers];
    const mayHaveExpiredLeases = state.mayHaveExpiredLeases;
    state.dirtyNumbers.clear();
    state.mayHaveExpiredLeases = false;
    let taken: Taken;
    try {
      taken = await this.#store.transaction((tx) =>
        this.#take(tx, target, mayHaveExpiredLeases, numberIds, limit),
      );
    } catch (error) {
      for (const numberId of numberIds) state.dirtyNumbers.add(numberId);
      state.mayHaveExpiredLeases ||= mayHaveExpiredLeases;
      throw error;
    }
    const { leased, isFull, isCut, isMore, resumes } = taken;
    for (const [numberId, at] of resumes) this.#resumeAt(numberId, at);
    // With its room used up there may be more: it waits for the next credit.
    if (isFull) for (const numberId of numberIds) state.dirtyNumbers.add(numberId);
    if (isMore) for (const numberId of numberIds) state.dirtyNumbers.add(numberId);
    state.mayHaveExpiredLeases ||= isCut;
    if (leased.length === 0) return isMore;
    if (!this.#states.has(target) || !target.deliver(leased.map(({ message }) => message))) {
      state.mayHaveExpiredLeases ||= leased.some(({ isRepeat }) => isRepeat);
      await this.#giveBack(leased);
      return false;
    }
    const now = this.#now();
    state.nextLeaseExpiry = Math.min(state.nextLeaseExpiry, now + target.leaseMs);
    for (const { message, isRepeat } of leased) {
      if (!isRepeat) this.#metrics?.dispatched(target.environment, now - message.createdAt);
    }
    return (isFull || isMore) && target.room() > 0;
  }

  async #take(
    tx: Queries,
    target: DispatchTarget,
    mayHaveExpiredLeases: boolean,
    numberIds: readonly string[],
    limit: number,
  ): Promise<Taken> {
    const now = this.#now();
    const leased: Leased[] = [];
    let left = limit;
    /** False: there is no room, and what comes after would overtake it. */
    const give = async (message: Message, isRepeat: boolean): Promise<boolean> => {
      const takesRoom = !target.wasDelivered(message.id);
      if (takesRoom && left <= 0) return false;
      const step = transition(
        message,
        {
          kind: 'dispatch',
          deviceId: target.deviceId,
          leaseId: this.#ids(),
          leaseUntil: now + target.leaseMs,
          journaled: target.isJournaling,
        },
        now,
      );
      if (step === undefined) return true;
      await recordTransition(tx, step, { now, ids: this.#ids });
      leased.push({ message: step.message, isRepeat });
      if (takesRoom) left -= 1;
      return true;
    };
    // What the device may have lost goes before anything new, so that nothing overtakes it.
    let isCut = false;
    if (mayHaveExpiredLeases) {
      const expired = await tx.messages.nextExpiredLeases(target.deviceId, now, REPEAT_BATCH);
      for (const message of expired) if (!(await give(message, true))) break;
      isCut = leased.length < expired.length || expired.length === REPEAT_BATCH;
    }
    const resumes = new Map<string, number>();
    let isMore = false;
    for (const numberId of numberIds) {
      if (left <= 0) break;
      const { deviceId, environment, keepsOrder } = target;
      const channels = target.channelsOf(numberId);
      const next = (limit: number) =>
        tx.messages.nextQueued({ numberId, environment, channels, deviceId, keepsOrder, now, limit });
      const pace = channels === 'whatsapp' ? undefined : await paceAt(tx, numberId, this.#pace, now);
      if (pace === undefined) {
        for (const message of await next(left)) if (!(await give(message, false))) break;
        continue;
      }
      const paced = await handOutPaced(pace, {
        next,
        give: (message) => give(message, false),
        room: () => left,
      });
      isMore ||= paced.isMore;
      if (paced.until !== null) resumes.set(numberId, paced.until);
    }
    return { leased, isFull: left <= 0, isCut, isMore, resumes };
  }

  /** One timer for all numbers: the pace of the first of them to go on. */
  #resumeAt(numberId: string, at: number): void {
    this.#resumes.set(numberId, at);
    if (this.#resumeTimer !== undefined && this.#resumeTimer.at <= at) return;
    this.#resumeTimer?.cancel();
    const wait = Math.min(RESUME_MAX_MS, Math.max(1, at - this.#now()));
    this.#resumeTimer = { at, cancel: this.#after(wait, () => this.#resume()) };
  }

  #resume(): void {
    this.#resumeTimer = undefined;
    const now = this.#now();
    const due = [...this.#resumes].filter(([, at]) => at <= now);
    for (const [numberId] of due) this.#resumes.delete(numberId);
    for (const [numberId, at] of this.#resumes) this.#resumeAt(numberId, at);
    for (const [numberId] of due) this.#notifyBoth(numberId);
  }

  async #giveBack(leased: readonly Leased[]): Promise<void> {
    const now = this.#now();
    await this.#store.transaction(async (tx) => {
      for (const { message, isRepeat } of leased) {
        const current = await tx.messages.find(message.tenantId, message.id);
        if (current === undefined || current.leaseId !== message.leaseId) continue;
        if (isRepeat) {
          await tx.messages.setLeaseEnd([message], now);
          continue;
        }
        const step = transition(current, { kind: 'requeue' }, now);
        if (step === undefined) continue;
        await recordTransition(tx, step, { now, ids: this.#ids });
        await tx.pace.forget(current.numberId, current.id, now - GIVEN_BACK_WITHIN_MS);
      }
    });
    for (const numberId of new Set(leased.map(({ message }) => message.numberId))) this.#notifyBoth(numberId);
  }
}
