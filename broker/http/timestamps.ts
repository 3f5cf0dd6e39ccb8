/** Times as every API shows them: ISO 8601, UTC. */
let shownAt = Number.NaN;
let shown = '';

/** Under load many answers name the same millisecond, and formatting takes longer than comparing. */
export function formatTime(at: number): string {
  if (at !== shownAt) {
    shown = new Date(at).toISOString();
    shownAt = at;
  }
  return shown;
}

export const formatTimeOrNull = (at: number | null) => (at === null ? null : formatTime(at));
