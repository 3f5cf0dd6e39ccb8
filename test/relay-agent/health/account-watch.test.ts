/** Tests when the account of Messages is checked, with a manual clock and prepared results of osascript. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type AccountWatch, watchAccount } from '../../../relay-agent/health/account-watch.ts';
import type { ProgramResult } from '../../../relay-agent/setup/run-program.ts';

const MINUTE = 60_000;
let time: number;
let due: { at: number; run: () => void } | undefined;
let runs: Array<PromiseWithResolvers<ProgramResult>>;
let scripts: string[];
let changes: number;
let watch: AccountWatch;

beforeEach(() => {
  time = 0;
  due = undefined;
  runs = [];
  scripts = [];
  changes = 0;
  watch = watchAccount({
    osascript: '/usr/bin/osascript',
    run: (_, __, options) => {
      scripts.push(options?.input ?? '');
      const started = Promise.withResolvers<ProgramResult>();
      runs.push(started);
      return started.promise;
    },
    after: (ms, run) => {
      const timer = { at: time + ms, run };
      due = timer;
      return () => {
        if (due === timer) due = undefined;
      };
    },
    monotonicNow: () => time,
    onChange: () => {
      changes += 1;
    },
    onProblem: () => {},
  });
});
afterEach(() => watch.stop());

function pass(ms: number): void {
  time += ms;
  if (due === undefined || due.at > time) return;
  const { run } = due;
  due = undefined;
  run();
}

async function finish(change: Partial<ProgramResult>): Promise<void> {
  runs.at(-1)?.resolve({ status: 0, stdout: '', stderr: '', isTimedOut: false, ...change });
  await vi.waitFor(() => expect(due).toBeDefined());
}

it('the account is checked after the start and every five minutes, without opening Messages', async () => {
  pass(2_000);
  expect(scripts[0]).toMatch(/^if application "Messages" is not running then return "not running"\n/);
  await finish({ stdout: 'connected\n' });
  expect(watch.report()).toEqual({ signed_in: true, messages_running: true, automation: true });
  pass(4 * MINUTE);
  expect(runs).toHaveLength(1);
  pass(MINUTE);
  await finish({ stdout: 'none\n' });
  expect(watch.report()).toEqual({ signed_in: false, messages_running: true, automation: true });
  expect(changes).toBe(2);
});

it('one check runs at a time, and failed sends cause at most one check in ten seconds', async () => {
  pass(2_000);
  watch.checkSoon();
  watch.checkSoon();
  pass(MINUTE);
  expect(runs).toHaveLength(1);
  await finish({ stdout: 'connected\n' });
  pass(9_000);
  expect(runs).toHaveLength(1);
  pass(1_000);
  expect(runs).toHaveLength(2);
  await finish({ stdout: 'not running\n' });
  expect(watch.report()).toEqual({ messages_running: false });
  pass(MINUTE);
  watch.checkSoon();
  pass(0);
  expect(runs).toHaveLength(3);
});

it.each([
  [{ status: null, isTimedOut: true }, undefined],
  [{ status: 1, stderr: 'execution error: something else (-1)' }, undefined],
  [{ status: 1, stderr: 'execution error: Not authorized (-1743)' }, { automation: false }],
  [{ status: 1, stderr: "execution error: Application isn't running. (-600)" }, { messages_running: false }],
])('the result %j of osascript is reported as %j', async (result, expected) => {
  pass(2_000);
  await finish({ stdout: 'connected' });
  pass(5 * MINUTE);
  await finish({ stdout: '', ...result });
  expect(watch.report()).toEqual(expected ?? { signed_in: true, messages_running: true, automation: true });
  expect(changes).toBe(expected === undefined ? 1 : 2);
});

it('a script for an older Messages uses its names, and a stopped watch reports nothing', async () => {
  pass(2_000);
  runs[0]?.resolve({ status: 1, stdout: '', stderr: 'syntax error (-2741)', isTimedOut: false });
  await vi.waitFor(() => expect(scripts[1]).toContain('in services'));
  watch.stop();
  runs[1]?.resolve({ status: 0, stdout: 'none', stderr: '', isTimedOut: false });
  await new Promise(setImmediate);
  expect(due).toBeUndefined();
  expect(changes).toBe(0);
});
