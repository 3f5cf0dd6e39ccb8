import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EDITIONS, type Edition } from '../../shared/shortcut-editions.ts';
import { buildShortcuts } from '../../shortcuts/build.ts';
import type { Content } from '../support/simulator/content.ts';
import {
  type Endpoints,
  type RecordedRequest,
  type StubResponse,
  startEndpoints,
} from '../support/simulator/endpoints.ts';
import { type RunOptions, runShortcut } from '../support/simulator/run-shortcut.ts';

let endpoints: Endpoints;
afterEach(() => endpoints.close());

const STOP: StubResponse = { body: { has_message: false, state: 'stop' } };
const NOTHING: StubResponse = { body: { has_message: false, state: 'wait' } };

function message(id: string, more: Record<string, string> = {}): StubResponse {
  return {
    body: {
      has_message: true,
      state: 'send',
      id,
      to: '+14155550123',
      text: `Text ${id}`,
      media_url: '',
      report_url: `${endpoints.url}/shortcuts/v1/report`,
      ...more,
    },
  };
}

/** Serves the messages of `next`, then stop. Each message is a function, because it needs the URL of the server. */
async function serve(
  next: Array<() => StubResponse>,
  others: (request: RecordedRequest) => StubResponse | undefined = () => undefined,
) {
  const queue = [...next];
  endpoints = await startEndpoints((request) => {
    const response = others(request);
    if (response !== undefined) return response;
    if (request.path.startsWith('/shortcuts/v1/next?')) return (queue.shift() ?? (() => STOP))();
    if (request.path === '/shortcuts/v1/report') return { body: { result: 'ok' } };
    return { status: 404, body: { error: 'not_found' } };
  });
}

let edition: Edition;

/** Each run has its own stored content, unless the test gives it. */
function run(options: RunOptions = {}) {
  const [send] = buildShortcuts({ url: endpoints.url, token: 'dev_1' }, edition);
  const stored = edition === 'ios-27' ? { stored: new Map() } : {};
  return runShortcut(send!.bytes, { ...stored, ...options });
}

const reports = () => endpoints.to('/shortcuts/v1/report').map(({ body }) => body);

