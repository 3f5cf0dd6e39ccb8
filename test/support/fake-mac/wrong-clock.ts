/**
 * Changes the clock of the agent, which preloads this file: CLOCK_AHEAD_MS is its offset; with CLOCK_JUMPS=1 it also jumps
 * every 7 s.
 */
const realNow = Date.now;
const ahead = Number(process.env.CLOCK_AHEAD_MS);
const jumps = process.env.CLOCK_JUMPS === '1';
/** Time in ms after which the clock is set forward by a year. */
const yearAfterMs = Number(process.env.CLOCK_YEAR_AFTER_MS ?? Number.POSITIVE_INFINITY);
const HOUR_MS = 3_600_000;
let jumped = 0;

Date.now = () => realNow() + ahead + jumped;
if (yearAfterMs < Number.POSITIVE_INFINITY) {
  setTimeout(() => {
    jumped = 365 * 24 * HOUR_MS;
  }, yearAfterMs).unref();
}
if (jumps) {
  setInterval(() => {
    jumped = Math.round((Math.random() - 0.5) * 48) * HOUR_MS;
  }, 7_000).unref();
}
