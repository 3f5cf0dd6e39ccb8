/** Runs the code of the guides: requests against the program, receivers against its webhooks. */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_PLANS } from '../../../broker/core/model/plan.ts';
import { TEST_NUMBERS } from '../../../broker/core/sandbox/test-numbers.ts';
import { GUIDES } from '../../../broker/docs-site/pages/guide-pages.ts';
import { readPlans } from '../../../broker/plans-file.ts';
import { SETTINGS } from '../../../broker/settings.ts';
import { FAILURES } from '../../../shared/failures.ts';
import { freePort } from '../../support/free-port.ts';
import { type HomingProcess, runCli, startHoming } from '../../support/homing-process.ts';
import { clientFor } from '../../support/http-client.ts';
import { until } from '../../support/until.ts';

const FOLDER = 'docs/guides';
const run = promisify(execFile);
const guide = (name: string) => readFileSync(join(FOLDER, `${name}.md`), 'utf8');
const blocks = (name: string, language: string) =>
  [...guide(name).matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map((match) => match[1]!);

let homing: HomingProcess;
beforeAll(async () => {
  homing = await startHoming({ HOMING_ALLOW_PRIVATE_URLS: '1' });
});
afterAll(() => homing?.dispose());

const here = (code: string) => code.replaceAll('http://127.0.0.1:8080', homing.url);
const environment = () => ({ ...process.env, HOMING_KEY: homing.testKey });
/** Samples may write files. */
const shell = (code: string) => run('sh', ['-c', here(code)], { env: environment(), cwd: homing.dataDir });

it('every file of docs/guides is in the list of guides', () => {
  expect(readdirSync(FOLDER).toSorted()).toEqual(GUIDES.map((name) => `${name}.md`).toSorted());
});

describe('the table', () => {
  /** The code in the first column of the first table after a heading. */
  const column = (name: string, heading: string) => {
    const [table = ''] = /^\|.*?\n(?=\n|$)/ms.exec(guide(name).split(`## ${heading}\n`)[1] ?? '') ?? [];
    return [...table.matchAll(/^\| (.*?) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]!),
    );
  };

  it('in errors-and-retries contains every error code of a message', () => {
    expect(column('errors-and-retries', 'Find failed messages')).toEqual(Object.keys(FAILURES));
  });

  it('in plans contains the default plans', () => {
    const [table = ''] = /^\|.*?\n(?=\n|$)/ms.exec(guide('plans').split('## Default plans\n')[1] ?? '') ?? [];
    const rows = table
      .trim()
      .split('\n')
      .slice(2)
      .map((row) => row.split('|').map((cell) => cell.trim()));
    const shown = (value: number | null) => (value === null ? 'no limit' : value.toLocaleString('en-US'));
    expect(rows.map((cells) => cells.slice(1, -1))).toEqual(
      Object.entries(DEFAULT_PLANS).map(([name, plan]) => [
        `\`${name}\``,
        ...[plan.apiRequestsPerMinute, plan.messagesPerMinute, plan.messagesPerMonth, plan.numbers].map(
          shown,
        ),
        plan.media ? 'yes' : 'no',
      ]),
    );
  });

  it('in sandbox contains only numbers that the sandbox knows', () => {
    const numbers = column('sandbox', 'Recipient numbers').filter((text) => text.startsWith('+'));
    expect(numbers.length).toBe(18);
    expect(numbers.filter((number) => !TEST_NUMBERS.isListed(number))).toEqual([]);
  });
});

