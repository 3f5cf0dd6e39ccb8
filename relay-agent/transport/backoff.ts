/** How long to wait before the next attempt, so that devices that lost their broker together spread out. */
const FIRST_MS = 500;
const MAX_MS = 60_000;

/**
 * Full jitter: anything between 0 and a bound that doubles with each attempt (the first is 0) up to a minute.
 * See "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export function backoffMs(attempt: number, random: () => number): number {
  return Math.round(random() * Math.min(MAX_MS, FIRST_MS * 2 ** attempt));
}
