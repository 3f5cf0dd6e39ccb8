/** Runs every file of `examples/` against the real program. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { type Client, createAccount, createClient } from '../support/http-client.ts';
import { readMetrics } from '../support/metrics.ts';
import { until } from '../support/until.ts';

const FOLDER = 'examples';
const hasPython = spawnSync('python3', ['--version']).status === 0;

let homing: HomingProcess;
beforeAll(async () => {
  homing = await startHoming({ HOMING_ALLOW_PRIVATE_URLS: '1' });
});
afterAll(() => homing?.dispose());

/** A running example. */
interface Running {
  process: ChildProcess;
  stdout(): string;
  stderr(): string;
}

interface Example {
  file: string;
  /** A client with the key that the example gets. */
  client: Client;
  start(args?: readonly string[], env?: Record<string, string>): Running;
  /** Runs the example to its end. */
  run(...args: string[]): Promise<{ status: number | null; stdout: string; stderr: string }>;
}

async function prepareExample(file: string): Promise<Example> {
  const account = file.replace('.', '-');
  await createAccount(homing, account);
  const client = await createClient(homing, { account });
  const start: Example['start'] = (args = [], env = {}) => {
    const child = spawn(file.endsWith('.py') ? 'python3' : process.execPath, [join(FOLDER, file), ...args], {
      env: { ...process.env, HOMING_URL: homing.url, HOMING_KEY: client.key, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const text = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].on('data', (chunk) => {
        text[name] += chunk;
      });
    }
    return { process: child, stdout: () => text.stdout, stderr: () => text.stderr };
  };
  return {
    file,
    client,
    start,
    async run(...args) {
      const { process: child, stdout, stderr } = start(args);
      const [status] = await once(child, 'close');
      return { status: status as number | null, stdout: stdout(), stderr: stderr() };
    },
  };
}

async function end({ process: child }: Running): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

async function sends({ file, client, run }: Example): Promise<void> {
  const sent = await run('+15005550010', `sent by ${file}`);
  expect(sent).toEqual({
    status: 0,
    stdout: expect.stringMatching(/^(msg_[0-9a-z]{26}) queued\n\1 delivered *\n$/),
    stderr: '',
  });
  const { messages } = (await client.get('/v1/messages')).body;
  expect(messages).toEqual([
    expect.objectContaining({ to: '+15005550010', content: `sent by ${file}`, status: 'delivered' }),
  ]);

  expect(await run('nobody', 'Hi')).toEqual({
    status: 1,
    stdout: '',
    stderr: expect.stringMatching(/^invalid_request: .*'to'.*\n$/),
  });
}

async function receives({ client, run }: Example): Promise<void> {
  for (const content of ['one', 'two']) {
    await client.post('/v1/messages/send', { to: '+15005550014', content });
    await until('its echo', async () => {
      const { messages } = (await client.get('/v1/messages?direction=inbound')).body;
      return messages[0]?.content === `echo: ${content}`;
    });
  }
  const line = (content: string) => `+15005550014 → +15005550006: echo: ${content}\n`;
  expect(await run()).toEqual({ status: 0, stdout: line('one') + line('two'), stderr: '' });
  expect(await run('1')).toEqual({ status: 0, stdout: line('two'), stderr: '' });
}

async function verifiesWebhooks({ file, client, start }: Example): Promise<void> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const { body: webhook } = await client.post('/v1/webhooks', { url, events: ['message.received'] });
  const receiver = start([], { WEBHOOK_SECRET: webhook.secret, PORT: String(port) });
  try {
    const post = (headers: Record<string, string>) =>
      fetch(url, { method: 'POST', body: '{"type":"forged"}', headers });
    const unsigned = await until('the receiver to listen', () => post({}).catch(() => undefined));
    const wrong = {
      'webhook-id': 'evt_1',
      'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
      'webhook-signature': 'v1,AAAA',
    };
    expect([unsigned.status, (await post(wrong)).status]).toEqual([401, 401]);

    await client.post('/v1/messages/send', { to: '+15005550014', content: `to ${file}` });
    await until('the event', () => receiver.stdout().includes('\n'));
    expect(receiver.stdout()).toBe(`message.received echo: to ${file}\n`);
    await until('a successful delivery', async () => {
      const { deliveries } = (await client.get(`/v1/webhooks/${webhook.id}/deliveries`)).body;
      return deliveries.length === 1 && deliveries[0].status === 'delivered';
    });
  } finally {
    await end(receiver);
  }
}

