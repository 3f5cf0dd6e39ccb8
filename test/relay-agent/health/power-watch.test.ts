/** Tests which gaps of the clock count as a sleep, with a manual clock. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watchPower } from '../../../relay-agent/health/power-watch.ts';
import { systemPrograms } from '../../../relay-agent/health/system-programs.ts';
import type { RunProgram } from '../../../relay-agent/setup/run-program.ts';

const START = Date.UTC(2026, 0, 2);
const MINUTE = 60_000;
let time = START;
let tick = () => {};
let lastSleep: [from: number, until: number];
let changes: number;
let problems: string[];
let watch: ReturnType<typeof watchPower>;

const run: RunProgram = async (program, args) => {
  const outputs: Record<string, string> = {
    'sw_vers -productVersion': '26.1\n',
    'pmset -g batt':
      "Now drawing from 'AC Power'\n -InternalBattery-0 (id=1)\t55%; charging; present: true\n",
    'pmset -g': ' sleep                10\n',
    'sysctl -n kern.sleeptime kern.waketime': lastSleep
      .map((at) => `{ sec = ${at / 1000}, usec = 1 }\n`)
      .join(''),
  };
  const stdout = outputs[[program.slice(program.lastIndexOf('/') + 1), ...args].join(' ')] ?? '';
  return { status: 0, stdout, stderr: '', isTimedOut: false };
};

beforeEach(() => {
  time = START;
  lastSleep = [0, 0];
  changes = 0;
  problems = [];
  watch = watchPower({
    programs: systemPrograms(undefined),
    run,
    now: () => time,
    after: (_, next) => {
      tick = next;
      return () => {};
    },
    onChange: () => {
      changes += 1;
    },
    onProblem: (problem) => problems.push(problem),
  });
});
afterEach(() => watch.stop());

/** Lets time pass without ticks, then ticks. */
function pass(ms: number): void {
  time += ms;
  tick();
}

const settled = () => vi.waitFor(() => expect(watch.report().battery).toBe(55));

it('the report contains the version, the battery and the delay before sleep', async () => {
  for (let second = 0; second < 6; second += 1) pass(1_000);
  await settled();
  expect(watch.report()).toEqual({ os: 'macOS 26.1', battery: 55, sleep_minutes: 10 });
  expect(changes).toBe(1);
});

it('a gap during which the kernel slept is reported at once, and for ten minutes', async () => {
  pass(1_000);
  const from = time;
  lastSleep = [from + 1_000, from + 40 * MINUTE];
  pass(40 * MINUTE);
  await vi.waitFor(() => expect(problems).toHaveLength(1));
  expect(changes).toBeGreaterThan(0);
  expect(watch.report()).toMatchObject({
    slept_from: '2026-01-02T00:00:01.000Z',
    slept_until: '2026-01-02T00:40:01.000Z',
  });
  expect(problems).toEqual([expect.stringContaining('The Mac slept until 2026-01-02T00:40:01.000Z')]);
  pass(11 * MINUTE);
  await settled();
  expect(watch.report().slept_from).toBeUndefined();
});

it('sleeps with short maintenance wakes between them count as one', async () => {
  pass(1_000);
  for (const [index, gap] of [15, 20, 30].entries()) {
    lastSleep = [time + 1_000, time + gap * MINUTE];
    pass(gap * MINUTE);
    await vi.waitFor(() => expect(problems).toHaveLength(index + 1));
    pass(5_000);
  }
  expect(watch.report()).toMatchObject({
    slept_from: '2026-01-02T00:00:01.000Z',
    slept_until: '2026-01-02T01:05:11.000Z',
  });
});

it('a clock that is set, and a sleep from before the agent, are no sleep', async () => {
  lastSleep = [START - 60 * MINUTE, START - 30 * MINUTE];
  pass(365 * 24 * 60 * MINUTE);
  await settled();
  pass(-30 * MINUTE);
  pass(1_000);
  await settled();
  expect(problems).toEqual([]);
  expect(watch.report().slept_from).toBeUndefined();
});
