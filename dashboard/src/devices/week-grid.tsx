/** Shows the hours of the week in which a number sends. */
import type { NumberUsage } from '../api/types.ts';
import styles from './week-grid.module.css';

type Pace = NumberUsage['pace'];
type Weekday = NonNullable<Pace['weeklyWindows']>[number]['days'][number];

const DAYS: ReadonlyArray<{ day: Weekday; name: string }> = [
  { day: 'mon', name: 'Mon' },
  { day: 'tue', name: 'Tue' },
  { day: 'wed', name: 'Wed' },
  { day: 'thu', name: 'Thu' },
  { day: 'fri', name: 'Fri' },
  { day: 'sat', name: 'Sat' },
  { day: 'sun', name: 'Sun' },
];
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

export function WeekGrid({ pace }: { pace: Pace }) {
  if (pace.quietHours === null && pace.weeklyWindows === null) return <p>Messages are sent at any time.</p>;
  return (
    <table className={styles.grid} aria-label="Sending hours">
      <thead>
        <tr>
          <td />
          {HOURS.map((hour) => (
            <th key={hour} scope="col">
              {hour % 6 === 0 ? `${hour}:00` : ''}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {DAYS.map(({ day, name }, index) => (
          <tr key={day}>
            <th scope="row">{name}</th>
            {HOURS.map((hour) => {
              const share = openShare(pace, index, hour);
              return (
                <td key={hour} data-open={share === 1 ? 'yes' : share === 0 ? 'no' : 'part'}>
                  <span className="visually-hidden">{share === 0 ? 'closed' : 'open'}</span>
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Returns how much of the hour is open, sampled each 15 minutes. */
function openShare(pace: Pace, dayIndex: number, hour: number): number {
  const open = [0, 15, 30, 45].filter((minute) => isOpen(pace, dayIndex, hour * 60 + minute));
  return open.length / 4;
}

function isOpen({ quietHours, weeklyWindows }: Pace, dayIndex: number, minute: number): boolean {
  if (quietHours !== null && isWithin(quietHours, minute)) return false;
  if (weeklyWindows === null) return true;
  const today = DAYS[dayIndex]?.day;
  const yesterday = DAYS[(dayIndex + 6) % 7]?.day;
  return weeklyWindows.some(({ days, from, to }) => {
    const start = minutesOf(from);
    const end = minutesOf(to);
    if (start < end) return days.some((day) => day === today) && minute >= start && minute < end;
    // Over midnight: the rest belongs to the window of the day before.
    return (
      (days.some((day) => day === today) && minute >= start) ||
      (days.some((day) => day === yesterday) && minute < end)
    );
  });
}

function isWithin({ from, to }: { from: string; to: string }, minute: number): boolean {
  const start = minutesOf(from);
  const end = minutesOf(to);
  return start < end ? minute >= start && minute < end : minute >= start || minute < end;
}

function minutesOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number);
  return hours * 60 + minutes;
}
