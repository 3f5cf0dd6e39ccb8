import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_SCRIPT } from '../../../cli/device/script.ts';
import { scriptedDevice } from '../../../cli/device/scripted-device.ts';
import type { DeviceEvent } from '../../../relay-agent/device-client.ts';
import { pollTransport } from '../../../relay-agent/transport/poll-transport.ts';
import type { Transport, TransportEvent } from '../../../relay-agent/transport/transport.ts';
import type { DeliverItem, DeviceFrame } from '../../../shared/protocol.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { clientFor } from '../../support/http-client.ts';
import { createRandom } from '../../support/random.ts';
import { until } from '../../support/until.ts';

const after = (ms: number, run: () => void) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};
const clock = { after, now: () => Date.now(), monotonicNow: () => performance.now(), random: () => 0 };

interface RecordedPoll {
  session: string | null;
  received: number;
  frames: DeviceFrame[];
  respond(answer: number, ...frames: object[]): void;
  respondWithStatus(status: number): void;
  /** Breaks the connection. */
  lose(): void;
  isAborted(): boolean;
}

describe('the long-poll transport', () => {
  let transport: Transport | undefined;
  afterEach(() => transport?.close());

  /** Opens a transport whose fetch the test responds to, in place of a broker. */
  function open(options: { waitSeconds?: number; lateMs?: number } = {}) {
    const polls: RecordedPoll[] = [];
    const events: TransportEvent[] = [];
    const fetchPoll: typeof fetch = (_, { body, signal } = {}) =>
      new Promise((resolve, reject) => {
        signal!.addEventListener('abort', () => reject(signal!.reason));
        polls.push({
          ...(JSON.parse(body as string) as {
            session: string | null;
            received: number;
            frames: DeviceFrame[];
          }),
          respond: (answer, ...frames) => resolve(Response.json({ session: 'ses_1', answer, frames })),
          respondWithStatus: (status) => resolve(Response.json({}, { status })),
          lose: () => reject(new TypeError('fetch failed', { cause: new Error('read ECONNRESET') })),
          isAborted: () => signal!.aborted,
        });
      });
    transport = pollTransport({
      url: 'http://broker',
      token: 'dev_x',
      ...clock,
      ...options,
      fetch: fetchPoll,
    })((event) => events.push(event));
    const opened = transport;
    const poll = (index: number) => until(`poll ${index}`, () => polls[index]);
    const read = () =>
      events.flatMap((event) => (event.type === 'frame' ? [(event.frame as { seq?: number }).seq] : []));
    return { transport: opened, polls, events, poll, read };
  }
  const hello = { type: 'hello' } as DeviceFrame;
  const credit = (n: number): DeviceFrame => ({ type: 'credit', n });
  const ack = (seq: number) => ({ type: 'ack', of: 'report', seq });

  /** Greets the broker; poll 1 is then pending. */
  async function greeted(options: { waitSeconds?: number; lateMs?: number } = {}) {
    const opened = open(options);
    opened.transport.send(hello);
    (await opened.poll(0)).respond(1);
    await opened.poll(1);
    return opened;
  }

  it('the hello is sent alone, and one poll is always pending', async () => {
    const { transport, poll, polls } = open();
    transport.send(hello);
    transport.send(credit(1));
    expect(await poll(0)).toMatchObject({ session: null, received: 0, frames: [hello] });
    polls[0]!.respond(1);
    expect(await poll(1)).toMatchObject({ session: 'ses_1', received: 1, frames: [credit(1)] });
    polls[1]!.respond(2);
    expect(await poll(2)).toMatchObject({ received: 2, frames: [] });
  });

  it('new frames are sent in a second poll, and one of the two stays pending', async () => {
    const { transport, poll, polls, read } = await greeted();
    transport.send(credit(1));
    transport.send(credit(2));
    expect((await poll(2)).frames).toEqual([credit(1), credit(2)]);
    transport.send(credit(3));
    polls[1]!.respond(2);
    expect(await poll(3)).toMatchObject({ received: 2, frames: [credit(3)] });
    polls[2]!.respond(3, ack(1));
    await until('the response to be read', () => read().length === 1);
    expect(polls).toHaveLength(4);
  });

  it('frames of a lost poll are sent again ahead of newer ones', async () => {
    const { transport, poll, events } = await greeted();
    transport.send(credit(1));
    const second = await poll(2);
    transport.send(credit(2));
    second.lose();
    expect(await poll(3)).toMatchObject({ received: 1, frames: [credit(1), credit(2)] });
    expect(events).toContainEqual({ type: 'trouble', problem: 'read ECONNRESET', retryInMs: 0 });
  });

  it('responses are read in order: a later one waits for a delayed one', async () => {
    const { transport, polls, poll, read } = await greeted();
    transport.send(credit(1));
    (await poll(2)).respond(3, ack(2));
    transport.send(credit(2));
    await poll(3);
    expect(read()).toEqual([]);
    polls[1]!.respond(2, ack(1));
    await until('both responses', () => read().length === 2);
    expect(read()).toEqual([1, 2]);
  });

  it('a response that can no longer arrive is skipped', async () => {
    const { transport, polls, poll, read } = await greeted();
    transport.send(credit(1));
    (await poll(2)).respond(3, ack(2));
    transport.send(credit(2));
    const third = await poll(3);
    polls[1]!.lose();
    third.lose();
    await until('the later response', () => read().length === 1);
    expect(read()).toEqual([2]);
  });

  it('frames that the broker repeats are read once', async () => {
    const { transport, polls, poll, read } = await greeted();
    transport.send(credit(1));
    const newer = await poll(2);
    polls[1]!.respond(2, ack(1), ack(2));
    newer.respond(3, ack(1), ack(2), ack(3));
    await until('all frames to be read', () => read().length >= 3);
    expect(read()).toEqual([1, 2, 3]);
  });

  it('a pending poll is aborted if the broker does not respond to it', async () => {
    const { transport, polls, poll } = await greeted({ waitSeconds: 30, lateMs: 50 });
    transport.send(credit(1));
    await poll(2);
    await until('the older poll to be aborted', () => polls[1]!.isAborted());
    expect(polls[2]!.isAborted()).toBe(false);
  });

  it('a poll is retried after a timeout', async () => {
    const { poll, events } = await greeted({ waitSeconds: 0, lateMs: 50 });
    expect(await poll(2)).toMatchObject({ session: 'ses_1', received: 1 });
    expect(events).toContainEqual(expect.objectContaining({ problem: 'the broker did not respond in time' }));
  });

  it.each([
    [401, { kind: 'revoked' }],
    [409, { kind: 'replaced' }],
    [410, { kind: 'expired' }],
  ])('status %i ends the session', async (status, reason) => {
    const { poll, events } = await greeted();
    (await poll(1)).respondWithStatus(status);
    await until('the transport to close', () => events.at(-1)?.type === 'closed');
    expect(events.at(-1)).toEqual({ type: 'closed', reason });
  });

  it('status 503 is retried within a session, and closes the transport before the first response', async () => {
    const inSession = await greeted();
    (await inSession.poll(1)).respondWithStatus(503);
    await inSession.poll(2);
    const other = open();
    other.transport.send(hello);
    (await other.poll(0)).respondWithStatus(503);
    await until('the transport to close', () => other.events.at(-1)?.type === 'closed');
    expect(other.events.at(-1)).toEqual({
      type: 'closed',
      reason: { kind: 'lost', problem: 'the broker returned status 503' },
    });
  });

  it('frames before a goodbye are read, and frames after it are not', async () => {
    const { poll, events, read } = await greeted();
    (await poll(1)).respond(2, ack(1), { type: 'bye', reason: 'shutdown', retry_after_s: 2 }, ack(2));
    await until('the transport to close', () => events.at(-1)?.type === 'closed');
    expect(events.at(-1)).toEqual({
      type: 'closed',
      reason: { kind: 'goodbye', reason: 'shutdown', retryAfterMs: 2_000 },
    });
    expect(read()).toEqual([1, undefined]);
  });
});

