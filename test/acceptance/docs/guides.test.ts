/** The guides' code, run as it stands there: requests against the program, receivers against its webhooks. */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TEST_NUMBERS } from '../../../broker/core/sandbox/test-numbers.ts';
import { GUIDES } from '../../../broker/docs-site/pages/guide-pages.ts';
import { FAILURES } from '../../../shared/failures.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
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

it('every file of the folder is a guide', () => {
  expect(readdirSync(FOLDER).toSorted()).toEqual(GUIDES.map((name) => `${name}.md`).toSorted());
});

describe('the tables', () => {
  /** The code in the first column of the first table after a heading. */
  const column = (name: string, heading: string) => {
    const [table = ''] = /^\|.*?\n(?=\n|$)/ms.exec(guide(name).split(`## ${heading}\n`)[1] ?? '') ?? [];
    return [...table.matchAll(/^\| (.*?) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]!),
    );
  };

  it('have every error code of a message', () => {
    expect(column('errors-and-retries', 'A message that failed')).toEqual(Object.keys(FAILURES));
  });

  it('have only numbers that the sandbox knows', () => {
    const numbers = column('sandbox', 'Numbers to write to').filter((text) => text.startsWith('+'));
    expect(numbers.length).toBe(11);
    expect(numbers.filter((number) => !TEST_NUMBERS.isListed(number))).toEqual([]);
  });
});

describe('the requests of', () => {
  it.each(GUIDES.filter((name) => blocks(name, 'sh').length > 0))(
    '%s are answered as it says',
    async (name) => {
      for (const block of blocks(name, 'sh')) {
        const { stdout } = await run('sh', ['-c', here(block)], { env: environment() });
        expect(stdout, block).toMatch(/^([[{]|retry: )/);
        expect(stdout, block).not.toContain('"error"');
      }
    },
  );

  it('a repeat with an idempotency key are one message', async () => {
    const [loop = ''] = blocks('errors-and-retries', 'sh');
    const { stdout } = await run('sh', ['-c', here(loop)], { env: environment() });
    const ids = [...stdout.matchAll(/"id":"(msg_\w+)"/g)].map((match) => match[1]);
    expect(ids.length).toBe(2);
    expect(new Set(ids).size).toBe(1);
  });

  it('the loop that tries again give one message', async () => {
    const file = join(homing.dataDir, 'retry.mjs');
    writeFileSync(file, here(blocks('errors-and-retries', 'js')[0]!));
    expect((await run(process.execPath, [file], { env: environment() })).stdout).toMatch(/id: 'msg_\w+'/);
  });
});

describe('the receiver in', () => {
  const LANGUAGES = [
    { language: 'js', command: process.execPath, file: 'receiver.mjs' },
    { language: 'python', command: 'python3', file: 'receiver.py' },
  ].filter(({ command }) => spawnSync(command, ['--version']).status === 0);

  it.each(LANGUAGES)(
    '$language takes what is signed, and nothing else',
    async ({ language, command, file }) => {
      const client = clientFor(homing.url, homing.testKey);
      const port = await freePort();
      const url = `http://127.0.0.1:${port}/${language}`;
      const { body: webhook } = await client.post('/v1/webhooks', { url, events: ['message.received'] });
      const path = join(homing.dataDir, file);
      writeFileSync(path, blocks('receiving', language)[0]!);
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
    },
  );
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
