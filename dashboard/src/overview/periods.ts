/** Names the periods of a plot in the time zone of the viewer. */
import type { Overview } from '../api/types.ts';
import { formatClock } from '../ui/time.tsx';

const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short' });

/** "14:00" or "12 Nov", for the axis. */
export function formatTick(at: number, range: Overview['range']): string {
  return range === '24h' ? formatClock(at) : day.format(at);
}

/** "14:00–15:00", "Tue, 12 Nov 06:00–12:00" or "Tue, 12 Nov 14:00–Wed, 13 Nov 14:00". */
export function formatPeriod(at: number, range: Overview['range'], periodMs: number): string {
  const end = at + periodMs;
  if (range === '24h') return `${formatClock(at)}–${formatClock(end)}`;
  const start = `${weekday.format(at)} ${formatClock(at)}`;
  return range === '7d'
    ? `${start}–${formatClock(end)}`
    : `${start}–${weekday.format(end)} ${formatClock(end)}`;
}
