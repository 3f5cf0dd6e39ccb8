/**
 * Tests standard output, standard error, `--json` output and exit codes of the command line, with and without a running
 * broker.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProgram } from '../../cli/program.ts';
import { ENGINE } from '../support/broker-database.ts';
import { type CliResult, type HomingProcess, runCli, startHoming } from '../support/homing-process.ts';
import { clientFor, openSlowRequest } from '../support/http-client.ts';
import { until } from '../support/until.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
/** The groups run concurrently, because most of a command's time is its start. The tests of a group run in order. */
const IN_ORDER = { concurrent: false };
const UNKNOWN_KEY = 'key_01m7ypkdxffkmb6tyeck3vccad';

const folders: string[] = [];
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'homing-cli-'));
  folders.push(folder);
  return folder;
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function expectDone(result: CliResult): CliResult {
  expect(result.status, result.stderr).toBe(0);
  return result;
}

/** Expects the exit code, a message without a stack on standard error, and no standard output. */
function expectError(result: CliResult, status: number, message: RegExp): void {
  const context = `${result.status} ${result.stderr}`;
  expect(result.status, context).toBe(status);
  expect(result.stderr, context).toMatch(message);
  expect(result.stderr, context).not.toMatch(/\n\s+at |node:internal|node_modules/);
  expect(result.stdout).toBe('');
}

const expectUsageError = (result: CliResult, message: RegExp) => expectError(result, 2, message);

