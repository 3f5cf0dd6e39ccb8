/**
 * Moves the system clock of the real program by a day, in both directions, while messages are sent to real devices. No
 * message may be lost or sent twice, no device may be disconnected, and no number may be delayed.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { type Client, clientFor, pairDevice } from '../support/http-client.ts';
import { unlimitedPlansFile } from '../support/plans.ts';
import { hello, openSocket, poll, type RawSocket, reportOf } from '../support/raw-device.ts';
import { until } from '../support/until.ts';

const DAY = 86_400_000;
const CLOCK = pathToFileURL(join(import.meta.dirname, '../support/movable-clock.mjs')).href;

const folder = mkdtempSync(join(tmpdir(), 'homing-clock-'));
const clockFile = join(folder, 'offset');
const setClock = (offsetMs: number) => writeFileSync(clockFile, String(offsetMs));

let homing: HomingProcess;
let client: Client;
beforeAll(async () => {
  homing = await startHoming({
    HOMING_TEST_CLOCK: clockFile,
    NODE_OPTIONS: `--import=${CLOCK}`,
    HOMING_MESSAGES_PER_SECOND: '50',
    HOMING_PLANS_FILE: unlimitedPlansFile(),
  });
  client = clientFor(homing.url, homing.liveKey);
});
afterAll(async () => {
  await homing?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

/** Reports every message as sent, and records the messages that it did not have yet. */
class Journal {
  readonly sent: string[] = [];
  #seq = 0;

  // biome-ignore lint/suspicious/noExplicitAny: frames are untyped here
  reportsOn(frames: readonly any[]): any[] {
    return frames
      .filter(({ type }) => type === 'deliver')
      .flatMap(({ items }) => items)
      .map((item) => {
        if (!this.sent.includes(item.message)) this.sent.push(item.message);
        this.#seq += 1;
        return reportOf(this.#seq, item, 'sent');
      });
  }
}

interface ConnectedDevice {
  journal: Journal;
  isConnected(): boolean;
  end(): Promise<void>;
}

async function connectSocket(token: string): Promise<ConnectedDevice> {
  const socket: RawSocket = await openSocket(homing.url, token);
  const journal = new Journal();
  let isConnected = true;
  void socket.closed.then(() => {
    isConnected = false;
  });
  socket.say(hello({ credit: 5 }));
  await socket.next('welcome');
  const timer = setInterval(() => {
    const reports = journal.reportsOn(socket.received.splice(0));
    for (const report of reports) socket.say(report);
    if (reports.length > 0) socket.say({ type: 'credit', n: 5 });
  });
  return {
    journal,
    isConnected: () => isConnected,
    async end() {
      clearInterval(timer);
      socket.terminate();
    },
  };
}

async function connectPoll(token: string): Promise<ConnectedDevice> {
  const journal = new Journal();
  const ending = new AbortController();
  let isConnected = true;
  const run = async () => {
    let frames: unknown[] = [hello({ credit: 5 })];
    let session: string | undefined;
    let received = 0;
    while (!ending.signal.aborted) {
      const body = { session, frames, wait: 2, received };
      const response = await poll(homing.url, token, body, ending.signal);
      if (response.status !== 200) isConnected = false;
      session = response.session;
      received = response.answer;
      const reports = journal.reportsOn(response.frames);
      frames = reports.length > 0 ? [...reports, { type: 'credit', n: 5 }] : [];
    }
  };
  const running = run().catch(() => {
    isConnected &&= ending.signal.aborted;
  });
  return {
    journal,
    isConnected: () => isConnected,
    async end() {
      ending.abort();
      await running;
    },
  };
}

let sends = 0;
async function send(from: string, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) {
    sends += 1;
    const to = `+1415557${String(1_000 + (sends % 40))}`;
    const { status, body } = await client.post('/v1/messages/send', { from, to, content: `m${sends}` });
    expect(status).toBe(202);
    ids.push(body.id);
  }
  return ids;
}

const outcomeOf = async (id: string) => (await client.get(`/v1/messages/${id}`)).body.status;

describe('a system clock that is set', () => {
  it.each([
    ['WebSocket', '+14155550131', connectSocket],
    ['long-poll', '+14155550132', connectPoll],
  ] as const)('loses, repeats and delays nothing over %s', async (_, from, connect) => {
    const { token } = await pairDevice(homing, from);
    setClock(0);
    const device = await connect(token);
    const ids: string[] = [];
    for (const offset of [DAY, 0, -DAY, 0, DAY, 0]) {
      const before = await send(from, 15);
      setClock(offset);
      const after = await send(from, 15);
      ids.push(...before, ...after);
      // The number continues within seconds, not when the clock has reached the earlier time again.
      await until(`the messages to be sent with the clock at ${offset}`, () =>
        after.every((id) => device.journal.sent.includes(id)),
      );
      expect(device.isConnected()).toBe(true);
    }
    for (const id of ids) await until(`${id} to be sent`, async () => (await outcomeOf(id)) === 'sent');
    expect(device.journal.sent).toEqual(ids);
    await device.end();
  });

  it('was ahead before a restart: new messages sort after the earlier ones, and the number sends', async () => {
    const from = '+14155550133';
    const { token } = await pairDevice(homing, from);
    setClock(30 * DAY);
    const first = await connectSocket(token);
    const early = await send(from, 60);
    await until('the first messages', () => first.journal.sent.length === early.length);
    await first.end();
    await homing.stop();
    setClock(0);
    await homing.restart();
    const second = await connectSocket(token);
    const late = await send(from, 60);
    await until('the later messages', () => second.journal.sent.length === late.length);
    expect([...early, ...late].toSorted()).toEqual([...early, ...late]);
    await second.end();
  });
});
