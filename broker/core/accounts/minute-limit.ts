/**
 * Counts requests per subject (a tenant, a device or an IP address) in fixed windows in memory, by default of one minute.
 * Uses no timers: the first request of a window deletes the counters of the previous one. The memory is limited: when there
 * are too many subjects, new ones share one counter.
 */
import type { Allowance, RateLimit, RateLimits, Subject } from '../ports/rate-limits.ts';

export const WINDOW_MS = 60_000;
export const SUBJECTS_MAX = 100_000;
const SHARED = Symbol('subjects beyond the maximum');

export class MinuteLimit implements RateLimit {
  readonly #monotonicNow: () => number;
  readonly #windowMs: number;
  #windowStart = 0;
  #used = new Map<Subject | typeof SHARED, number>();

  constructor(monotonicNow: () => number, windowMs = WINDOW_MS) {
    this.#monotonicNow = monotonicNow;
    this.#windowMs = windowMs;
  }

  take(subject: Subject, limit: number, count = 1): Allowance {
    const now = this.#monotonicNow();
    const start = now - (now % this.#windowMs);
    if (start !== this.#windowStart) {
      this.#windowStart = start;
      this.#used = new Map();
    }
    const key = this.#keyOf(subject);
    const used = this.#used.get(key) ?? 0;
    const taken = Math.min(count, Math.max(0, limit - used));
    if (taken > 0) this.#used.set(key, used + taken);
    return {
      isAllowed: taken === count,
      taken,
      remaining: Math.max(0, limit - used - taken),
      retryAfterSeconds: secondsUntil(start + this.#windowMs, now),
      windowStart: start,
    };
  }

  refund(subject: Subject, { windowStart }: Pick<Allowance, 'windowStart'>, count = 1): void {
    if (windowStart !== this.#windowStart) return;
    const key = this.#keyOf(subject);
    const used = this.#used.get(key) ?? 0;
    if (used > 0) this.#used.set(key, Math.max(0, used - count));
  }

  #keyOf(subject: Subject): Subject | typeof SHARED {
    return this.#used.size < SUBJECTS_MAX || this.#used.has(subject) ? subject : SHARED;
  }
}

/** At least 1. */
export function secondsUntil(end: number, now: number): number {
  return Math.max(1, Math.ceil((end - now) / 1000));
}

/** The limits of a broker that is always alone on its database. The clock is monotonic. */
export function localLimits(monotonicNow: () => number): RateLimits {
  return { open: (_name, { windowMs } = {}) => new MinuteLimit(monotonicNow, windowMs) };
}
