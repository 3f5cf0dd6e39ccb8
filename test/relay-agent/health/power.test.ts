/** Tests the parsers with outputs of real Macs. */
import { describe, expect, it } from 'vitest';
import { parseBattery, parseLastSleep, parseSleepMinutes } from '../../../relay-agent/health/power.ts';

/** Printed by macOS 26 on Apple silicon. */
const SETTINGS = `System-wide power settings:
Currently in use:
 standby              1
 Sleep On Power Button 1
 hibernatefile        /var/vm/sleepimage
 powernap             1
 networkoversleep     0
 disksleep            10
 sleep                1 (sleep prevented by coreaudiod)
 hibernatemode        3
 ttyskeepawake        1
 displaysleep         10
 tcpkeepalive         1
`;

describe('the outputs of pmset', () => {
  it.each([
    ["Now drawing from 'AC Power'\n", { isOnBattery: false }],
    [
      "Now drawing from 'AC Power'\n -InternalBattery-0 (id=3735651)\t97%; charged; 0:00 remaining present: true\n",
      { isOnBattery: false, battery: 97 },
    ],
    [
      "Now drawing from 'Battery Power'\n -InternalBattery-0 (id=6094947)        6%; discharging; (no estimate) present: true\n",
      { isOnBattery: true, battery: 6 },
    ],
    ['', {}],
  ])('parseBattery parses %j', (text, expected) => {
    expect(parseBattery(text)).toEqual({ battery: undefined, isOnBattery: undefined, ...expected });
  });

  it('parseSleepMinutes ignores the disk and the display, and temporary reasons to stay awake', () => {
    expect(parseSleepMinutes(SETTINGS)).toBe(1);
    expect(parseSleepMinutes(SETTINGS.replace('coreaudiod', 'powerd, caffeinate'))).toBe(0);
    expect(parseSleepMinutes(SETTINGS.replace(/ sleep .*/, ' sleep\t\t0'))).toBe(0);
    expect(parseSleepMinutes(SETTINGS.replace(/ sleep .*\n/, ''))).toBeUndefined();
  });
});

it('parseLastSleep parses the times of the kernel', () => {
  const text =
    '{ sec = 1767323045, usec = 12 } Fri Jan  2 03:04:05 2026\n{ sec = 1767323100, usec = 0 } Fri Jan  2 03:05:00 2026\n';
  expect(parseLastSleep(text)).toEqual({ from: 1_767_323_045_000, until: 1_767_323_100_000 });
  expect(
    parseLastSleep('{ sec = 0, usec = 0 } Thu Jan  1\n{ sec = 0, usec = 0 } Thu Jan  1\n'),
  ).toBeUndefined();
  expect(parseLastSleep('')).toBeUndefined();
});
