/** When in the week a number may send: quiet hours of every day, and windows outside of which nothing goes out. */
import { DateTime, IANAZone } from 'luxon';

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** `22:00` to `08:00`, the end not included. One that ends before it begins goes on over midnight. */
export interface TimeSpan {
  from: string;
  to: string;
}

export interface WeeklyWindow extends TimeSpan {
  /** On which it begins. */
  days: readonly Weekday[];
}

export interface SendingHours {
  /** IANA's name, such as `America/New_York`. */
  timeZone: string;
  quietHours: TimeSpan | null;
  weeklyWindows: readonly WeeklyWindow[] | null;
}

export interface Opening {
  /** When sending is allowed next (epoch ms); now where it is allowed now. */
  at: number;
  /** What keeps it until then. */
  reason: 'quiet_hours' | 'outside_windows' | null;
}

export function isTimeZone(name: string): boolean {
  return IANAZone.isValidZone(name);
}

/** Undefined: no moment of the week is open. */
export function nextOpening(hours: SendingHours, now: number): Opening | undefined {
  const { quietHours, weeklyWindows, timeZone } = hours;
  if (quietHours === null && weeklyWindows === null) return { at: now, reason: null };
  const start = DateTime.fromMillis(now, { zone: timeZone });
  const reason = closedBy(hours, start);
  if (reason === null) return { at: now, reason: null };
  // It opens when quiet hours end or a window begins, and not between.
  const times = [
    ...(quietHours === null ? [] : [quietHours.to]),
    ...(weeklyWindows ?? []).map(({ from }) => from),
  ];
  const openings: number[] = [];
  for (let days = 0; days <= 8 && openings.length === 0; days += 1) {
    const date = start.startOf('day').plus({ days });
    for (const time of times) {
      const [hour, minute] = hourAndMinute(time);
      const at = date.set({ hour, minute });
      if (at.toMillis() > now && closedBy(hours, at) === null) openings.push(at.toMillis());
    }
  }
  return openings.length === 0 ? undefined : { at: Math.min(...openings), reason };
}

function closedBy({ quietHours, weeklyWindows }: SendingHours, at: DateTime): Opening['reason'] {
  const minute = at.hour * 60 + at.minute;
  if (quietHours !== null) {
    const [from, to] = [minuteOf(quietHours.from), minuteOf(quietHours.to)];
    const isQuiet = from < to ? minute >= from && minute < to : minute >= from || minute < to;
    if (isQuiet) return 'quiet_hours';
  }
  if (weeklyWindows === null) return null;
  const today = WEEKDAYS[at.weekday - 1]!;
  const yesterday = WEEKDAYS[(at.weekday + 5) % 7]!;
  const isOpen = weeklyWindows.some(({ days, from: begins, to: ends }) => {
    const [from, to] = [minuteOf(begins), minuteOf(ends)];
    if (from < to) return days.includes(today) && minute >= from && minute < to;
    return (days.includes(today) && minute >= from) || (days.includes(yesterday) && minute < to);
  });
  return isOpen ? null : 'outside_windows';
}

function minuteOf(time: string): number {
  const [hour, minute] = hourAndMinute(time);
  return hour * 60 + minute;
}

function hourAndMinute(time: string): [number, number] {
  const [hour, minute] = time.split(':').map(Number);
  return [hour!, minute!];
}
