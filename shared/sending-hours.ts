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
  const at = firstTime(times, { now, timeZone }, (time) => closedBy(hours, time) === null);
  return at === undefined ? undefined : { at, reason };
}

/** Limits the search of `addOpenTime`, for windows that are open for a few minutes a week. */
const PERIODS_MAX = 1_000;

/** Returns the time at which sending has been allowed for `durationMs` since `from`; undefined: never, or in years. */
export function addOpenTime(hours: SendingHours, from: number, durationMs: number): number | undefined {
  let at = from;
  let left = durationMs;
  for (let periods = 0; periods < PERIODS_MAX; periods += 1) {
    const opening = nextOpening(hours, at);
    if (opening === undefined) return undefined;
    const closing = nextClosing(hours, opening.at);
    if (closing === undefined || closing - opening.at >= left) return opening.at + left;
    left -= closing - opening.at;
    at = closing;
  }
  return undefined;
}

/** Returns the next time after `now` at which sending is not allowed; undefined: there is none within eight days. */
function nextClosing(hours: SendingHours, now: number): number | undefined {
  const { quietHours, weeklyWindows, timeZone } = hours;
  const times = [
    ...(quietHours === null ? [] : [quietHours.from]),
    ...(weeklyWindows ?? []).map(({ to }) => to),
  ];
  return firstTime(times, { now, timeZone }, (at) => closedBy(hours, at) !== null);
}

/** Returns the first time after `now`, within eight days, at one of the times of the day that fulfils the condition. */
function firstTime(
  times: readonly string[],
  { now, timeZone }: { now: number; timeZone: string },
  fulfils: (at: DateTime) => boolean,
): number | undefined {
  const start = DateTime.fromMillis(now, { zone: timeZone }).startOf('day');
  for (let days = 0; days <= 8; days += 1) {
    const date = start.plus({ days });
    const found = times
      .map((time) => {
        const [hour, minute] = hourAndMinute(time);
        return date.set({ hour, minute });
      })
      .filter((at) => at.toMillis() > now && fulfils(at));
    if (found.length > 0) return Math.min(...found.map((at) => at.toMillis()));
  }
  return undefined;
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
