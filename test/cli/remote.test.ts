/** Tests `homing send` and `homing messages` with the URL and an API key of a remote broker. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliResult, type HomingProcess, runCli, startHoming } from '../support/homing-process.ts';
import { createClient } from '../support/http-client.ts';
import { until } from '../support/until.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

let homing: HomingProcess;
let folder: string;
beforeAll(async () => {
  homing = await startHoming({ HOMING_SANDBOX_REPORT_TIMEOUT_SECONDS: '2' });
  folder = mkdtempSync(join(tmpdir(), 'homing-remote-'));
});
afterAll(async () => {
  await homing?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

/** Environment of another machine: it has no data folder, and the tests check that none is created. */
const otherMachine = (env: Record<string, string> = {}) => ({
  HOMING_DATA_DIR: join(folder, 'data'),
  HOMING_URL: homing.url,
  HOMING_KEY: homing.testKey,
  ...env,
});
const remote = async (...args: string[]) => {
  const result = await runCli(args, otherMachine());
  expect(existsSync(join(folder, 'data'))).toBe(false);
  return result;
};
const local = (...args: string[]) => homing.cli(...args, '--environment', 'test');

/** Expects one line on standard error, no standard output and the exit code. */
function expectError(result: CliResult, status: number, message: RegExp): void {
  const context = `${result.status} ${result.stderr}`;
  expect(result.status, context).toBe(status);
  expect(result.stderr, context).toMatch(message);
  expect(result.stderr, context).toMatch(/^homing: [^\n]+\n$/);
  expect(result.stdout).toBe('');
}

describe('homing send with a remote broker', () => {
  it('homing send prints the same output for a remote broker as for the local data folder', async () => {
    const args = ['send', '+15005550023', 'Hällo\n👋'];
    const [there, here] = [await remote(...args, '--json'), await local(...args, '--json')];
    const { id, created_at, waiting, ...sent } = there.json[0];
    const { id: _, created_at: __, waiting: expectedWait, ...expected } = here.json[0];
    expect(sent).toEqual(expected);
    expect(waiting.message).toBe(expectedWait.message);
    expect(Object.keys(there.json[0])).toEqual(Object.keys(here.json[0]));
    expect([there.status, there.stderr]).toEqual([0, '']);

    const readable = await remote(...args);
    expect(readable.stdout).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}\+15005550006 → \+15005550023 {2}queued {2}Hällo 👋\n {4}No device of the number is connected\. Not before \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\n$/,
    );
    expect(readable.stderr).toMatch(
      /^Queued msg_\w+\. Follow its status with: npx homing messages --follow\n$/,
    );
  });

  it('homing send --watch follows a message until it is delivered, and exits with 0', async () => {
    const watched = await remote('send', '+15005550012', 'Hi', '--watch', '--json');
    expect([watched.status, watched.stderr]).toEqual([0, '']);
    const statuses = watched.json.map(({ status }) => status);
    expect([statuses[0], statuses.at(-1)]).toEqual(['queued', 'delivered']);
    expect(new Set(watched.json.map(({ id }) => id)).size).toBe(1);
  });

  it('homing send --watch prints the error of a failed message, and exits with 1', async () => {
    const watched = await remote('send', '+15005550020', 'Hi', '--watch', '--json');
    expect(watched.status).toBe(1);
    expect(watched.json.at(-1)).toMatchObject({
      status: 'failed',
      error_code: 'not_on_imessage',
      error_message: expect.stringMatching(/./),
    });
    const readable = await remote('send', '+15005550021', 'Hi', '--watch');
    expect(readable.stdout).toContain('failed (recipient_unreachable)');
  });

  it('homing send uses the only number of a live key, and requires --from with several numbers', async () => {
    const live = (...args: string[]) => runCli(args, otherMachine({ HOMING_KEY: homing.liveKey }));
    const send = ['send', '+14155550100', 'Hi', '--json'];
    expectError(await live(...send), 2, /has no numbers.*send through the sandbox with a test key/);
    await homing.cli('pair', '+14155550199', '--json');
    expect((await live(...send)).json[0]).toMatchObject({ from: '+14155550199', status: 'queued' });

    await homing.cli('pair', '+14155550198', '--json');
    expectError(await live(...send), 2, /--from; allowed: \+1415555019\d, \+1415555019\d/);
    const chosen = await live(...send, '--from', '+14155550198');
    expect(chosen.json[0]).toMatchObject({ from: '+14155550198' });

    const { key } = await createClient(homing, { environment: 'live', permissions: 'messages:send' });
    expectError(
      await runCli(send, otherMachine({ HOMING_KEY: key })),
      2,
      /no permission to list the numbers.*--from/,
    );
  });
});

