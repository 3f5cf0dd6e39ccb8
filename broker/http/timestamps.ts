/** Formats times as ISO 8601 in UTC. */
let cachedAt = Number.NaN;
let cached = '';

/** Caches the last result: under load many responses contain the same millisecond, and formatting costs more than comparing. */
export function formatTime(at: number): string {
  if (at !== cachedAt) {
    cached = new Date(at).toISOString();
    cachedAt = at;
  }
  return cached;
}

export const formatTimeOrNull = (at: number | null) => (at === null ? null : formatTime(at));
