/**
 * Defines the rate limits of a broker: counts of a subject (a tenant, an address or a member) in fixed windows. The limits
 * count for all brokers on a database together.
 */

export type Subject = string | number;

export interface Allowance {
  /** Whether everything was taken. */
  isAllowed: boolean;
  /** Number of units that were taken: at most as many as the limit still allowed. */
  taken: number;
  remaining: number;
  /** Seconds until the window ends; at least 1. */
  retryAfterSeconds: number;
  /** Identifies the window. */
  windowStart: number;
}

export interface RateLimit {
  /** Takes up to `count` units (default: 1). Returns synchronously unless the broker must ask the database. */
  take(subject: Subject, limit: number, count?: number): Allowance | Promise<Allowance>;
  /** Reverts a `take`, or `count` units of it. Has no effect after the end of its window. */
  refund(subject: Subject, allowance: Pick<Allowance, 'windowStart'>, count?: number): void;
}

export interface RateLimitOptions {
  /** Length of a window; default: one minute. */
  windowMs?: number;
  /** Whether units are refunded. A limit without refunds rejects from memory once it is reached. */
  isRefunded?: boolean;
}

export interface RateLimits {
  /** Opens the limit of this name. Call it once for each name. */
  open(name: string, options?: RateLimitOptions): RateLimit;
}

/** A request to count units of a subject in a window. */
export interface WindowRequest {
  name: string;
  subject: string;
  windowStart: number;
  windowMs: number;
  /** Units that were counted elsewhere before, or refunded ones if negative. */
  carried: number;
  /** Units to take. */
  wanted: number;
  limit: number;
}

export interface WindowCount {
  /** Can be the next window, because the clocks of brokers differ by some milliseconds. */
  windowStart: number;
  /** Units that are taken in the window, including the granted ones. */
  used: number;
  granted: number;
}

export interface RateWindowQueries {
  /** Deletes up to `limit` windows that began before the time. Returns the number of deletions. */
  purge(before: number, limit: number): Promise<number>;
}

/** The windows of all brokers on a database. */
export interface RateWindows {
  /**
   * Counts all requests, one for each subject of a name, and returns the counts in the same order. Returns undefined if the
   * broker is none of the brokers on the database any more.
   */
  count(requests: readonly WindowRequest[]): Promise<WindowCount[] | undefined>;
  /** Drops the connection; the next call opens another one. */
  reset(): void;
  close(): Promise<void>;
}
