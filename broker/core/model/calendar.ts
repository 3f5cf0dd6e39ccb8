/** Formats the UTC day and month of the counters. Caches the latest day, because formatting takes 2 µs. */
const DAY_MS = 86_400_000;

export interface CalendarDay {
  /** `2026-11-21` */
  day: string;
  /** `2026-11` */
  month: string;
}

let cachedNumber = Number.NaN;
let cached: CalendarDay = { day: '', month: '' };

export function calendarDay(at: number): CalendarDay {
  const number = Math.floor(at / DAY_MS);
  if (number !== cachedNumber) {
    const day = new Date(at).toISOString().slice(0, 10);
    cached = { day, month: day.slice(0, 7) };
    cachedNumber = number;
  }
  return cached;
}
