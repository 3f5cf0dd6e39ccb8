/**
 * Counts one rate limit for all brokers on a database.
 *
 * - While the broker is alone, it counts in memory.
 * - Otherwise a take waits until the table has counted it. Earlier counts in memory are added to the table with the next
 *   request for the subject.
 */
import { SUBJECTS_MAX, secondsUntil } from '../core/accounts/minute-limit.ts';
import { unavailable } from '../core/model/errors.ts';
import type { Allowance, RateLimit, Subject, WindowCount, WindowRequest } from '../core/ports/rate-limits.ts';

const SUBJECT_MAX_LENGTH = 300;
/** Subject of all subjects beyond the maximum. */
const OTHERS = 'other subjects';

export interface SharedLimitOptions {
  name: string;
  windowMs: number;
  isRefunded: boolean;
  /** Epoch ms on the clock of the database server. */
  now: () => number;
  /** Whether this broker counts in memory, in a window of this age. */
  countsInMemory(windowAgeMs: number): boolean;
  /** Whether the table does not answer. */
  isFailing(): boolean;
  /** Called when takes or counts wait for the table. */
  onWaiting: () => void;
}

interface WaitingTake {
  limit: number;
  count: number;
  resolve: (allowance: Allowance) => void;
  reject: (error: unknown) => void;
}

/** A request to the table, and the takes that wait for it. */
export interface GroupedTakes {
  owner: SharedLimit;
  subject: Subject;
  request: WindowRequest;
  takes: readonly WaitingTake[];
}

export class SharedLimit implements RateLimit {
  readonly #options: SharedLimitOptions;
  #windowStart = 0;
  /** The latest counts of the table in this window. */
  #known = new Map<Subject, number>();
  /** Counts in memory that the table does not contain; negative: refunds. */
  #unwritten = new Map<Subject, number>();
  #waiting = new Map<Subject, WaitingTake[]>();

  constructor(options: SharedLimitOptions) {
    this.#options = options;
  }