describe.each(EDITIONS)('Homing Send for %s', (current) => {
  beforeEach(() => {
    edition = current;
  });

  it('Homing Send sends and reports each queued message until the broker stops it', async () => {
    await serve([() => message('m1'), () => message('m2', { to: 'ann@example.com' })]);
    expect(await run()).toEqual({
      sent: [
        { to: '+14155550123', text: 'Text m1', files: [] },
        { to: 'ann@example.com', text: 'Text m2', files: [] },
      ],
      shown: [],
      ended: 'exit',
    });
    expect(reports()).toEqual([
      { id: 'm1', status: 'sent' },
      { id: 'm2', status: 'sent' },
    ]);
    expect(endpoints.requests.every(({ authorization }) => authorization === 'Bearer dev_1')).toBe(true);
  });

  it('Homing Send repeats the request with the id of the run while no message is queued', async () => {
    await serve([() => NOTHING, () => NOTHING, () => message('m1')]);
    const { sent } = await run({ random: () => 0.5 });
    expect(sent).toHaveLength(1);
    const paths = endpoints.to('/shortcuts/v1/next').map(({ path }) => path);
    const journal = edition === 'ios-27' ? '&journal=yes' : '';
    expect(paths).toEqual(Array(4).fill(`/shortcuts/v1/next?wait=25&run=550550${journal}`));
  });

  it('Homing Send sends nothing when the broker stops it at once', async () => {
    await serve([]);
    expect(await run()).toEqual({ sent: [], shown: [], ended: 'exit' });
    expect(endpoints.requests).toHaveLength(1);
  });

  it('Homing Send ends after 60 rounds without a stop', async () => {
    await serve(Array(100).fill(() => NOTHING));
    expect(await run()).toMatchObject({ ended: 'done' });
    expect(endpoints.requests).toHaveLength(60);
  });

  it('Homing Send stops at a response that is not from this version of the broker', async () => {
    await serve([() => ({ body: { has_message: true, id: 'm1', to: '+14155550123', text: 'Hi' } })]);
    expect(await run()).toMatchObject({ sent: [], ended: 'exit' });
    expect(endpoints.requests).toHaveLength(1);
  });

  it('Homing Send uses the address and the token from the import questions', async () => {
    await serve([]);
    const [send] = buildShortcuts({ url: 'https://elsewhere.invalid' }, edition);
    const result = await runShortcut(send!.bytes, {
      ...{ answers: [endpoints.url, 'dev_2'], stored: new Map() },
    });
    expect(result.ended).toBe('exit');
    expect(endpoints.requests[0]!.authorization).toBe('Bearer dev_2');
  });

  it('Homing Send sends a file with its text, and sends the token only to the broker', async () => {
    const bytes = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 255]);
    await serve([() => message('m1', { media_url: `${endpoints.url}/media/a.png?sig=1` })], ({ path }) =>
      path.startsWith('/media/') ? { type: 'image/png', body: bytes } : undefined,
    );
    const { sent } = await run();
    expect(sent).toEqual([
      { to: '+14155550123', text: 'Text m1', files: [{ name: 'a.png', type: 'image/png', bytes }] },
    ]);
    expect(endpoints.to('/media/a.png')[0]!.authorization).toBeUndefined();
    expect(reports()).toEqual([{ id: 'm1', status: 'sent' }]);
  });

  it('Homing Send sends a file without a text', async () => {
    await serve([() => message('m1', { text: '', media_url: `${endpoints.url}/media/a.png` })], ({ path }) =>
      path.startsWith('/media/') ? { type: 'image/png', body: new Uint8Array([1]) } : undefined,
    );
    expect((await run()).sent).toMatchObject([{ text: '', files: [{ name: 'a.png' }] }]);
  });

  it.each([
    ['emoji, scripts and line ends', 'Grüße 👩‍👩‍👧 שלום\nzwei "Zeilen" \\n \t\u200d'],
    ['the placeholder of variables', 'a\uFFFCb'],
    ['5,000 characters', 'ü🙂'.repeat(1_667).slice(0, 5_000)],
    ['JSON', '{"stop":true}'],
  ])('Homing Send sends a text unchanged: %s', async (_, text) => {
    await serve([() => message('m1', { text })]);
    expect((await run()).sent).toMatchObject([{ text }]);
  });

  it('a phone that falls asleep right after a send does not report or send again', async () => {
    await serve([() => message('m1'), () => message('m2')]);
    expect(await run({ onSend: () => 'sleep' })).toMatchObject({
      sent: [{ text: 'Text m1' }],
      ended: 'asleep',
    });
    expect(reports()).toEqual([]);
    expect(endpoints.to('/shortcuts/v1/next')).toHaveLength(1);
  });

  it('a phone that falls asleep during a request sends nothing more', async () => {
    const sleep = new AbortController();
    await serve([() => message('m1')], ({ path }) => {
      if (path === '/shortcuts/v1/report') sleep.abort();
      return undefined;
    });
    expect(await run({ signal: sleep.signal })).toMatchObject({ sent: [{}], ended: 'asleep' });
    expect(endpoints.to('/shortcuts/v1/next')).toHaveLength(1);
  });

  it('a failed send ends the run without a report', async () => {
    await serve([() => message('m1'), () => message('m2')]);
    const result = await run({ onSend: () => 'fail' });
    expect(result).toMatchObject({ sent: [], ended: 'failed' });
    expect(result.problem).toContain('is.workflow.actions.sendmessage');
    expect(reports()).toEqual([]);
  });

  it('a rejected report ends the run', async () => {
    await serve([() => message('m1'), () => message('m1')], ({ path }) =>
      path === '/shortcuts/v1/report' ? { status: 500, body: { error: 'internal_error' } } : undefined,
    );
    expect(await run()).toMatchObject({ sent: [{ text: 'Text m1' }], ended: 'exit' });
    expect(endpoints.to('/shortcuts/v1/next')).toHaveLength(1);
  });

  it('Homing Send shows the error of the broker', async () => {
    const message = 'The device token is not valid.';
    await serve([
      () => ({
        status: 401,
        body: { result: 'error', has_message: false, state: 'error', error: 'unauthorized', message },
      }),
    ]);
    expect(await run()).toEqual({
      sent: [],
      shown: [{ kind: 'notification', title: 'Homing Send', text: message }],
      ended: 'exit',
    });
  });

  it('Homing Send shows a response that is neither a message nor a stop', async () => {
    await serve([() => ({ status: 401, body: { error: 'unauthorized' } })]);
    expect(await run()).toEqual({
      sent: [],
      shown: [
        {
          kind: 'notification',
          title: 'Homing Send',
          text: 'The response is not from a Homing broker: {"error":"unauthorized"}',
        },
      ],
      ended: 'exit',
    });
    expect(endpoints.requests).toHaveLength(1);
  });

  it('an HTML page of a proxy stops the run, and an unreachable broker fails it', async () => {
    await serve([() => ({ status: 502, type: 'text/html', body: '<h1>Bad gateway</h1>' })]);
    const stopped = await run();
    expect(stopped).toMatchObject({ sent: [], ended: 'exit' });
    expect(stopped.shown[0]!.text).toContain('The response is not from a Homing broker');
    expect(endpoints.requests).toHaveLength(1);
    endpoints.close();
    const result = await run();
    expect(result).toMatchObject({ sent: [], ended: 'failed' });
    expect(result.problem).toContain('is.workflow.actions.downloadurl');
  });
});

