/** Computes the delay before the next attempt. It is random, so that devices do not reconnect at the same moment. */
const FIRST_MS = 500;
const MAX_MS = 15_000;

/**
 * Full jitter: a value between 0 and a limit that doubles with each attempt (the first is 0) up to 15 seconds.
 * See "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export function backoffMs(attempt: number, random: () => number): number {
  return Math.round(random() * Math.min(MAX_MS, FIRST_MS * 2 ** attempt));
}
