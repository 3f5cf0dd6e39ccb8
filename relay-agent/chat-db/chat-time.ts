/** Converts the times of chat.db, which count from 2001, to epoch milliseconds. */

export const EPOCH_2001_MS = 978_307_200_000;
/** Rows of old versions have seconds; larger values are nanoseconds. */
export const SECONDS_MAX = 1e12;
const END_MS = Date.UTC(10_000);

/** Returns undefined for 0 and NULL (not yet), and for a time that is no date. */
export function timeFrom(value: number | null): number | undefined {
  if (value === null || value === 0) return undefined;
  return timeOf(EPOCH_2001_MS + (value < SECONDS_MAX ? value * 1000 : value / 1e6));
}

/** Returns undefined for a time before 1970 or after the year 9999. */
export function timeOf(ms: number): number | undefined {
  return ms >= 0 && ms < END_MS ? Math.round(ms) : undefined;
}
