/**
 * Counts requests per subject (a tenant, a device or an IP address) in fixed windows in memory, by default of one minute.
 * Uses no timers: the first request of a window deletes the counters of the previous one. The clock is monotonic. The
 * memory is limited: when there are too many subjects, new ones share one counter.
 */
const WINDOW_MS = 60_000;
const SUBJECTS_MAX = 100_000;
const SHARED = Symbol('subjects beyond the maximum');

type Subject = string | number | typeof SHARED;

export interface Allowance {
  isAllowed: boolean;
  remaining: number;
  /** Seconds until the window ends; at least 1. */
  retryAfterSeconds: number;
}

export class MinuteLimit {
  readonly #monotonicNow: () => number;
  readonly #windowMs: number;
  #windowStart = 0;
  #used = new Map<Subject, number>();

  constructor(monotonicNow: () => number, windowMs = WINDOW_MS) {
    this.#monotonicNow = monotonicNow;
    this.#windowMs = windowMs;
  }

  take(subject: string | number, limit: number): Allowance {
    const now = this.#monotonicNow();
    const start = now - (now % this.#windowMs);
    if (start !== this.#windowStart) {
      this.#windowStart = start;
      this.#used = new Map();
    }
    const key = this.#keyOf(subject);
    const used = this.#used.get(key) ?? 0;
    const retryAfterSeconds = Math.max(1, Math.ceil((start + this.#windowMs - now) / 1000));
    if (used >= limit) return { isAllowed: false, remaining: 0, retryAfterSeconds };
    this.#used.set(key, used + 1);
    return { isAllowed: true, remaining: limit - used - 1, retryAfterSeconds };
  }

  /** Reverts a `take` whose request was not executed. */
  refund(subject: string | number): void {
    const key = this.#keyOf(subject);
    const used = this.#used.get(key) ?? 0;
    if (used > 0) this.#used.set(key, used - 1);
  }

  #keyOf(subject: string | number): Subject {
    return this.#used.size < SUBJECTS_MAX || this.#used.has(subject) ? subject : SHARED;
  }
}
