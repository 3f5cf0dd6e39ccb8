/** The UTC day and month that counters are kept by. Formatting a date takes 2 µs, so a day's texts are kept. */
const DAY_MS = 86_400_000;

export interface CalendarDay {
  /** `2026-11-21` */
  day: string;
  /** `2026-11` */
  month: string;
}

let cachedNumber = Number.NaN;
let kept: CalendarDay = { day: '', month: '' };

export function calendarDay(at: number): CalendarDay {
  const number = Math.floor(at / DAY_MS);
  if (number !== cachedNumber) {
    const day = new Date(at).toISOString().slice(0, 10);
    kept = { day, month: day.slice(0, 7) };
    cachedNumber = number;
  }
  return kept;
}