describe('the requests of the guide', () => {
  it.each(GUIDES.filter((name) => blocks(name, 'sh').length > 0))('%s succeed', async (name) => {
    for (const block of blocks(name, 'sh')) {
      const { stdout } = await shell(block);
      expect(stdout, block).toMatch(/^([[{]|retry: )/);
      expect(stdout, block).not.toContain('"error"');
    }
  });

  it('errors-and-retries send one message with one idempotency key', async () => {
    const [loop = ''] = blocks('errors-and-retries', 'sh');
    const { stdout } = await shell(loop);
    const ids = [...stdout.matchAll(/"id":"(msg_\w+)"/g)].map((match) => match[1]);
    expect(ids.length).toBe(2);
    expect(new Set(ids).size).toBe(1);
  });

  it('errors-and-retries send a message in the retry loop', async () => {
    const file = join(homing.dataDir, 'retry.mjs');
    writeFileSync(file, here(blocks('errors-and-retries', 'js')[0]!));
    expect((await run(process.execPath, [file], { env: environment() })).stdout).toMatch(/id: 'msg_\w+'/);
  });
});

describe('several APIs in the guide send', () => {
  it('send with one API and find the message with another', async () => {
    const block = blocks('send', 'sh').find((text) => text.includes('# TextUs sends')) ?? '';
    await until('the search to find it', async () => {
      const { stdout } = await shell(block);
      expect(stdout).toMatch(
        /"status":"(queued|sent|delivered)","phone_number":"\+15005550010","segments":1/,
      );
      return /"text":"See you on Friday, "/.test(stdout);
    });
  });
});

describe('the guide assistants', () => {
  it('sends and reads with the tools', async () => {
    const block = blocks('assistants', 'sh').find((text) => text.includes('messages.send')) ?? '';
    await until('the echo to be read', async () => {
      const { stdout } = await shell(block);
      expect(stdout).toMatch(/^\{"result":\{.*"structuredContent":\{"message":\{"id":"msg_/);
      return stdout.includes('"body":"echo: See you on Friday"');
    });
  });

  it('has a configuration whose command works', async () => {
    const { command, args } = JSON.parse(blocks('assistants', 'json')[0]!).mcpServers.homing;
    expect([command, args[0]]).toEqual(['node', '/path/to/homing/bin/homing.mjs']);
    const ran = await homing.cli(
      ...args.slice(1, 2),
      '--data-dir',
      homing.dataDir,
      ...args.slice(4),
      '--help',
    );
    expect([ran.status, ran.stdout.includes('--read-only')]).toEqual([0, true]);
  });
});

describe('the guide plans', () => {
  it('has a file of plans that the broker reads', () => {
    const file = join(homing.dataDir, 'plans.json');
    writeFileSync(file, blocks('plans', 'json')[0]!);
    expect(Object.keys(readPlans(file))).toEqual([...Object.keys(DEFAULT_PLANS), 'team']);
  });
});

it('the README and the guides use different idempotency keys', () => {
  const files = ['README.md', ...GUIDES.map((name) => join(FOLDER, `${name}.md`))];
  const keys = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/idempotency[-_]key['"]?: ['"]?([\w-]+-\d+[\w-]*)/gi)].map(
      ([, key]) => key,
    ),
  );
  expect(keys.length).toBeGreaterThan(3);
  expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
});

describe('the guide operate', () => {
  it('restores a backup', async () => {
    const own = await startHoming();
    const folder = mkdtempSync(join(tmpdir(), 'homing-restore-'));
    try {
      const client = clientFor(own.url, own.testKey);
      const send = async (content: string) =>
        (await client.post('/v1/messages/send', { to: '+15005550010', content })).body.id;
      const before = await send('before the backup');
      const backup = await own.cli('backup', join(folder, 'homing-backup.db'));
      expect(backup.status, backup.stderr).toBe(0);
      const after = await send('after the backup');
      // A killed broker leaves homing.db-wal behind.
      await own.kill();
      expect(readdirSync(own.dataDir)).toContain('homing.db-wal');
      const command = blocks('operate', 'text').find((text) => text.includes('homing restore'));
      expect(command?.trim()).toBe('npx homing restore homing-backup.db');
      const restored = await own.cli('restore', join(folder, 'homing-backup.db'));
      expect(restored.status, restored.stderr).toBe(0);
      expect(readdirSync(own.dataDir).filter((name) => name.startsWith('homing'))).toEqual(['homing.db']);
      await own.restart();
      const status = async (id: string) => (await client.get(`/v1/messages/${id}`)).status;
      expect([await status(before), await status(after)]).toEqual([200, 404]);
    } finally {
      await own.dispose();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

it('the guide operate tests a backup beside the running broker', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'homing-test-restore-'));
  try {
    const file = join(folder, 'homing-backup.db');
    const client = clientFor(homing.url, homing.testKey);
    const { body } = await client.post('/v1/messages/send', { to: '+15005550010', content: 'in the backup' });
    expect((await homing.cli('backup', file)).status).toBe(0);
    const commands =
      blocks('operate', 'text').find((text) => text.includes('--data-dir ./restore-test')) ?? '';
    const lines = commands.trim().split('\n');
    expect(lines.map((line) => line.split(' ')[2])).toEqual(['restore', 'messages']);
    for (const line of lines) {
      const args = line
        .replace('./restore-test', join(folder, 'restore-test'))
        .replace('homing-backup.db', file)
        .split(' ')
        .slice(2);
      const ran = await runCli(args);
      expect(ran.status, ran.stderr).toBe(0);
    }
    const found = ['messages', body.id, '--environment', 'test', '--data-dir', join(folder, 'restore-test')];
    const listed = await runCli(found);
    expect(listed.stdout).toContain('in the backup');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Each configuration of the guide is checked by its own program, where this machine has it. */
describe('the guide deploy', () => {
  const has = (program: string) => spawnSync(program, ['--version']).error === undefined;
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'homing-deploy-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const save = (name: string, text: string) => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  const [nginx = '', caddy = ''] = ['nginx', 'caddy'].map((name) => blocks('deploy', name)[0]);

  it('has proxies that lead to the default address of the broker', () => {
    const address = `${SETTINGS.host.default}:${SETTINGS.port.default}`;
    expect(nginx).toContain(`proxy_pass http://${address};`);
    expect(caddy).toContain(`reverse_proxy ${address}\n`);
    expect(nginx).toContain(`client_max_body_size ${SETTINGS.mediaMaxMegabytes.default}m;`);
  });

  it('has commands that create the keys and a script with the settings of the service', async () => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    // Runs the command as the user of this test.
    writeFileSync(join(bin, 'sudo'), '#!/bin/sh\n[ "$1" = -H ] && shift 3\nexec "$@"\n', { mode: 0o755 });
    const commands = blocks('deploy', 'text')
      .filter((text) => text.includes('<<'))
      .join('')
      .replaceAll(/ -o \w+ -g \w+/g, '')
      .replaceAll('/var/lib/homing', join(folder, 'data'))
      .replaceAll('/etc/homing.env', join(folder, 'homing.env'))
      .replaceAll('/usr/local/bin', bin)
      .replaceAll('/opt/homing', process.cwd());
    const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
    const { stdout } = await run('sh', ['-ec', commands], { env });
    expect(stdout).toMatch(/^ {2}live {2}tb_live_\w+\n {2}test {2}tb_test_\w+\n$/m);
    expect(readdirSync(join(folder, 'data')).sort()).toEqual(['broker.lock', 'homing.db']);
    const config = await run('homing', ['config', '--json'], { env });
    expect(config.stdout).toContain('"https://homing.example.com"');
  });

  it('has a configuration that nginx accepts', ({ skip }) => {
    skip(!has('nginx'), 'nginx is not installed');
    const site = nginx
      .replace('listen 443 ssl;', 'listen 127.0.0.1:8443;')
      .replaceAll(/ *ssl_certificate.*\n/g, '');
    const file = save(
      'nginx.conf',
      `pid nginx.pid; error_log stderr; events {} http { access_log off;\n${site}}`,
    );
    const { stderr } = spawnSync('nginx', ['-t', '-p', folder, '-c', file], { encoding: 'utf8' });
    // The status also depends on folders of this machine, such as /var/lib/nginx.
    expect(stderr).toContain('syntax is ok');
  });

  it('has a configuration that Caddy accepts', ({ skip }) => {
    skip(!has('caddy'), 'caddy is not installed');
    const file = save('Caddyfile', caddy);
    const args = ['validate', '--adapter', 'caddyfile', '--config', file];
    const { status, stderr } = spawnSync('caddy', args, {
      encoding: 'utf8',
      env: { ...process.env, HOME: folder },
    });
    expect([status, stderr]).toEqual([0, expect.not.stringContaining('not formatted')]);
  });
});

describe('the receiver of the guide, in', () => {
  const LANGUAGES = [
    { language: 'js', command: process.execPath, file: 'receiver.mjs' },
    { language: 'python', command: 'python3', file: 'receiver.py' },
  ].filter(({ command }) => spawnSync(command, ['--version']).status === 0);

  it.each(LANGUAGES)('$language, accepts signed requests only', async ({ language, command, file }) => {
    const client = clientFor(homing.url, homing.testKey);
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/${language}`;
    const { body: webhook } = await client.post('/v1/webhooks', { url, events: ['message.received'] });
    const path = join(homing.dataDir, file);
    writeFileSync(path, blocks('receive', language)[0]!);
    const receiver = spawn(command, [path], {
      env: { ...process.env, WEBHOOK_SECRET: webhook.secret, PORT: String(port) },
    });
    let printed = '';
    receiver.stdout.on('data', (chunk) => {
      printed += chunk;
    });
    try {
      const post = (headers: Record<string, string>) =>
        fetch(url, { method: 'POST', body: '{"type":"forged"}', headers });
      const forged = await until('the receiver to listen', () => post({}).catch(() => undefined));
      expect(forged.status).toBe(401);
      const timestamp = String(Math.floor(Date.now() / 1000));
      const wrong = {
        'webhook-id': 'evt_1',
        'webhook-timestamp': timestamp,
        'webhook-signature': 'v1,AAAA',
      };
      expect((await post(wrong)).status).toBe(401);

      await client.post('/v1/messages/send', { to: '+15005550014', content: `to ${language}` });
      await until('the event', () => printed.includes(`message.received echo: to ${language}\n`));
      expect(printed).not.toContain('forged');
      await until('its deliveries', async () => {
        const { deliveries } = (await client.get(`/v1/webhooks/${webhook.id}/deliveries`)).body;
        return deliveries.every(({ status }: { status: string }) => status === 'delivered');
      });
    } finally {
      await end(receiver);
    }
  });
});

it('the Python receiver of the guide is examples/webhook-receiver.py', () => {
  expect(blocks('receive', 'python')).toEqual([readFileSync('examples/webhook-receiver.py', 'utf8')]);
});

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
