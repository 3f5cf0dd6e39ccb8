/** Tests the times of `homing send --at` and `homing webhooks replay --since`. */
import { describe, expect, it } from 'vitest';
import { readPastTime, readSendTime } from '../../cli/read-time.ts';

// The times without a zone are those of this machine, so the expected ones are too.
const NOW = new Date(2026, 10, 21, 15, 30).getTime();
const local = (...parts: [number, number, number, number, number]) => new Date(...parts).getTime();

describe('readSendTime', () => {
  it.each([
    ['+30s', NOW + 30_000],
    ['+45m', NOW + 45 * 60_000],
    ['+2h', NOW + 2 * 3_600_000],
    ['+1d', NOW + 86_400_000],
    ['18:00', local(2026, 10, 21, 18, 0)],
    ['9:05', local(2026, 10, 22, 9, 5)],
    ['15:30', local(2026, 10, 22, 15, 30)],
    ['2026-12-24T18:00', local(2026, 11, 24, 18, 0)],
    ['2026-12-24 18:00', local(2026, 11, 24, 18, 0)],
    ['2026-12-24T18:00:00Z', Date.UTC(2026, 11, 24, 18)],
    ['2026-12-24T18:00:00+02:00', Date.UTC(2026, 11, 24, 16)],
  ])('reads %s', (given, expected) => {
    expect(readSendTime(given, NOW)).toBe(expected);
  });

  it.each(['yesterday', '', '25:00', '+0s', '+9999d', '2026-11-21T15:00', '2020-01-01', '-1h', '1e3'])(
    'throws for %j and lists examples',
    (given) => {
      expect(() => readSendTime(given, NOW)).toThrow(/--at was given .*; allowed: a time within a year/);
    },
  );
});

describe('readPastTime', () => {
  it.each([
    ['90s', NOW - 90_000],
    ['2h', NOW - 2 * 3_600_000],
    ['2026-11-20T08:00', local(2026, 10, 20, 8, 0)],
  ])('reads %s', (given, expected) => {
    expect(readPastTime('--since', given, NOW)).toBe(expected);
  });

  it.each(['tomorrow', '', '2026-11-22', '+2h'])('throws for %j', (given) => {
    expect(() => readPastTime('--since', given, NOW)).toThrow(
      /--since was given .*; allowed: a time in the past/,
    );
  });
});