describe('the journal of Homing Send', () => {
  beforeEach(() => {
    edition = 'ios-27';
  });

  const KEY = 'Homing Send';
  const left = (text: string): Map<string, Content> => new Map([[KEY, [{ kind: 'text', value: text }]]]);
  const entryOf = (stored: Map<string, Content>) => stored.get(KEY)?.map((item) => item.value);
  const first = () => message('msg_1', { lease: 'lse_1' });

  it('the journal says "sending" before a send, "sent" before the report, and is empty after it', async () => {
    const stored = new Map<string, Content>();
    const entries: unknown[] = [];
    await serve([first], ({ path }) => {
      if (path === '/shortcuts/v1/report') entries.push(entryOf(stored));
      return undefined;
    });
    const onSend = () => {
      entries.push(entryOf(stored));
      return undefined;
    };
    expect(await run({ stored, onSend })).toMatchObject({
      sent: [{ text: 'Text msg_1' }],
      ended: 'exit',
    });
    expect(entries).toEqual([['sending msg_1 lse_1'], ['sent msg_1 lse_1']]);
    expect(stored.size).toBe(0);
    expect(reports()).toEqual([{ id: 'msg_1', status: 'sent' }]);
    expect(endpoints.to('/shortcuts/v1/next')[0]!.path).toMatch(/&journal=yes$/);
  });

  it.each(['sending', 'sent'])(
    'a run reports the entry "%s" of an earlier run before its first message',
    async (state) => {
      await serve([first]);
      const stored = left(`${state} msg_0 lse_0`);
      expect((await run({ stored })).sent).toHaveLength(1);
      expect(endpoints.requests.slice(0, 2).map(({ path, body }) => body ?? path.split('?')[0])).toEqual([
        { journal: `${state} msg_0 lse_0` },
        '/shortcuts/v1/next',
      ]);
      expect(stored.size).toBe(0);
    },
  );

  it.each<[string, RunOptions, string]>([
    ['falls asleep after a send', { onSend: () => 'sleep' }, 'sending msg_1 lse_1'],
    ['cannot send', { onSend: () => 'fail' }, 'sending msg_1 lse_1'],
  ])('the entry "sending" is left if the phone %s', async (_, options, entry) => {
    await serve([first]);
    const stored = new Map<string, Content>();
    await run({ ...options, stored });
    expect(entryOf(stored)).toEqual([entry]);
    expect(reports()).toEqual([]);
  });

  it('the entry is left if the broker does not accept its report, and the run sends nothing', async () => {
    await serve([first], ({ path }) =>
      path === '/shortcuts/v1/report'
        ? { status: 503, body: { result: 'error', message: 'The broker is busy.' } }
        : undefined,
    );
    const stored = left('sent msg_0 lse_0');
    const { sent, shown } = await run({ stored });
    expect([sent, shown]).toMatchObject([[], [{ text: 'The broker is busy.' }]]);
    expect(entryOf(stored)).toEqual(['sent msg_0 lse_0']);
    expect(endpoints.to('/shortcuts/v1/next')).toEqual([]);
  });

  it('a file that cannot be downloaded leaves no entry, because the send did not begin', async () => {
    await serve([() => message('msg_1', { lease: 'lse_1', media_url: 'http://127.0.0.1:1/a.png' })]);
    const stored = new Map<string, Content>();
    expect(await run({ stored })).toMatchObject({ sent: [], ended: 'failed' });
    expect(stored.size).toBe(0);
  });
});
