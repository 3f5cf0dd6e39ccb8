/** What is tried again and what is not, through a server that fails as proxies and networks do. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHoming, type Homing } from '../../client/src/index.ts';
import { type FaultyFront, startFaultyFront } from '../support/faulty-front.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { until } from '../support/until.ts';

let homing: HomingProcess;
let front: FaultyFront;
let client: Homing;
let count = 0;

beforeAll(async () => {
  homing = await startHoming();
});
afterAll(() => homing?.dispose());
beforeEach(async () => {
  front = await startFaultyFront(homing.url);
  client = createHoming({ url: front.url, key: homing.testKey });
  count += 1;
});
afterEach(() => front.close());

/** Each test has a number of its own to send to. */
const recipient = () => `+1415555${1000 + count}`;
const message = () => ({ to: recipient(), content: 'once' });
/** What the broker itself has, past the faulty server. */
async function kept() {
  const { messages } = await createHoming({ url: homing.url, key: homing.testKey }).messages.list({
    to: recipient(),
  });
  return messages;
}

describe('a send', () => {
  it.each([
    ['the connection was cut before it', 'cut before'],
    ['the connection was cut after it', 'cut after'],
    ['the connection was cut inside its answer', 'cut inside'],
    ['a proxy found no broker', { answer: 502 }],
    ['the broker was not available', { answer: 503 }],
    ['a proxy did not wait', { answer: 504 }],
  ] as const)('is tried again where %s, and makes one message', async (_what, fault) => {
    front.next(fault, fault);
    const sent = await client.messages.send(message());
    expect(front.seen).toEqual(Array(3).fill('POST /v1/messages/send'));
    expect((await kept()).map(({ id }) => id)).toEqual([sent.id]);
  });

  it('is tried again after as long as a 429 says', async () => {
    front.next({ answer: 429, headers: { 'retry-after': '1' } });
    const began = performance.now();
    const sent = await client.messages.send(message());
    expect(performance.now() - began).toBeGreaterThanOrEqual(990);
    expect((await kept()).map(({ id }) => id)).toEqual([sent.id]);
  });

  it('by path is tried again with an idempotency key, and sent once without', async () => {
    front.next('cut after');
    const header = { 'Idempotency-Key': `by-path-${count}` };
    const sent = client.POST('/v1/messages/send', { params: { header }, body: message() });
    await client.unwrap(sent);
    expect(await kept()).toHaveLength(1);

    front.seen.length = 0;
    front.next('cut before');
    await expect(client.POST('/v1/messages/send', { body: message() })).rejects.toMatchObject({
      code: 'connection_failed',
    });
    expect(front.seen).toHaveLength(1);
    expect(await kept()).toHaveLength(1);
  });

  it.each([400, 401, 402, 403, 404, 409, 500])('that was answered with %i is sent once', async (answer) => {
    front.next({ answer, headers: { 'content-type': 'application/json' }, body: '{}' });
    await expect(client.messages.send(message())).rejects.toMatchObject({ status: answer });
    expect(front.seen).toHaveLength(1);
  });
});

describe('what is not a send', () => {
  it('is tried again where it only reads', async () => {
    const sent = await client.messages.send(message());
    front.next('cut before', 'cut inside', { answer: 503 });
    expect(await client.messages.get(sent.id)).toMatchObject({ id: sent.id });
  });

  it('is done once where it changes something', async () => {
    for (const fault of ['cut after', { answer: 503 }] as const) {
      front.next(fault);
      const made = client.POST('/api/v1/contacts', { body: { phone_number: recipient(), name: 'Ada' } });
      await client.unwrap(made).catch(() => {});
    }
    expect(front.seen).toHaveLength(2);
  });
});

describe('an end', () => {
  it('comes after the last retry, with what happened then', async () => {
    const faults = Array(4).fill({ answer: 503 });
    front.next(...faults);
    await expect(client.messages.list()).rejects.toMatchObject({ status: 503, code: 'unavailable' });
    expect(front.seen).toHaveLength(4);
    const patient = createHoming({ url: front.url, key: homing.testKey, retries: 0 });
    front.next({ answer: 503 });
    await expect(patient.messages.list()).rejects.toMatchObject({ status: 503 });
    expect(front.seen).toHaveLength(5);
  });

  it('comes at once where it would be a long wait', async () => {
    front.next({ answer: 429, headers: { 'retry-after': '3600' } });
    await expect(client.messages.list()).rejects.toMatchObject({ retryAfterSeconds: 3600 });
    expect(front.seen).toHaveLength(1);
  });

  it('comes when the caller wants it, while a retry waits', async () => {
    const controller = new AbortController();
    front.next({ answer: 429, headers: { 'retry-after': '30' } });
    const listing = client.messages.list({}, { signal: controller.signal });
    await until('the first try', () => front.seen.length === 1);
    const enough = new Error('no longer needed');
    controller.abort(enough);
    await expect(listing).rejects.toBe(enough);
    expect(front.seen).toHaveLength(1);
  });

  it('comes for a try that is not answered, and the next one is', async () => {
    front.next('silence');
    const brisk = createHoming({ url: front.url, key: homing.testKey, timeoutMs: 200 });
    await brisk.messages.list();
    expect(front.seen).toHaveLength(2);
    front.next('silence');
    const once = createHoming({ url: front.url, key: homing.testKey, timeoutMs: 200, retries: 0 });
    await expect(once.messages.list()).rejects.toMatchObject({
      code: 'timed_out',
      message: `${front.url} gave no answer within 0.2 s.`,
    });
  });
});

describe('the pauses', () => {
  /** How long the client waited before each retry, by a clock that stands until it waits. */
  async function pauses(answers: Response[], random: number): Promise<number[]> {
    const clock = createManualClock();
    const waited: number[] = [];
    const timed = createHoming({
      url: 'http://broker.test',
      key: 'tb_test_x',
      retries: answers.length,
      random: () => random,
      clock,
      fetch: async () => answers.shift() ?? Response.json({ messages: [], cursor: null, has_more: false }),
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

  it('double, up to some seconds, and are spread', async () => {
    const eight = () => Array.from({ length: 8 }, () => busy());
    expect(await pauses(eight(), 1)).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
    expect(await pauses(eight(), 0)).toEqual([125, 250, 500, 1_000, 2_000, 4_000, 4_000, 4_000]);
  });

  it('are as long as Retry-After says, in seconds or as a date', async () => {
    const inFive = new Date(5_000).toUTCString();
    const dated = busy({ 'retry-after': inFive });
    expect(await pauses([dated, busy({ 'retry-after': '7' }), busy({ 'retry-after': 'soon' })], 1)).toEqual([
      5_000, 7_000, 1_000,
    ]);
  });
});