describe('homing messages with a remote broker', () => {
  it('homing messages prints the same output for a remote broker as for the local data folder, with errors', async () => {
    await remote('send', '+15005550020', 'fails', '--watch');
    // The local list comes first: a message that becomes final in between is then in neither side of the comparison.
    const here = await local('messages', '--json', '--limit', '200');
    const there = await remote('messages', '--json', '--limit', '200');
    const isFinal = ({ status }: { status: string }) => status === 'delivered' || status === 'failed';
    const final = here.json.filter(isFinal);
    expect(final.length).toBeGreaterThan(2);
    const ids = new Set(final.map(({ id }) => id));
    expect(there.json.filter(({ id }) => ids.has(id))).toEqual(final);
    expect((await remote('messages', '--limit', '1')).stdout).toBe(
      (await local('messages', '--limit', '1')).stdout,
    );
  });

  it('homing messages --limit reads several pages', async () => {
    const client = await createClient(homing, { account: 'default' });
    for (let count = 0; count < 130; count++) {
      await client.post('/v1/messages/send', { to: '+15005550011', content: `many ${count}` });
    }
    const there = await remote('messages', '--json', '--limit', '125');
    expect(there.json.map(({ content }) => content)).toEqual(
      Array.from({ length: 125 }, (_, count) => `many ${count + 5}`),
    );
  });

  it('homing messages <id> prints the steps that the API returns', async () => {
    const { id } = (await remote('send', '+15005550010', 'one', '--watch', '--json')).json[0];
    const steps = (await remote('messages', id, '--json')).json;
    const known = (await local('messages', id, '--json')).json;
    expect(steps.map(({ step }) => step)).toEqual(['accepted', 'delivered']);
    for (const { at, step, status } of steps)
      expect(known).toContainEqual(expect.objectContaining({ at, step, status }));

    const failed = (await remote('send', '+15005550020', 'two', '--watch', '--json')).json.at(-1);
    const { stdout } = await remote('messages', failed.id);
    expect(stdout).toMatch(
      /failed \(not_on_imessage\) {2}two\n {2}\d{4}-\S+ [\d:]+ {2}accepted\n.*failed.*not_on_imessage/,
    );
    expectError(
      await remote('messages', 'msg_nothing'),
      1,
      /Message msg_nothing not found\..*one environment only/,
    );
  });

  it('homing messages --follow prints new messages and status changes until it is stopped', async () => {
    const child: ChildProcess = spawn(
      process.execPath,
      [PROGRAM, 'messages', '--follow', '--json', '--limit', '1', '--url', homing.url],
      { env: { ...process.env, ...otherMachine({ HOMING_URL: '' }) }, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const lines: string[] = [];
    createInterface(child.stdout!).on('line', (line) => lines.push(line));
    try {
      await until('the newest message', () => lines.length >= 1);
      const sent = (await remote('send', '+15005550014', 'ahoy', '--json')).json[0];
      const failing = (await remote('send', '+15005550013', 'unconfirmed', '--json')).json[0];
      const followed = () => lines.map((line) => JSON.parse(line));
      const has = (wanted: object) => {
        const pairs = Object.entries(wanted);
        return followed().some((message) => pairs.every(([name, value]) => message[name] === value));
      };
      await until(
        'the message, its delivery, its echo and a failure',
        () =>
          [
            { id: sent.id, status: 'delivered' },
            { content: 'echo: ahoy', direction: 'inbound' },
            { id: failing.id, status: 'failed', error_code: 'unconfirmed' },
          ].every(has),
        30_000,
      );
      const seen = followed().map(({ id, status }) => `${id} ${status}`);
      expect(seen).toEqual([...new Set(seen)]);
    } finally {
      const ended = once(child, 'exit');
      child.kill('SIGINT');
      await ended;
    }
  });
});

describe('the API key of a remote broker', () => {
  it('--key-file overrides HOMING_KEY', async () => {
    const file = join(folder, 'key');
    writeFileSync(file, `${homing.testKey}\n`);
    const result = await runCli(
      ['messages', '--limit', '1', '--url', `${homing.url}/`, '--key-file', file],
      otherMachine({ HOMING_URL: 'http://127.0.0.1:9', HOMING_KEY: 'tb_test_other' }),
    );
    expect([result.status, result.stderr]).toEqual([0, '']);
  });

  it.each([
    [{ HOMING_KEY: '' }, [], 2, /HOMING_KEY contains no API key.*keys create/],
    [{ HOMING_KEY: 'two words' }, [], 2, /HOMING_KEY contains an invalid API key; allowed: printable/],
    [{ HOMING_KEY: 'tb_test_unknown' }, [], 1, /http:\S+ rejects this API key: it is unknown or revoked/],
    [{}, ['--key-file', '/nowhere/key'], 1, /ENOENT.*\/nowhere\/key/],
  ])(
    'a missing, invalid, unknown or unreadable key is an error: %j %j',
    async (env, args, status, message) => {
      for (const command of [['messages'], ['send', '+15005550010', 'Hi']]) {
        expectError(await runCli([...command, ...args], otherMachine(env)), status, message);
      }
    },
  );

  it('homing messages names the missing permission of the key', async () => {
    const { key } = await createClient(homing, { permissions: 'messages:send' });
    const result = await runCli(['messages'], otherMachine({ HOMING_KEY: key }));
    expectError(result, 1, /'messages:read' permission/);
  });
});

describe('the URL of a remote broker', () => {
  it.each([
    [
      ['--url', 'localhost:8080'],
      2,
      /--url was given 'localhost:8080'; allowed: http:\/\/ or https:\/\/ URL/,
    ],
    [['--url', 'http://127.0.0.1:9'], 1, /http:\/\/127\.0\.0\.1:9 did not respond/],
    [
      ['--environment', 'test'],
      2,
      /--environment applies only to the local data folder.*With HOMING_URL, the API key selects/,
    ],
    [
      ['--url', 'http://127.0.0.1:9', '--data-dir', 'x'],
      2,
      /--data-dir applies only to the local data folder.*With --url/,
    ],
  ])('homing messages %j exits with an error', async (args, status, message) => {
    expectError(await remote('messages', ...args), status, message);
  });

  it('--data-dir overrides HOMING_URL', async () => {
    const { status, stdout } = await runCli(
      ['messages', '--data-dir', homing.dataDir, '--environment', 'test', '--limit', '1'],
      otherMachine({ ...homing.database.settings, HOMING_KEY: '' }),
    );
    expect([status, stdout]).toEqual([0, expect.stringMatching(/\+1500555/)]);
  });
});
