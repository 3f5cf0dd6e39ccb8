/** Tests the health of an unattended Mac: the real agent and broker, and fake programs of macOS. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type EventSource, openEventSource } from '../support/event-source.ts';
import { SetupMac } from '../support/fake-mac/setup-mac.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { clientFor } from '../support/http-client.ts';
import { createSetupLink } from '../support/setup-link.ts';
import { until } from '../support/until.ts';

let homing: HomingProcess;
let mac: SetupMac;
let number: string;
let numbers = 0;
let events: EventSource | undefined;
beforeAll(async () => {
  homing = await startHoming();
});
afterAll(() => homing.dispose());
beforeEach(async () => {
  mac = new SetupMac();
  numbers += 1;
  number = `+1415555${6000 + numbers}`;
  const { setup_url } = await createSetupLink(homing, number);
  const { status, stderr } = await mac.relay(['pair', setup_url]);
  expect(status, stderr).toBe(0);
});
afterEach(async () => {
  events?.close();
  await mac.dispose();
});

async function observeProblems(): Promise<void> {
  const url = `${homing.url}/v1/events?types=device.problem`;
  events = await openEventSource(url, homing.liveKey);
}

/** Waits for the event of a problem of this Mac and returns its message. */
function problem(code: string, timeoutMs = 30_000): Promise<string> {
  return until(
    `the problem ${code}`,
    () => {
      const found = events?.events
        .map(({ data }) => data.data ?? data)
        .find((data) => data.problem === code && JSON.stringify(data).includes(number));
      return found?.message as string | undefined;
    },
    timeoutMs,
  );
}

const isRunning = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

it('the installed agent keeps the Mac awake, restarts caffeinate, and ends it with itself', async () => {
  await mac.relay(['install']);
  const { caffeinateCalls } = mac.systemPrograms;
  const calls = () => caffeinateCalls.call(mac.systemPrograms);
  const first = await until('caffeinate', () => calls()[0]);
  expect(first.args).toEqual(['-s', '-i', '-w', String(mac.agentPid())]);
  process.kill(first.pid, 'SIGKILL');
  const second = await until('the restart of caffeinate', () => calls()[1]);
  expect(second.args).toEqual(first.args);
  expect(mac.log()).toContain('The Mac may sleep: ');
  await mac.killAgent();
  await until('the exit of caffeinate', () => !isRunning(second.pid));
});

it('sleep stays permitted with --keep-awake off, and in a terminal without the option', async () => {
  await mac.relay(['install', '--keep-awake', 'off']);
  await until('the connection', () => mac.log().includes('Connected to'));
  await mac.relay(['uninstall']);
  const agent = mac.start(['run']);
  await until('the connection', () => agent.stderr().includes('Connected to'));
  expect(mac.systemPrograms.caffeinateCalls()).toEqual([]);
  await agent.end();
  const awake = mac.start(['run', '--keep-awake', 'on']);
  await until('caffeinate', () => mac.systemPrograms.caffeinateCalls()[0]);
  await awake.end();
});

it('the broker warns of a Mac that will sleep, and of a low battery', async () => {
  mac.systemPrograms.battery(12);
  mac.systemPrograms.sleepSetting('10');
  await observeProblems();
  const agent = mac.start(['run']);
  expect(await problem('battery_low')).toBe('The battery has 12 %.');
  expect(await problem('asleep')).toContain('goes to sleep after 10 minutes without activity');
  const { json } = await mac.relay(['doctor', '--json']);
  expect(json[0].find(({ name }: { name: string }) => name === 'sleep')).toEqual({
    name: 'sleep',
    ok: false,
    detail: 'This Mac goes to sleep after 10 minutes without activity, so messages wait.',
    fix: expect.stringContaining('1. Let the agent prevent sleep: npx homing relay install --keep-awake on.'),
  });
  await agent.end();
});

it('a Mac that is signed out of Messages is reported with the next step', async () => {
  mac.setOutput('account', 'none');
  await observeProblems();
  const agent = mac.start(['run']);
  expect(await problem('signed_out')).toBe('Messages is not signed in to iMessage.');
  expect(agent.stderr()).toContain('homing: Messages is not signed in to iMessage.');
  expect((await mac.relay(['doctor', '--json'])).stdout).toContain('No iMessage account is signed in');
  await agent.end();
});

it('a failed send causes a check of Messages, which is reported at once', async () => {
  await observeProblems();
  const agent = mac.start(['run']);
  await until('the connection', () => agent.stderr().includes('Connected to'));
  mac.setOutput('account', 'not running');
  mac.behave('+14155550100', 'not running');
  const client = clientFor(homing.url, homing.liveKey);
  await client.post('/v1/messages/send', { from: number, to: '+14155550100', content: 'hello' });
  expect(await problem('messages_not_running')).toBe('Messages does not run.');
  await agent.end();
});

it('messages from another address than the paired number are a problem', async () => {
  await observeProblems();
  const agent = mac.start(['run']);
  await until('the connection', () => agent.stderr().includes('Connected to'));
  for (let row = 0; row < 3; row += 1) mac.typeFrom('owner@example.com');
  expect(await problem('number_not_in_use', 75_000)).toContain('another address than the number');
  await agent.end();
});

it('a Mac that slept reports the times of its sleep after it has woken up', async () => {
  await observeProblems();
  const agent = mac.start(['run']);
  await until('the connection', () => agent.stderr().includes('Connected to'));
  const from = Date.now();
  agent.signal('SIGSTOP');
  await until('a sleep of 11 s', () => Date.now() - from > 11_000);
  mac.systemPrograms.lastSleep(from, Date.now());
  agent.signal('SIGCONT');
  expect(await problem('asleep')).toMatch(/^The device slept from .+ UTC to .+ UTC\. Its messages waited\.$/);
  expect(agent.stderr()).toContain('The Mac slept until');
  await agent.end();
});