  take(subject: Subject, limit: number, count = 1): Allowance | Promise<Allowance> {
    const { now, countsInMemory, isFailing, isRefunded, onWaiting } = this.#options;
    const at = now();
    this.#enterWindowAt(at);
    const key = this.#keyOf(subject);
    if (countsInMemory(at - this.#windowStart)) return this.#takeInMemory(key, limit, count);
    const used = this.#known.get(key) ?? 0;
    if (!isRefunded && used >= limit) return this.#allowance(limit, used, { taken: 0, count });
    if (isFailing()) return Promise.reject(cannotCount());
    return new Promise((resolve, reject) => {
      const take = { limit, count, resolve, reject };
      const takes = this.#waiting.get(key);
      if (takes === undefined) this.#waiting.set(key, [take]);
      else takes.push(take);
      onWaiting();
    });
  }

  refund(subject: Subject, { windowStart }: Pick<Allowance, 'windowStart'>, count = 1): void {
    const { now, countsInMemory, onWaiting } = this.#options;
    const at = now();
    this.#enterWindowAt(at);
    if (windowStart !== this.#windowStart || count === 0) return;
    this.#addUnwritten(this.#keyOf(subject), -count);
    if (!countsInMemory(at - this.#windowStart)) onWaiting();
  }

  /** Returns up to `max` requests to the table: of takes that wait, then of counts in memory. */
  collect(max: number): GroupedTakes[] {
    const now = this.#options.now();
    this.#enterWindowAt(now);
    const groups: GroupedTakes[] = [];
    for (const [subject, takes] of this.#waiting) {
      if (groups.length === max) return groups;
      const [{ limit }] = takes as [WaitingTake];
      // The limit of an account may just have changed.
      const same = takes.filter((take) => take.limit === limit);
      if (same.length === takes.length) this.#waiting.delete(subject);
      else
        this.#waiting.set(
          subject,
          takes.filter((take) => take.limit !== limit),
        );
      groups.push(this.#group(subject, limit, same));
    }
    if (this.#options.countsInMemory(now - this.#windowStart)) return groups;
    const subjects = new Set(groups.map(({ subject }) => subject));
    for (const subject of this.#unwritten.keys()) {
      if (groups.length === max) return groups;
      if (!subjects.has(subject)) groups.push(this.#group(subject, 0, []));
    }
    return groups;
  }

  /** Call with the answer of the table. */
  settle({ subject, takes }: GroupedTakes, { windowStart, used, granted }: WindowCount): void {
    if (windowStart > this.#windowStart) this.#beginWindow(windowStart);
    if (windowStart === this.#windowStart) this.#known.set(subject, used);
    let left = granted;
    let usedBefore = used - granted;
    for (const { limit, count, resolve } of takes) {
      const taken = Math.min(count, left);
      left -= taken;
      resolve(this.#allowance(limit, usedBefore, { taken, count, windowStart }));
      usedBefore += taken;
    }
  }

  /** Call if the table does not answer. */
  fail({ subject, request, takes }: GroupedTakes): void {
    this.#enterWindowAt(this.#options.now());
    if (request.windowStart === this.#windowStart) this.#addUnwritten(subject, request.carried);
    for (const { reject } of takes) reject(cannotCount());
  }

  /** Rejects the takes that wait and that no request to the table contains. */
  failWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = new Map();
    for (const takes of waiting.values()) for (const { reject } of takes) reject(cannotCount());
  }

  #takeInMemory(subject: Subject, limit: number, count: number): Allowance {
    const used = (this.#known.get(subject) ?? 0) + (this.#unwritten.get(subject) ?? 0);
    const taken = Math.min(count, Math.max(0, limit - used));
    if (taken > 0) this.#addUnwritten(subject, taken);
    return this.#allowance(limit, used, { taken, count });
  }

  #group(subject: Subject, limit: number, takes: readonly WaitingTake[]): GroupedTakes {
    const { name, windowMs } = this.#options;
    const carried = this.#unwritten.get(subject) ?? 0;
    this.#unwritten.delete(subject);
    const wanted = takes.reduce((sum, { count }) => sum + count, 0);
    const request = {
      ...{ name, subject: String(subject), windowStart: this.#windowStart, windowMs },
      ...{ carried, wanted, limit },
    };
    return { owner: this, subject, request, takes };
  }

  #allowance(
    limit: number,
    usedBefore: number,
    { taken, count, windowStart = this.#windowStart }: { taken: number; count: number; windowStart?: number },
  ): Allowance {
    return {
      isAllowed: taken === count,
      taken,
      remaining: Math.max(0, limit - usedBefore - taken),
      retryAfterSeconds: secondsUntil(windowStart + this.#options.windowMs, this.#options.now()),
      windowStart,
    };
  }

  #addUnwritten(subject: Subject, count: number): void {
    const sum = (this.#unwritten.get(subject) ?? 0) + count;
    if (sum === 0) this.#unwritten.delete(subject);
    else this.#unwritten.set(subject, sum);
  }

  #enterWindowAt(now: number): void {
    const { windowMs } = this.#options;
    const start = now - (now % windowMs);
    // Corrections of the clock can set it back over the start of the window.
    if (start > this.#windowStart || start < this.#windowStart - windowMs) this.#beginWindow(start);
  }

  #beginWindow(start: number): void {
    this.#windowStart = start;
    this.#known = new Map();
    this.#unwritten = new Map();
  }

  #keyOf(given: Subject): Subject {
    const subject = typeof given === 'string' ? storable(given) : given;
    const maps = [this.#known, this.#unwritten, this.#waiting];
    const isFull = this.#known.size + this.#unwritten.size + this.#waiting.size >= SUBJECTS_MAX;
    return isFull && !maps.some((map) => map.has(subject)) ? OTHERS : subject;
  }
}

const cannotCount = () =>
  unavailable('The rate limits cannot be counted at the moment. Retry the request later.');

/** PostgreSQL stores no NUL characters. */
const storable = (subject: string) =>
  subject.slice(0, SUBJECT_MAX_LENGTH).replaceAll('\0', '').toWellFormed();
