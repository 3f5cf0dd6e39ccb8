/** Tests the retries of the client through a proxy that simulates faults of proxies and networks. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHoming, type Homing } from '../../client/src/index.ts';
import { type FaultyProxy, startFaultyProxy } from '../support/faulty-proxy.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { until } from '../support/until.ts';

let homing: HomingProcess;
let proxy: FaultyProxy;
let client: Homing;
let count = 0;

beforeAll(async () => {
  homing = await startHoming();
});
afterAll(() => homing?.dispose());
beforeEach(async () => {
  proxy = await startFaultyProxy(homing.url);
  client = createHoming({ url: proxy.url, key: homing.testKey });
  count += 1;
});
afterEach(() => proxy.close());

/** A different recipient for each test. */
const recipient = () => `+1415555${1000 + count}`;
const message = () => ({ to: recipient(), content: 'once' });
/** The messages at the broker, read without the faulty proxy. */
async function storedMessages() {
  const { messages } = await createHoming({ url: homing.url, key: homing.testKey }).messages.list({
    to: recipient(),
  });
  return messages;
}

describe('a send with an idempotency key', () => {
  it.each([
    ['the connection was cut before the request', 'cut before request'],
    ['the connection was cut after the request', 'cut after request'],
    ['the connection was cut inside the response', 'cut inside response'],
    ['a proxy returned 502', { status: 502 }],
    ['the broker returned 503', { status: 503 }],
    ['a proxy returned 504', { status: 504 }],
  ] as const)(
    'a send with an idempotency key is retried when %s, and creates one message',
    async (_case, fault) => {
      proxy.failNext(fault, fault);
      const sent = await client.messages.send(message());
      expect(proxy.requests).toEqual(Array(3).fill('POST /v1/messages/send'));
      expect((await storedMessages()).map(({ id }) => id)).toEqual([sent.id]);
    },
  );

  it('a send is retried after the Retry-After time of a 429', async () => {
    proxy.failNext({ status: 429, headers: { 'retry-after': '1' } });
    const began = performance.now();
    const sent = await client.messages.send(message());
    expect(performance.now() - began).toBeGreaterThanOrEqual(990);
    expect((await storedMessages()).map(({ id }) => id)).toEqual([sent.id]);
  });

  it('a send by path is retried with an idempotency key, and sent once without it', async () => {
    proxy.failNext('cut after request');
    const header = { 'Idempotency-Key': `by-path-${count}` };
    const sent = client.POST('/v1/messages/send', { params: { header }, body: message() });
    await client.unwrap(sent);
    expect(await storedMessages()).toHaveLength(1);

    proxy.requests.length = 0;
    proxy.failNext('cut before request');
    await expect(client.POST('/v1/messages/send', { body: message() })).rejects.toMatchObject({
      code: 'connection_failed',
    });
    expect(proxy.requests).toHaveLength(1);
    expect(await storedMessages()).toHaveLength(1);
  });

  it.each([400, 401, 402, 403, 404, 409, 500])(
    'a send is not retried when the response is %i',
    async (status) => {
      proxy.failNext({ status, headers: { 'content-type': 'application/json' }, body: '{}' });
      await expect(client.messages.send(message())).rejects.toMatchObject({ status });
      expect(proxy.requests).toHaveLength(1);
    },
  );
});

describe('a request without an idempotency key', () => {
  it('a read without an idempotency key is retried', async () => {
    const sent = await client.messages.send(message());
    proxy.failNext('cut before request', 'cut inside response', { status: 503 });
    expect(await client.messages.get(sent.id)).toMatchObject({ id: sent.id });
  });

  it('a write without an idempotency key is sent once', async () => {
    for (const fault of ['cut after request', { status: 503 }] as const) {
      proxy.failNext(fault);
      const made = client.POST('/api/v1/contacts', { body: { phone_number: recipient(), name: 'Ada' } });
      await client.unwrap(made).catch(() => {});
    }
    expect(proxy.requests).toHaveLength(2);
  });
});

describe('the end of the retries', () => {
  it('a request throws the error of its last retry', async () => {
    const faults = Array(4).fill({ status: 503 });
    proxy.failNext(...faults);
    await expect(client.messages.list()).rejects.toMatchObject({ status: 503, code: 'unavailable' });
    expect(proxy.requests).toHaveLength(4);
    const patient = createHoming({ url: proxy.url, key: homing.testKey, retries: 0 });
    proxy.failNext({ status: 503 });
    await expect(patient.messages.list()).rejects.toMatchObject({ status: 503 });
    expect(proxy.requests).toHaveLength(5);
  });

  it('a request is not retried when Retry-After is longer than a minute', async () => {
    proxy.failNext({ status: 429, headers: { 'retry-after': '3600' } });
    await expect(client.messages.list()).rejects.toMatchObject({ retryAfterSeconds: 3600 });
    expect(proxy.requests).toHaveLength(1);
  });

  it('an aborted signal of the caller cancels the retry during a pause', async () => {
    const controller = new AbortController();
    proxy.failNext({ status: 429, headers: { 'retry-after': '30' } });
    const listing = client.messages.list({}, { signal: controller.signal });
    await until('the first attempt', () => proxy.requests.length === 1);
    const reason = new Error('no longer needed');
    controller.abort(reason);
    await expect(listing).rejects.toBe(reason);
    expect(proxy.requests).toHaveLength(1);
  });

  it('a request without a response is retried, and throws timed_out after the last attempt', async () => {
    proxy.failNext('no response');
    const brisk = createHoming({ url: proxy.url, key: homing.testKey, timeoutMs: 200 });
    await brisk.messages.list();
    expect(proxy.requests).toHaveLength(2);
    proxy.failNext('no response');
    const once = createHoming({ url: proxy.url, key: homing.testKey, timeoutMs: 200, retries: 0 });
    await expect(once.messages.list()).rejects.toMatchObject({
      code: 'timed_out',
      message: `${proxy.url} did not respond within 0.2 s.`,
    });
  });
});

describe('the pauses between attempts', () => {
  /** Returns the pause before each retry, measured with a manual clock. */
  async function pauses(responses: Response[], random: number): Promise<number[]> {
    const clock = createManualClock();
    const waited: number[] = [];
    const timed = createHoming({
      url: 'http://broker.test',
      key: 'tb_test_x',
      retries: responses.length,
      random: () => random,
      clock,
      fetch: async () => responses.shift() ?? Response.json({ messages: [], cursor: null, has_more: false }),
    });
    let isDone = false;
    const listing = timed.messages.list().finally(() => {
      isDone = true;
    });
    while (!isDone) {
      await new Promise((resolve) => setImmediate(resolve));
      const ms = clock.untilNext();
      if (ms === undefined) continue;
      waited.push(ms);
      clock.advance(ms);
    }
    await listing;
    return waited;
  }
  const busy = (headers = {}) => new Response(null, { status: 503, headers });

  it('the pauses double up to 8 s, with jitter', async () => {
    const eight = () => Array.from({ length: 8 }, () => busy());
    expect(await pauses(eight(), 1)).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
    expect(await pauses(eight(), 0)).toEqual([125, 250, 500, 1_000, 2_000, 4_000, 4_000, 4_000]);
  });

  it('the pauses follow Retry-After, in seconds or as a date', async () => {
    const inFive = new Date(5_000).toUTCString();
    const dated = busy({ 'retry-after': inFive });
    expect(await pauses([dated, busy({ 'retry-after': '7' }), busy({ 'retry-after': 'soon' })], 1)).toEqual([
      5_000, 7_000, 1_000,
    ]);
  });
});
