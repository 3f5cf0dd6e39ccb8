/** Shows times in the time zone of the viewer: short in place, exact on hover. */
import { useEffect, useState } from 'react';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' });
const fullWeekday = new Intl.DateTimeFormat(undefined, { weekday: 'long' });
const dayAndMonth = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const dayMonthYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
const exact = new Intl.DateTimeFormat(undefined, {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
  timeZoneName: 'short',
});

export const formatClock = (at: number) => clock.format(at);
export const formatExact = (at: number) => exact.format(at);

/** "14:05" today, "Tue" within a week, "12 Nov" this year, "12 Nov 2025" before. Also for the future. */
export function formatShort(at: number, now: number): string {
  const days = dayNumber(at) - dayNumber(now);
  if (days === 0) return clock.format(at);
  if (Math.abs(days) < 7) return weekday.format(at);
  return new Date(at).getFullYear() === new Date(now).getFullYear()
    ? dayAndMonth.format(at)
    : dayMonthYear.format(at);
}

/** "14:05" today, "Tue 14:05" on another day. */
export function formatMoment(at: number, now: number): string {
  const short = formatShort(at, now);
  const time = clock.format(at);
  return short === time ? time : `${short} ${time}`;
}

/** "now", "2 min", "3 h", "5 days": the distance to now. */
export function formatAge(at: number, now: number): string {
  const distance = Math.abs(now - at);
  if (distance < MINUTE) return distance < 10_000 ? 'now' : `${Math.round(distance / 1_000)} s`;
  if (distance < HOUR) return `${Math.round(distance / MINUTE)} min`;
  if (distance < DAY) return `${Math.round(distance / HOUR)} h`;
  const days = Math.round(distance / DAY);
  return days === 1 ? '1 day' : `${days} days`;
}

/** "Today", "Yesterday", "Tuesday", "12 Nov", for the separators of a conversation. */
export function formatDay(at: number, now: number): string {
  const days = dayNumber(now) - dayNumber(at);
  if (days === 0) return 'Today';
  if (days === 1) return 'Yesterday';
  if (days > 1 && days < 7) return fullWeekday.format(at);
  return new Date(at).getFullYear() === new Date(now).getFullYear()
    ? dayAndMonth.format(at)
    : dayMonthYear.format(at);
}

/** Number of the day in the time zone of the viewer. */
export function dayNumber(at: number): number {
  const date = new Date(at);
  return Math.floor(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / DAY);
}

/** Returns the current time, renewed each half minute. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), MINUTE / 2);
    return () => clearInterval(timer);
  }, []);
  return now;
}

export function Time({ at, form = 'short' }: { at: number; form?: 'short' | 'age' | 'clock' | 'exact' }) {
  const now = useNow();
  const text =
    form === 'short'
      ? formatShort(at, now)
      : form === 'age'
        ? formatAge(at, now)
        : form === 'clock'
          ? formatClock(at)
          : formatExact(at);
  return (
    <time
      dateTime={new Date(at).toISOString()}
      title={formatExact(at)}
      style={{ fontVariantNumeric: 'tabular-nums' }}
    >
      {text}
    </time>
  );
}
