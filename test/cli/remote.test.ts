/** `homing send` and `homing messages` with a broker on another machine: by its address and a key, without its folder. */
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

/** On a machine that has no data folder, and where making one would show. */
const elsewhere = (env: Record<string, string> = {}) => ({
  HOMING_DATA_DIR: join(folder, 'data'),
  HOMING_URL: homing.url,
  HOMING_KEY: homing.testKey,
  ...env,
});
const remote = async (...args: string[]) => {
  const result = await runCli(args, elsewhere());
  expect(existsSync(join(folder, 'data'))).toBe(false);
  return result;
};
const local = (...args: string[]) => homing.cli(...args, '--environment', 'test');

function expectRefused(result: CliResult, status: number, words: RegExp): void {
  const seen = `${result.status} ${result.stderr}`;
  expect(result.status, seen).toBe(status);
  expect(result.stderr, seen).toMatch(words);
  expect(result.stderr, seen).toMatch(/^homing: [^\n]+\n$/);
  expect(result.stdout).toBe('');
}

describe('send', () => {
  it('prints what it prints beside the broker', async () => {
    const args = ['send', '+15005550023', 'Hällo\n👋'];
    const [there, here] = [await remote(...args, '--json'), await local(...args, '--json')];
    const { id, created_at, ...sent } = there.json[0];
    const { id: _, created_at: __, ...expected } = here.json[0];
    expect(sent).toEqual(expected);
    expect(Object.keys(there.json[0])).toEqual(Object.keys(here.json[0]));
    expect([there.status, there.stderr]).toEqual([0, '']);

    const told = await remote(...args);
    expect(told.stdout).toMatch(/^\S+Z {2}\+15005550006 → \+15005550023 {2}queued {2}Hällo 👋\n$/);
    expect(told.stderr).toMatch(/^Queued\. Follow it with: npx homing messages --follow {3}\(msg_\w+\)\n$/);
  });

  it('--watch follows it until it is delivered, and ends with 0', async () => {
    const watched = await remote('send', '+15005550012', 'Hi', '--watch', '--json');
    expect([watched.status, watched.stderr]).toEqual([0, '']);
    const statuses = watched.json.map(({ status }) => status);
    expect([statuses[0], statuses.at(-1)]).toEqual(['queued', 'delivered']);
    expect(new Set(watched.json.map(({ id }) => id)).size).toBe(1);
  });

  it('--watch of a message that fails says why, and ends with 1', async () => {
    const watched = await remote('send', '+15005550020', 'Hi', '--watch', '--json');
    expect(watched.status).toBe(1);
    expect(watched.json.at(-1)).toMatchObject({
      status: 'failed',
      error_code: 'not_on_imessage',
      error_message: expect.stringMatching(/./),
    });
    const told = await remote('send', '+15005550021', 'Hi', '--watch');
    expect(told.stdout).toContain('failed (recipient_unreachable)');
  });

  it('sends from the only number of a live key, and asks which where there are more', async () => {
    const live = (...args: string[]) => runCli(args, elsewhere({ HOMING_KEY: homing.liveKey }));
    const send = ['send', '+14155550100', 'Hi', '--json'];
    expectRefused(await live(...send), 2, /no number yet.*or try a test key/);
    await homing.cli('pair', '+14155550199', '--json');
    expect((await live(...send)).json[0]).toMatchObject({ from: '+14155550199', status: 'queued' });

    await homing.cli('pair', '+14155550198', '--json');
    expectRefused(await live(...send), 2, /--from: \+1415555019\d, \+1415555019\d/);
    const chosen = await live(...send, '--from', '+14155550198');
    expect(chosen.json[0]).toMatchObject({ from: '+14155550198' });

    const { key } = await createClient(homing, { environment: 'live', permissions: 'messages:send' });
    expectRefused(await runCli(send, elsewhere({ HOMING_KEY: key })), 2, /--from: the key may not list/);
  });
});