describe.concurrent.each([
  ['with a running broker', true],
  ['without a running broker', false],
])('the command line %s', (_name, isRunning) => {
  let homing: HomingProcess;
  beforeAll(async () => {
    homing = await startHoming();
    if (!isRunning) await homing.stop();
  });
  afterAll(() => homing?.dispose());

  /** Runs a command with --json and parses each line of standard output. */
  const json = async (...args: string[]) => {
    const result = expectDone(await homing.cli(...args, '--json'));
    expect(result.stderr).toBe('');
    return result.json;
  };

  it('homing keys creates, lists and revokes API keys', IN_ORDER, async () => {
    const [created] = await json(
      ...['keys', 'create', '--label', 'Billing', '--environment', 'test'],
      ...['--permissions', 'messages:send,messages:read'],
    );
    expect(created).toEqual({
      id: expect.stringMatching(/^key_[0-9a-z]{26}$/),
      key: expect.stringMatching(/^tb_test_[a-z0-9]{32}$/),
      label: 'Billing',
      permissions: ['messages:send', 'messages:read'],
      environment: 'test',
      account: 'default',
    });

    const listed = await json('keys', 'list');
    expect(listed).toHaveLength(3);
    expect(listed.find(({ id }) => id === created.id)).toEqual({
      id: created.id,
      label: 'Billing',
      permissions: ['messages:send', 'messages:read'],
      environment: 'test',
      account: 'default',
      created_at: expect.stringMatching(ISO_TIME),
      revoked_at: null,
    });
    expect(JSON.stringify(listed)).not.toContain(created.key.slice(8));

    const [revoked] = await json('keys', 'revoke', created.id);
    expect(revoked).toEqual({
      id: created.id,
      label: 'Billing',
      revoked_at: expect.stringMatching(ISO_TIME),
    });
    expect((await json('keys', 'list')).find(({ id }) => id === created.id).revoked_at).toBe(
      revoked.revoked_at,
    );
  });

  it('homing accounts creates and lists accounts, and sets their plans', IN_ORDER, async () => {
    const [created] = await json('accounts', 'create', 'acme', '--plan', 'starter');
    expect(created).toEqual({
      id: expect.stringMatching(/^acc_[0-9a-z]{26}$/),
      slug: 'acme',
      plan: 'starter',
    });
    expect(await json('accounts', 'plan', 'acme', 'pro')).toEqual([{ slug: 'acme', plan: 'pro' }]);
    expect(await json('accounts', 'list')).toEqual([
      { id: expect.stringMatching(/^acc_/), slug: 'default', plan: 'enterprise' },
      { ...created, plan: 'pro' },
    ]);
  });

  it('homing pair pairs a device, and homing numbers and homing devices list it', IN_ORDER, async () => {
    const number = '+14155550199';
    const [paired] = await json('pair', number, '--name', 'Office Mac');
    expect(paired).toEqual({
      device: expect.stringMatching(/^dev_[0-9a-z]{26}$/),
      number,
      token: expect.stringMatching(/^dev_[\w-]{43}$/),
      setup_url: expect.stringMatching(/^https?:\/\/[^/]+\/setup-shortcut\?token=dev_[\w-]+$/),
    });
    expect(paired.setup_url).not.toContain(paired.token);
    expect(new URL(paired.setup_url).origin).toBe(homing.url);

    expect(await json('numbers')).toEqual([
      {
        id: expect.stringMatching(/^num_[0-9a-z]{26}$/),
        phone_number: number,
        label: null,
        status: 'active',
        verified: true,
        device_name: 'Office Mac',
        last_seen_at: null,
        messages_today: 0,
      },
    ]);
    const [device] = await json('devices', 'list');
    expect(device).toMatchObject({
      id: paired.device,
      name: 'Office Mac',
      numbers: [number],
      revoked_at: null,
    });
    await json('devices', 'revoke', paired.device);
    expect((await json('devices', 'list'))[0].revoked_at).toMatch(ISO_TIME);
  });

  it('homing send queues messages, and homing messages lists them', IN_ORDER, async () => {
    const content = `"quoted"\nHällo 👋`;
    const [sent] = await json('send', '+15005550023', content, '--environment', 'test');
    expect(sent).toEqual({
      id: expect.stringMatching(/^msg_[0-9a-z]{26}$/),
      direction: 'outbound',
      status: 'queued',
      from: '+15005550006',
      to: '+15005550023',
      content,
      error_code: null,
      error_message: null,
      created_at: expect.stringMatching(ISO_TIME),
      waiting: expect.objectContaining({ reason: 'no_device' }),
    });
    expect(await json('messages', '--environment', 'test')).toEqual([sent]);

    // The only number of the account is the sender of live messages.
    const [live] = await json('send', '+14155550100', 'Hi');
    expect(live).toMatchObject({ from: '+14155550199', status: 'queued' });
    expect(await json('messages', '--limit', '1')).toEqual([live]);
  });

  it('homing config shows the settings with their values and sources', IN_ORDER, async () => {
    const settings = await json('config', '--lease-seconds', '7');
    const named = (name: string) => settings.find((setting) => setting.name === name);
    expect(named('HOMING_LEASE_SECONDS')).toEqual({
      name: 'HOMING_LEASE_SECONDS',
      value: '7',
      source: 'flag',
      purpose: expect.stringMatching(/./),
      allowed: expect.stringMatching(/1 to 3600/),
    });
    expect(named('HOMING_DATA_DIR')).toMatchObject({ value: homing.dataDir, source: 'environment' });
    expect(named('HOMING_LOG_LEVEL')).toMatchObject({ value: 'info', source: 'default' });
    expect(named('HOMING_PUBLIC_URL')).toMatchObject({ value: null, source: 'unset' });
  });
});

