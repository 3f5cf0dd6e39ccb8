/** Calculates when a number may send, from its daily quiet hours and its weekly sending windows. */
import { DateTime, IANAZone } from 'luxon';

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** `22:00` to `08:00`, end exclusive. A span that ends before it starts includes midnight. */
export interface TimeSpan {
  from: string;
  to: string;
}

export interface WeeklyWindow extends TimeSpan {
  /** Days on which the window starts. */
  days: readonly Weekday[];
}

export interface SendingHours {
  /** IANA name, such as `America/New_York`. */
  timeZone: string;
  quietHours: TimeSpan | null;
  weeklyWindows: readonly WeeklyWindow[] | null;
}

export interface Opening {
  /** Next time at which sending is allowed (epoch ms); `now` if it is allowed now. */
  at: number;
  /** Reason for a later time; null: allowed now. */
  reason: 'quiet_hours' | 'outside_windows' | null;
}

export function isTimeZone(name: string): boolean {
  return IANAZone.isValidZone(name);
}

/** Returns undefined if no time of the week is open. */
export function nextOpening(hours: SendingHours, now: number): Opening | undefined {
  const { quietHours, weeklyWindows, timeZone } = hours;
  if (quietHours === null && weeklyWindows === null) return { at: now, reason: null };
  const start = DateTime.fromMillis(now, { zone: timeZone });
  const reason = closedBy(hours, start);
  if (reason === null) return { at: now, reason: null };
  // An opening is always the end of the quiet hours or the start of a window.
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
  const today = WEEKDAYS[at.weekday - 1];
  const yesterday = WEEKDAYS[(at.weekday + 5) % 7];
  const isOpen = weeklyWindows.some((window) => {
    const [from, to] = [minuteOf(window.from), minuteOf(window.to)];
    const startsOn = (weekday: Weekday | undefined) => window.days.some((day) => day === weekday);
    if (from < to) return startsOn(today) && minute >= from && minute < to;
    return (startsOn(today) && minute >= from) || (startsOn(yesterday) && minute < to);
  });
  return isOpen ? null : 'outside_windows';
}

function minuteOf(time: string): number {
  const [hour, minute] = hourAndMinute(time);
  return hour * 60 + minute;
}

function hourAndMinute(time: string): [number, number] {
  const [hour = Number.NaN, minute = Number.NaN] = time.split(':').map(Number);
  return [hour, minute];
}