async function repliesOnce({ client, start }: Example): Promise<void> {
  const streams = async () => (await readMetrics(homing.url)).value('homing_event_streams');
  const before = await streams();
  const bot = start();
  try {
    await until('the bot to connect', async () => (await streams()) === before + 1);
    const replies = ['We are open from 9:00 to 17:00.', 'You find us at 1 Main Street.'];
    const questions = ['What are your hours?', 'And your address?'];
    const contents = async (): Promise<string[]> => {
      const { messages } = (await client.get('/v1/messages?limit=100')).body;
      return messages.map(({ content }: { content: string }) => content).toReversed();
    };
    for (const [index, question] of questions.entries()) {
      await client.post('/v1/messages/send', { to: '+15005550014', content: question });
      // The sandbox echoes the question, the bot replies to the echo, and the sandbox echoes the reply.
      await until(
        'the echo of the reply',
        async () => (await contents()).at(-1) === `echo: ${replies[index]}`,
      );
    }
    expect(await contents()).toEqual(
      questions.flatMap((question, index) => {
        const reply = replies[index]!;
        return [question, `echo: ${question}`, reply, `echo: ${reply}`];
      }),
    );
    const lines = questions.map((question, index) => `+15005550014: echo: ${question} → ${replies[index]}\n`);
    expect([bot.stdout(), bot.stderr()]).toEqual([lines.join(''), '']);
  } finally {
    await end(bot);
  }
  // With an unknown key the bot ends instead of reconnecting forever.
  const unknown = start([], { HOMING_KEY: `${client.key}x` });
  const [status] = await once(unknown.process, 'close');
  expect([status, unknown.stderr()]).toEqual([1, expect.stringContaining('401')]);
}

const EXAMPLES: Record<string, (example: Example) => Promise<void>> = {
  'receive.mjs': receives,
  'receive.py': receives,
  'send.mjs': sends,
  'send.py': sends,
  'two-way-bot.mjs': repliesOnce,
  'two-way-bot.py': repliesOnce,
  'webhook-receiver.mjs': verifiesWebhooks,
  'webhook-receiver.py': verifiesWebhooks,
};

describe('the folder examples/', () => {
  it('the folder examples/ contains only a README and files that this test runs', () => {
    expect(readdirSync(FOLDER).toSorted()).toEqual(['README.md', ...Object.keys(EXAMPLES)].toSorted());
  });

  it('the README of examples/ contains the command of each example', () => {
    const readme = readFileSync(join(FOLDER, 'README.md'), 'utf8');
    const commands = [...readme.matchAll(/(?:node|python3) examples\/([\w.-]+)/g)].map((match) => match[1]!);
    expect([...new Set(commands)].toSorted()).toEqual(Object.keys(EXAMPLES).toSorted());
  });

  it('the README of examples/ links only to existing files', () => {
    const readme = readFileSync(join(FOLDER, 'README.md'), 'utf8');
    const links = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map((match) => match[1]!);
    expect(links.length).toBeGreaterThan(1);
    for (const link of links) expect(() => readFileSync(join(FOLDER, link)), link).not.toThrow();
  });
});

it.for(Object.keys(EXAMPLES))('examples/%s works with the real program', async (file, { skip }) => {
  skip(file.endsWith('.py') && !hasPython, 'python3 is not installed');
  await EXAMPLES[file]!(await prepareExample(file));
});