describe('messages', () => {
  it('are printed as beside the broker, with why they failed', async () => {
    await remote('send', '+15005550020', 'fails', '--watch');
    const there = await remote('messages', '--json', '--limit', '200');
    const here = await local('messages', '--json', '--limit', '200');
    const isOver = ({ status }: { status: string }) => status === 'delivered' || status === 'failed';
    const over = here.json.filter(isOver);
    expect(over.length).toBeGreaterThan(2);
    expect(there.json.filter(isOver)).toEqual(over);
    expect((await remote('messages', '--limit', '1')).stdout).toBe(
      (await local('messages', '--limit', '1')).stdout,
    );
  });

  it('are as many as were asked for, over several pages', async () => {
    const client = await createClient(homing, { account: 'default' });
    for (let count = 0; count < 130; count++) {
      await client.post('/v1/messages/send', { to: '+15005550011', content: `many ${count}` });
    }
    const there = await remote('messages', '--json', '--limit', '125');
    expect(there.json.map(({ content }) => content)).toEqual(
      Array.from({ length: 125 }, (_, count) => `many ${count + 5}`),
    );
  });

  it('are shown one by one with what the API tells of them', async () => {
    const { id } = (await remote('send', '+15005550010', 'one', '--watch', '--json')).json[0];
    const steps = (await remote('messages', id, '--json')).json;
    const known = (await local('messages', id, '--json')).json;
    expect(steps.map(({ step }) => step)).toEqual(['accepted', 'delivered']);
    for (const { at, step, status } of steps)
      expect(known).toContainEqual(expect.objectContaining({ at, step, status }));

    const failed = (await remote('send', '+15005550020', 'two', '--watch', '--json')).json.at(-1);
    const { stdout } = await remote('messages', failed.id);
    expect(stdout).toMatch(
      /failed \(not_on_imessage\) {2}two\n {2}\S+Z {2}accepted\n.*failed.*not_on_imessage/,
    );
    expectRefused(await remote('messages', 'msg_nothing'), 1, /no message msg_nothing here/);
  });

  it('--follow prints what comes and how it goes on, until it is told to stop', async () => {
    const child: ChildProcess = spawn(
      process.execPath,
      [PROGRAM, 'messages', '--follow', '--json', '--limit', '1', '--url', homing.url],
      { env: { ...process.env, ...elsewhere({ HOMING_URL: '' }) }, stdio: ['ignore', 'pipe', 'inherit'] },
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

describe('the key', () => {
  it('may be in a file, which wins over the environment', async () => {
    const file = join(folder, 'key');
    writeFileSync(file, `${homing.testKey}\n`);
    const result = await runCli(
      ['messages', '--limit', '1', '--url', `${homing.url}/`, '--key-file', file],
      elsewhere({ HOMING_URL: 'http://127.0.0.1:9', HOMING_KEY: 'tb_test_other' }),
    );
    expect([result.status, result.stderr]).toEqual([0, '']);
  });

  it.each([
    [{ HOMING_KEY: '' }, [], 2, /no API key in HOMING_KEY.*keys create/],
    [{ HOMING_KEY: 'two words' }, [], 2, /What is in HOMING_KEY is no API key/],
    [{ HOMING_KEY: 'tb_test_unknown' }, [], 1, /http:\S+ does not know this API key, or it was revoked/],
    [{}, ['--key-file', '/nowhere/key'], 1, /ENOENT.*\/nowhere\/key/],
  ])('that is not good is said: %j %j', async (env, args, status, words) => {
    for (const command of [['messages'], ['send', '+15005550010', 'Hi']]) {
      expectRefused(await runCli([...command, ...args], elsewhere(env)), status, words);
    }
  });

  it('that may not read is told which permission it lacks', async () => {
    const { key } = await createClient(homing, { permissions: 'messages:send' });
    const refused = await runCli(['messages'], elsewhere({ HOMING_KEY: key }));
    expectRefused(refused, 1, /'messages:read' permission/);
  });
});

describe('the address', () => {
  it.each([
    [
      ['--url', 'localhost:8080'],
      2,
      /--url was given 'localhost:8080'; allowed: http:\/\/ or https:\/\/ URL/,
    ],
    [['--url', 'http://127.0.0.1:9'], 1, /http:\/\/127\.0\.0\.1:9 did not respond/],
    [['--environment', 'test'], 2, /--environment is for the data folder.*With HOMING_URL, the key says/],
    [['--url', 'http://127.0.0.1:9', '--data-dir', 'x'], 2, /--data-dir is for the data folder.*With --url/],
  ])('that does not go is said: %j', async (args, status, words) => {
    expectRefused(await remote('messages', ...args), status, words);
  });

  it('of the environment gives way to a data folder that is named', async () => {
    const { status, stdout } = await runCli(
      ['messages', '--data-dir', homing.dataDir, '--environment', 'test', '--limit', '1'],
      elsewhere({ HOMING_KEY: '' }),
    );
    expect([status, stdout]).toEqual([0, expect.stringMatching(/\+1500555/)]);
  });
});