describe('a device without a journal, over polls that get lost', () => {
  const MESSAGES = 200;
  let homing: HomingProcess;
  beforeAll(async () => {
    homing = await startHoming();
  });
  afterAll(() => homing.dispose());

  it('every message arrives once and in order', async () => {
    const { json } = await homing.cli('pair', '+14155550199', '--json');
    const { token, number } = json[0];
    const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
    const random = createRandom(seed);
    console.log(`seed ${seed}`);
    let lost = 0;
    /** Every tenth request does not reach the broker, and every tenth response is lost. */
    const lossy: typeof fetch = async (input, init) => {
      const isLost = () => {
        if (random() >= 0.1) return;
        lost += 1;
        throw new TypeError('fetch failed', { cause: new Error('lost on its way') });
      };
      isLost();
      const response = await fetch(input, init);
      const text = await response.text();
      isLost();
      return new Response(text, { status: response.status });
    };
    const delivered: DeliverItem[] = [];
    const device = scriptedDevice({
      ...clock,
      connect: pollTransport({ url: homing.url, token, ...clock, fetch: lossy }),
      script: { ...DEFAULT_SCRIPT, delayMs: 5 },
      journal: undefined,
      agent: 'test',
      platform: 'test',
      numbers: [],
      capabilities: [],
      credit: 10,
      on(event: DeviceEvent) {
        if (event.type === 'frame' && event.frame.type === 'deliver') delivered.push(...event.frame.items);
      },
    });
    try {
      await until('the device to connect', async () => {
        const { json: devices } = await homing.cli('devices', 'list', '--json');
        return devices[0].platform === 'test';
      });
      const client = clientFor(homing.url, homing.liveKey);
      const ids: string[] = [];
      for (let n = 0; n < MESSAGES; n += 1) {
        const { body } = await client.post('/v1/messages/send', {
          to: '+14155550100',
          from: number,
          content: String(n),
        });
        ids.push(body.id);
      }
      await until('every message to be delivered', () => delivered.length >= MESSAGES, 30_000);
      await until('the last to be delivered', async () => {
        const { body } = await client.get(`/v1/messages/${ids.at(-1)}`);
        return body.status === 'delivered';
      });
      expect(lost).toBeGreaterThan(10);
      expect(delivered.map(({ message }) => message)).toEqual(ids);
    } finally {
      device.stop();
      expect(await device.ended).toBe('stopped');
    }
  });
});