describe.concurrent('the command line with one running broker', () => {
  let homing: HomingProcess;
  beforeAll(async () => {
    homing = await startHoming();
  });
  afterAll(() => homing?.dispose());

  it('homing keys create prints only the key on standard output', IN_ORDER, async () => {
    const created = expectDone(await homing.cli('keys', 'create'));
    expect(created.stdout).toMatch(/^tb_live_[a-z0-9]{32}\n$/);
    expect(created.stderr).toContain('It is shown once');
  });

  it('homing pair without --json prints the setup link and its QR code', IN_ORDER, async () => {
    const { stdout } = expectDone(await homing.cli('pair', '+14155550198'));
    expect(stdout).toMatch(/[▀▄█]{5}/);
    expect(stdout).toMatch(/http:\/\/\S+\/setup-shortcut\?token=dev_/);
    expect(stdout).toMatch(/homing device --token dev_/);
  });

  it('homing send --watch follows a message until it is delivered, and exits with 0', IN_ORDER, async () => {
    const watched = expectDone(
      await homing.cli('send', '+15005550012', 'Hi', '--environment', 'test', '--watch', '--json'),
    );
    expect(watched.stderr).toBe('');
    const statuses = watched.json.map(({ status }) => status);
    expect(statuses.at(0)).toBe('queued');
    expect(statuses.slice(-2)).toEqual(['sent', 'delivered']);
    expect(new Set(watched.json.map(({ id }) => id)).size).toBe(1);
  });

  it('homing send --watch prints the error of a failed message, and exits with 1', IN_ORDER, async () => {
    const watched = await homing.cli(
      'send',
      '+15005550020',
      'Hi',
      '--environment',
      'test',
      '--watch',
      '--json',
    );
    expect(watched.status).toBe(1);
    expect(watched.json.at(-1)).toMatchObject({ status: 'failed', error_code: 'not_on_imessage' });
    expect(watched.json.at(-1).error_message).toMatch(/./);

    const readable = await homing.cli('send', '+15005550021', 'Hi', '--environment', 'test', '--watch');
    expect(readable.status).toBe(1);
    expect(readable.stdout).toContain('failed (recipient_unreachable)');
  });

  it('a running broker rejects a key immediately after homing keys revoke', IN_ORDER, async () => {
    const created = (await homing.cli('keys', 'create', '--environment', 'test', '--json')).json[0];
    const client = clientFor(homing.url, created.key);
    expect((await client.get('/v1/messages')).status).toBe(200);
    await homing.cli('keys', 'revoke', created.id);
    expect((await client.get('/v1/messages')).status).toBe(401);
  });

  it(
    'homing messages --follow prints new messages and status changes until it is stopped',
    IN_ORDER,
    async () => {
      const { child, lines } = start(
        ['messages', '--environment', 'test', '--follow', '--json', '--limit', '1'],
        homing.database.settings,
      );
      await until('the newest message', () => lines.length >= 1);
      const sent = (await homing.cli('send', '+15005550014', 'ahoy', '--environment', 'test', '--json'))
        .json[0];
      const followed = () => lines.map((line) => JSON.parse(line));
      await until(
        'the message, its delivery and its echo',
        () =>
          followed().some(({ id, status }) => id === sent.id && status === 'delivered') &&
          followed().some(({ content, direction }) => content === 'echo: ahoy' && direction === 'inbound'),
      );
      const ended = once(child, 'exit');
      child.kill('SIGINT');
      await ended;
    },
  );

  it(
    'homing serve with the data folder of a running broker fails, and the first broker continues',
    IN_ORDER,
    async () => {
      const second = await runCli(['serve'], { HOMING_DATA_DIR: homing.dataDir, HOMING_PORT: '0' });
      expectError(second, 1, /Another broker uses the data folder/);
      expect(second.stderr).toContain(homing.dataDir);
      expect(second.stderr.trim().split('\n')).toHaveLength(1);
      expect((await clientFor(homing.url).get('/healthz')).status).toBe(200);
    },
  );

  it('homing serve with a port in use fails', IN_ORDER, async () => {
    const { port } = new URL(homing.url);
    const second = await runCli(['serve'], { HOMING_DATA_DIR: newFolder(), HOMING_PORT: port });
    const owner = process.platform === 'linux' ? `process ${homing.pid()} \\(.*serve` : '.*';
    expectError(second, 1, new RegExp(`Port ${port} of 127.0.0.1 is in use by ${owner}`));
    expect(second.stderr).toMatch(/HOMING_PORT/);
  });
});

