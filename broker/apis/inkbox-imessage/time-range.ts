/** Schemas of `start_datetime`, `end_datetime` and `tz`: a range of times, also without a time zone in the times. */
import { z } from 'zod';
import { isTimeZone } from '../../../shared/sending-hours.ts';

const TIME = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:?\d\d)?)?$/i;
const TZ_MAX_CHARACTERS = 64;

const time = (name: string) =>
  z
    // An unescaped `+` in a URL arrives as a space.
    .string({ error: `'${name}' must be given once.` })
    .transform((text) => text.replace(/ (?=\d\d:?\d\d$)(?<=:.* )/, '+'))
    .refine(isTime, {
      error: `'${name}' must be a time such as 2026-11-21T15:00:00Z or 2026-11-21T15:00:00.`,
    })
    .optional();

export const timeRangeQuery = {
  start_datetime: time('start_datetime').describe('Only rows from this time on. ISO 8601.'),
  end_datetime: time('end_datetime').describe('Only rows before this time. ISO 8601.'),
  tz: z
    .string({ error: "'tz' must be given once." })
    .max(TZ_MAX_CHARACTERS, { error: `'tz' must be at most ${TZ_MAX_CHARACTERS} characters.` })
    .refine(isTimeZone, { error: "'tz' must be a name such as America/New_York." })
    .default('UTC')
    .describe('Time zone of times without an offset, such as America/New_York.'),
};

interface TimeRange {
  start_datetime?: string | undefined;
  end_datetime?: string | undefined;
  tz: string;
}

/** Returns the bounds in epoch ms. */
export function boundsOf({ start_datetime, end_datetime, tz }: TimeRange) {
  const at = (text: string | undefined) => (text === undefined ? undefined : timeIn(text, tz));
  return { since: at(start_datetime), until: at(end_datetime) };
}

/** False for a date that does not exist, such as February 30. */
function isTime(text: string): boolean {
  const [, date] = TIME.exec(text) ?? [];
  if (date === undefined || Number.isNaN(timeIn(text, 'UTC'))) return false;
  return new Date(`${date}T00:00:00Z`).toISOString().startsWith(date);
}

function timeIn(text: string, timeZone: string): number {
  const [, date, clock = '00:00', offset] = TIME.exec(text) ?? [];
  if (offset !== undefined) return Date.parse(`${date}T${clock}${offset.replace(/^(...)(\d\d)$/, '$1:$2')}`);
  const wall = Date.parse(`${date}T${clock}Z`);
  if (timeZone === 'UTC' || Number.isNaN(wall)) return wall;
  // The offset differs before and after a clock change, so the guess is corrected once.
  const guess = wall - offsetAt(wall, timeZone);
  return wall - offsetAt(guess, timeZone);
}

/** Returns how far the clocks of the zone are ahead of UTC, in milliseconds. */
function offsetAt(at: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, hourCycle: 'h23', era: 'short' },
    ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  }).formatToParts(at);
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value);
  const wall = Date.UTC(
    ...([
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
      part('second'),
    ] as const),
  );
  return wall - Math.floor(at / 1_000) * 1_000;
}
