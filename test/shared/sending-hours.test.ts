import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addOpenTime,
  isTimeZone,
  nextOpening,
  type SendingHours,
  WEEKDAYS,
} from '../../shared/sending-hours.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const night = { from: '22:00', to: '08:00' };
const office = [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'] as const, from: '09:00', to: '17:30' }];
const hours = (change: Partial<SendingHours>): SendingHours => ({
  timeZone: 'UTC',
  quietHours: null,
  weeklyWindows: null,
  ...change,
});
const at = (text: string) => Date.parse(text);
const opening = (change: Partial<SendingHours>, now: string) => {
  const found = nextOpening(hours(change), at(now));
  return found && [new Date(found.at).toISOString(), found.reason];
};

describe('nextOpening', () => {
  it.each([
    ['no limits', {}, '2026-11-21T03:00:00Z', '2026-11-21T03:00:00.000Z', null],
    [
      'quiet hours, before midnight',
      { quietHours: night },
      '2026-11-21T23:10:05Z',
      '2026-11-22T08:00:00.000Z',
      'quiet_hours',
    ],
    [
      'quiet hours, after midnight',
      { quietHours: night },
      '2026-11-21T03:00:00Z',
      '2026-11-21T08:00:00.000Z',
      'quiet_hours',
    ],
    [
      'the end of the quiet hours',
      { quietHours: night },
      '2026-11-21T08:00:00Z',
      '2026-11-21T08:00:00.000Z',
      null,
    ],
    [
      'the start of the quiet hours',
      { quietHours: night },
      '2026-11-21T22:00:00Z',
      '2026-11-22T08:00:00.000Z',
      'quiet_hours',
    ],
    [
      'quiet hours in another time zone',
      { quietHours: night, timeZone: 'America/New_York' },
      '2026-11-21T03:00:00Z',
      '2026-11-21T13:00:00.000Z',
      'quiet_hours',
    ],
    [
      'weekly windows, on a Saturday',
      { weeklyWindows: office },
      '2026-11-21T12:00:00Z',
      '2026-11-23T09:00:00.000Z',
      'outside_windows',
    ],
    [
      'weekly windows, on a Monday',
      { weeklyWindows: office },
      '2026-11-23T12:00:00Z',
      '2026-11-23T12:00:00.000Z',
      null,
    ],
    [
      'weekly windows and quiet hours',
      { weeklyWindows: office, quietHours: { from: '00:00', to: '10:00' } },
      '2026-11-21T12:00:00Z',
      '2026-11-23T10:00:00.000Z',
      'outside_windows',
    ],
    [
      'a window over midnight, on the next day',
      { weeklyWindows: [{ days: ['fri'] as const, from: '20:00', to: '02:00' }] },
      '2026-11-21T01:00:00Z',
      '2026-11-21T01:00:00.000Z',
      null,
    ],
    // On 2026-03-29 the clocks of Berlin go from 02:00 to 03:00.
    [
      'an end of the quiet hours that is skipped by daylight saving time',
      { quietHours: { from: '22:00', to: '02:30' }, timeZone: 'Europe/Berlin' },
      '2026-03-29T00:30:00Z',
      '2026-03-29T01:30:00.000Z',
      'quiet_hours',
    ],
  ] as const)(
    'nextOpening returns the next time with an allowed send: %s',
    (_, change, now, opens, reason) => {
      expect(opening(change as Partial<SendingHours>, now)).toEqual([opens, reason]);
    },
  );

  it('nextOpening returns undefined if quiet hours cover every window', () => {
    const closed = { weeklyWindows: [{ days: ['mon'] as const, from: '09:00', to: '10:00' }] };
    expect(
      opening({ ...closed, quietHours: { from: '08:00', to: '11:00' } }, '2026-11-21T12:00:00Z'),
    ).toBeUndefined();
  });

  it('nextOpening returns the same time as a search through all minutes', () => {
    const time = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 15, 30, 59))
      .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);
    const span = fc.record({ from: time, to: time }).filter(({ from, to }) => from !== to);
    const window = fc
      .tuple(fc.subarray([...WEEKDAYS], { minLength: 1 }), span)
      .map(([days, one]) => ({ ...one, days }));
    const start = at('2026-11-21T00:00:00Z');
    fc.assert(
      fc.property(
        fc.option(span),
        fc.option(fc.array(window, { minLength: 1, maxLength: 3 })),
        fc.integer({ min: 0, max: 7 * 24 * 60 - 1 }),
        (quietHours, weeklyWindows, minute) => {
          const one = hours({ quietHours, weeklyWindows });
          const now = start + minute * MINUTE;
          const found = nextOpening(one, now);
          const isOpen = (moment: number) => nextOpening(one, moment)?.reason === null;
          let first: number | undefined;
          for (let moment = now; moment <= now + 8 * 24 * HOUR && first === undefined; moment += MINUTE) {
            if (isOpen(moment)) first = moment;
          }
          expect(found?.at).toBe(first);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('isTimeZone accepts only existing time zones', () => {
    expect(['Europe/Berlin', 'America/New_York', 'UTC', 'Mars/Olympus', ''].map(isTimeZone)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('addOpenTime', () => {
  const added = (change: Partial<SendingHours>, from: string, ms: number) => {
    const end = addOpenTime(hours(change), at(from), ms);
    return end && new Date(end).toISOString();
  };

  it.each([
    ['no limits', {}, '2026-11-21T12:00:00Z', 24, '2026-11-22T12:00:00.000Z'],
    ['quiet hours', { quietHours: night }, '2026-11-21T12:00:00Z', 24, '2026-11-22T22:00:00.000Z'],
    ['a start in quiet hours', { quietHours: night }, '2026-11-21T23:00:00Z', 1, '2026-11-22T09:00:00.000Z'],
    [
      'weekly windows over a weekend',
      { weeklyWindows: office },
      '2026-11-20T16:30:00Z',
      2,
      '2026-11-23T10:00:00.000Z',
    ],
    ['no open time', { weeklyWindows: [] }, '2026-11-20T16:30:00Z', 2, undefined],
  ] as const)('adds the time with %s', (_, change, from, wanted, end) => {
    expect(added(change, from, wanted * HOUR)).toBe(end);
  });

  it('adds exactly the open minutes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 7 * 24 * 60 }),
        fc.integer({ min: 1, max: 40 * 60 }),
        (start, minutes) => {
          const from = at('2026-11-16T00:00:00Z') + start * MINUTE;
          const change = hours({ quietHours: night, weeklyWindows: office });
          let open = 0;
          let end = from;
          for (; open < minutes; end += MINUTE) if (nextOpening(change, end)?.reason === null) open += 1;
          expect(addOpenTime(change, from, minutes * MINUTE)).toBe(end);
        },
      ),
      { numRuns: 20 },
    );
  });
});