describe.concurrent('invalid input', () => {
  let folder: string;
  beforeAll(async () => {
    folder = newFolder();
    expectDone(await runCli(['init'], { HOMING_DATA_DIR: folder }));
  });
  const cli = (...args: string[]) => runCli(args, { HOMING_DATA_DIR: folder });
  /** Adds a title of at most 60 characters to each row. */
  const titled = (rows: Array<[string[], RegExp]>) =>
    rows.map(([args, message]) => [args.join(' ').slice(0, 60), args, message] as const);

  it.each(
    titled([
      [['nonsense'], /unknown command 'nonsense'/],
      [['keys', 'create', '--nonsense'], /unknown option '--nonsense'/],
      [['keys', 'revoke'], /missing required argument 'id'/],
      [
        ['keys', 'create', '--permissions', 'everything'],
        /--permissions was given 'everything'; allowed: .*messages:send/,
      ],
      [
        ['keys', 'create', '--environment', 'staging'],
        /--environment was given 'staging'; allowed: live or test/,
      ],
      [['keys', 'revoke', 'nonsense'], /'nonsense' is not a key id/],
      [['accounts', 'create', 'Not A Slug'], /Invalid slug 'Not A Slug'/],
      [
        ['accounts', 'create', 'acme', '--plan', 'gold'],
        /Unknown plan 'gold'\. Use one of free, starter, pro, enterprise/,
      ],
      [['pair', '4155550199'], /Invalid phone number '4155550199'\. Use E\.164 format/],
      [['send', 'nobody', 'Hi'], /<to> was given 'nobody'; allowed: a number in E\.164 format/],
      [['send', '+14155550100', 'Hi', '--from', '12'], /--from was given '12'/],
      [['send', '+14155550100', 'x'.repeat(5_001)], /<text> has 5001 characters; allowed: 1 to 5000/],
      [['send', '+14155550100', 'Hi'], /This account has no numbers/],
      [['messages', '--limit', '0'], /--limit was given '0'; allowed: 1 to 1000/],
      [['messages', '--limit', '1e1'], /--limit was given '1e1'/],
    ]),
  )('homing %s exits with 2', async (_title, args, message) => {
    expectUsageError(await cli(...args), message);
  });

  it.each(
    titled([
      [['keys', 'revoke', UNKNOWN_KEY], /Key not found/],
      [['accounts', 'create', 'default'], /slug 'default' exists/],
      [['accounts', 'plan', 'nobody', 'free'], /Account 'nobody' not found/],
      [['messages', '--account', '__proto__'], /Account '__proto__' not found/],
      [['send', '+14155550100', 'Hi', '--account', 'nobody'], /Account 'nobody' not found/],
      [['devices', 'revoke', 'dev_01m7ypkdxffkmb6tyeck3vccad'], /Device not found/],
    ]),
  )('homing %s exits with 1', async (_title, args, message) => {
    expectError(await cli(...args, '--json'), 1, message);
  });

  it('homing backup with an empty data folder exits with 1 and creates no file', async () => {
    const empty = newFolder();
    const result = await runCli(['backup', join(empty, 'copy.db')], { HOMING_DATA_DIR: empty });
    expectError(result, 1, /no database/);
    expect(existsSync(join(empty, 'copy.db'))).toBe(false);
  });

  it('homing --help and --version print to standard output', async () => {
    const help = expectDone(await cli('--help'));
    for (const command of [
      'serve',
      'keys',
      'accounts',
      'numbers',
      'pair',
      'send',
      'messages',
      'config',
      'backup',
    ]) {
      expect(help.stdout).toMatch(new RegExp(`^ +${command}\\b`, 'm'));
    }
    expect(help.stdout).toContain('Exit codes: 0');
    expect(expectDone(await cli('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(expectDone(await cli('serve', '--help')).stdout).toContain('HOMING_LEASE_SECONDS');
  });
});

describe.concurrent('invalid settings', () => {
  const plansFile = (text: string) => {
    const file = join(newFolder(), 'plans.json');
    writeFileSync(file, text);
    return file;
  };

  it.each([
    {
      HOMING_PORT: ['http', '0 to 65535'],
      HOMING_PUBLIC_URL: ['homing.example', 'http:// or https:// URL'],
      HOMING_LOG_LEVEL: ['loud', 'fatal, error, warn, info'],
      HOMING_LEASE_SECONDS: ['0', '1 to 3600'],
      HOMING_REPORT_TIMEOUT_SECONDS: ['86401', '1 to 86400'],
      HOMING_MESSAGE_TTL_HOURS: [' 24', '1 to 720'],
      HOMING_RETENTION_DAYS: ['forever', '0 to 3650'],
      HOMING_RETENTION_AT: ['25:00', '00:00 to 23:59'],
    },
    {
      HOMING_PORT: ['65536', '0 to 65535'],
      HOMING_PUBLIC_URL: ['ftp://homing.example', 'http:// or https:// URL'],
      HOMING_LEASE_SECONDS: ['1.5', '1 to 3600'],
      HOMING_REPORT_TIMEOUT_SECONDS: ['-1', '1 to 86400'],
      HOMING_MESSAGE_TTL_HOURS: ['1e2', '1 to 720'],
    },
    { HOMING_LEASE_SECONDS: ['3601', '1 to 3600'] },
  ])(
    'homing serve exits with 2 and names each invalid setting, its value and the allowed values: %j',
    async (settings) => {
      const folder = newFolder();
      const given = Object.entries(settings).map(([name, [value]]) => [name, value!]);
      const result = await runCli(['serve'], { HOMING_DATA_DIR: folder, ...Object.fromEntries(given) });
      expectUsageError(result, /allowed/);
      for (const [name, [value, allowed]] of Object.entries(settings)) {
        expect(result.stderr).toContain(`${name} was given '${value}'; allowed: ${allowed}`);
      }
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  it('homing serve names the flag of an invalid setting', async () => {
    const folder = newFolder();
    const result = await runCli(['serve', '--port', 'http'], { HOMING_DATA_DIR: folder, HOMING_PORT: '0' });
    expectUsageError(result, /--port was given 'http'; allowed: 0 to 65535/);
  });

  it('homing serve and homing config never print a secret setting', async () => {
    const env = { HOMING_DATA_DIR: newFolder(), HOMING_METRICS_TOKEN: 'hunter2 has spaces' };
    for (const command of [['serve'], ['config', '--json']]) {
      const result = await runCli(command, env);
      expect(result.stdout + result.stderr).not.toContain('hunter2');
    }
  });

  it('homing config reads the flag of a secret from a file or from standard input, and never prints it', async () => {
    const folder = newFolder();
    const file = join(folder, 'metrics-token.txt');
    const secret = 'hunter2-hunter2-hunter2';
    writeFileSync(file, `${secret}\n`);
    for (const name of [file, '-']) {
      const args = ['config', '--json', '--metrics-token-file', name];
      const result = expectDone(await runCli(args, { HOMING_DATA_DIR: folder }, secret));
      const setting = result.json.find((one) => one.name === 'HOMING_METRICS_TOKEN');
      expect(setting).toMatchObject({ value: '(set)', source: 'flag' });
      expect(result.stdout).not.toContain('hunter2');
    }
    const serveWith = (given: string) =>
      runCli(['serve', '--metrics-token-file', given], { HOMING_DATA_DIR: folder }, '');
    const missing = await serveWith(join(folder, 'nowhere.txt'));
    expectError(missing, 1, /--metrics-token-file was given '.*', which cannot be read: ENOENT/);
    expectUsageError(await serveWith('-'), /--metrics-token-file was given '-', which is empty/);
    expectUsageError(await runCli(['serve', '--metrics-token', secret]), /unknown option/);
  });

  it('no command accepts a secret as the value of a flag, except homing device for existing scripts', async () => {
    const secrets: string[] = [];
    const visit = (command: Command, path: string) => {
      for (const { long, required } of command.options) {
        if (required && /(token|secret|key|password)$/.test(long ?? '')) secrets.push(`${path} ${long}`);
      }
      for (const child of command.commands) visit(child, `${path} ${child.name()}`.trim());
    };
    visit(await createProgram([]), '');
    expect(secrets).toEqual(['device --token']);
  });

  it.each([
    ['missing', () => join(newFolder(), 'nowhere.json')],
    ['not JSON', () => plansFile('{')],
    ['not a table of plans', () => plansFile('[]')],
    ['a table with an invalid value', () => plansFile('{"gold":{"api_requests_per_minute":"many"}}')],
  ])('homing serve exits with 2 if the plans file is %s', async (_name, file) => {
    const path = file();
    const result = await runCli(['serve'], { HOMING_DATA_DIR: newFolder(), HOMING_PLANS_FILE: path });
    expectUsageError(result, /HOMING_PLANS_FILE/);
    expect(result.stderr).toContain(path);
  });
});

describe.concurrent('homing serve', () => {
  it('homing serve prints the first API keys and a sign-in link at the first start only', async () => {
    const folder = newFolder();
    const env = { HOMING_DATA_DIR: folder, HOMING_PORT: '0' };
    const first = start(['serve'], env);
    await until('the welcome', () => first.lines.some((line) => line.includes('homing pair')));
    const welcome = first.lines.join('\n');
    const key = /tb_live_[a-z0-9]{32}/.exec(welcome)?.[0];
    expect(key).toBeDefined();
    expect(welcome).toMatch(/tb_test_[a-z0-9]{32}/);
    expect(welcome).toMatch(/http:\S+\/dashboard\/sign-in#token=[\w-]{43}/);
    const url = /listening on (http:\S+)/.exec(welcome)![1]!;
    expect((await clientFor(url, key).get('/v1/messages')).status).toBe(200);
    expect(await first.end('SIGTERM')).toBe(0);

    const second = start(['serve'], env);
    await until('the second welcome', () => second.lines.some((line) => line.includes('homing pair')));
    expect(second.lines.join('\n')).not.toMatch(/tb_(live|test)_[a-z0-9]{32}|#token=/);
    expect(await second.end('SIGTERM')).toBe(0);
  });

  it('homing serve --json prints one line of JSON, with API keys and a sign-in link at the first start only', async () => {
    const env = {
      HOMING_DATA_DIR: newFolder(),
      HOMING_PORT: '0',
      HOMING_PUBLIC_URL: 'https://homing.example/',
    };
    const first = start(['serve', '--json'], env);
    await until('the first line', () => first.lines.length > 0);
    expect(JSON.parse(first.lines[0]!)).toEqual({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      public_url: 'https://homing.example',
      live_key: expect.stringMatching(/^tb_live_/),
      test_key: expect.stringMatching(/^tb_test_/),
      dashboard_url: expect.stringMatching(/^https:\/\/homing\.example\/dashboard\/sign-in#token=[\w-]{43}$/),
    });
    expect(await first.end('SIGTERM')).toBe(0);
    expect(first.lines).toHaveLength(1);

    const second = start(['serve', '--json'], env);
    await until('the line of the second start', () => second.lines.length > 0);
    expect(Object.keys(JSON.parse(second.lines[0]!))).toEqual(['url', 'public_url']);
    expect(await second.end('SIGINT')).toBe(0);
  });

  it.runIf(process.platform === 'linux')(
    'homing serve logs text to a terminal, and JSON elsewhere',
    async () => {
      const folder = newFolder();
      const script = `exec '${process.execPath}' '${PROGRAM}' serve`;
      const terminal = spawn('script', ['--quiet', '--command', script, '/dev/null'], {
        env: { ...process.env, HOMING_DATA_DIR: folder, HOMING_PORT: '0', SHELL: '/bin/sh' },
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      started.push(terminal);
      let shown = '';
      terminal.stdout.on('data', (chunk) => {
        shown += stripVTControlCharacters(String(chunk));
      });
      await until('the welcome', () => shown.includes('Documentation: '));
      expect(shown).toMatch(/^\d\d:\d\d:\d\d info {2}database created {2}version=\d+\r?$/m);
      expect(shown).not.toContain('"level"');
      expect(shown.split('listening')).toHaveLength(2);
      const ended = once(terminal, 'exit');
      terminal.stdin.write('\u0003');
      expect(await ended).toEqual([0, null]);

      const homing = await startHoming();
      await until('the listen line', () => homing.log().includes('"msg":"broker listening"'));
      const first = ENGINE === 'sqlite' ? 'database created' : 'broker started';
      expect(homing.log()).toMatch(new RegExp(`^\\{"level":"info",.*"msg":"${first}"\\}$`, 'm'));
      await homing.dispose();
    },
  );

  it('homing serve exits with 0 within 10 s of SIGTERM, despite an open long-poll and a slow request', async () => {
    const homing = await startHoming();
    try {
      const { token } = (await homing.cli('pair', '+14155550199', '--json')).json[0];
      const authorization = `Bearer ${token}`;
      const poll = (body: unknown) => clientFor(homing.url).post('/relay/v1/poll', body, { authorization });
      const { session } = (await poll({ frames: [{ type: 'hello', protocol: 1 }] })).body;
      const openPoll = poll({ session, wait: 50 });
      const slow = await openSlowRequest(homing.url, {
        method: 'POST',
        path: '/v1/messages/send',
        key: homing.testKey,
        body: { to: '+15005550010', content: 'never finished' },
      });
      const began = Date.now();
      expect(await homing.stop()).toBe(0);
      expect(Date.now() - began).toBeLessThan(10_000);
      // On PostgreSQL, the poll may still be authenticated when its session ends.
      expect(ENGINE === 'sqlite' ? [200] : [200, 410]).toContain((await openPoll).status);
      slow.destroy();
      expect(homing.log()).not.toMatch(/"level":"(error|fatal)"/);
    } finally {
      await homing.dispose();
    }
  });

  it('homing serve responds to a request in progress at SIGTERM, and stores its message', async () => {
    const homing = await startHoming();
    try {
      const slow = await openSlowRequest(homing.url, {
        method: 'POST',
        path: '/v1/messages/send',
        key: homing.testKey,
        body: { to: '+15005550023', content: 'finished in time' },
      });
      const stopped = homing.stop();
      await until('the broker to reject new connections', () =>
        fetch(`${homing.url}/healthz`).then(
          () => false,
          () => true,
        ),
      );
      const response = await slow.finish();
      expect(response.status, response.text).toBe(202);
      expect(await stopped).toBe(0);
      await homing.restart();
      const found = await clientFor(homing.url, homing.testKey).get(`/v1/messages/${response.body.id}`);
      expect(found.body).toMatchObject({ content: 'finished in time', status: 'queued' });
    } finally {
      await homing.dispose();
    }
  });
});

interface Started {
  child: ChildProcess;
  /** Lines of standard output so far. */
  lines: string[];
  /** Sends the signal, and resolves to the exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

const started: ChildProcess[] = [];
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
});

/** Starts a command that runs until it receives a signal. */
function start(args: readonly string[], env: Record<string, string>): Started {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  started.push(child);
  const lines: string[] = [];
  createInterface(child.stdout!).on('line', (line) => lines.push(line));
  return {
    child,
    lines,
    end: async (signal) => {
      const ended = once(child, 'exit');
      child.kill(signal);
      return (await ended)[0] as number | null;
    },
  };
}
