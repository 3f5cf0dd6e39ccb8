/**
 * Decides whether a message has expired.
 *
 * An expiry time of the send request is a time of the system clock. The time to live of other messages is a duration: if
 * the system clock is set ahead, it does not end early.
 */
import type { Message } from '../model/message.ts';

interface Times {
  /** Epoch ms. */
  now: number;
  /** Milliseconds on the monotonic clock, which started at the time of the system clock. */
  monotonicNow: number;
}

/** Returns the time at or before which messages without a requested expiry have expired. */
export function defaultExpiryTime({ now, monotonicNow }: Times): number {
  return Math.min(now, monotonicNow);
}

export function hasExpired({ expiresAt, hasRequestedExpiry }: Message, times: Times): boolean {
  return expiresAt <= (hasRequestedExpiry ? times.now : defaultExpiryTime(times));
}
