/** Tests a device that moves between two brokers, over both transports of the relay protocol. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatId } from '../../../shared/ids.ts';
import { rowsOf } from '../../support/broker-database.ts';
import { signIn } from '../../support/dashboard.ts';
import { startDeviceProcess } from '../../support/device-process.ts';
import type { HomingProcess } from '../../support/homing-process.ts';
import { clientFor } from '../../support/http-client.ts';
import { startMovingProxy } from '../../support/moving-proxy.ts';
import { type PairedLine, pairedLine } from '../../support/paired-line.ts';
import { hello, openSocket, poll, type RawSocket, reportOf, textsOf } from '../../support/raw-device.ts';
import { startTwoBrokers, type TwoBrokers } from '../../support/two-brokers.ts';
import { until } from '../../support/until.ts';

const HANDLE = '+14155550100';
const REPLACED = 4409;
const REVOKED = 4401;

let brokers: TwoBrokers;
let one: HomingProcess;
let other: HomingProcess;
beforeAll(async () => {
  brokers = await startTwoBrokers();
  ({ one, other } = brokers);
});
afterAll(() => brokers?.dispose());

async function connect(broker: HomingProcess, { token }: PairedLine, change = {}): Promise<RawSocket> {
  const socket = await openSocket(broker.url, token);
  socket.say(hello(change));
  await socket.next('welcome');
  return socket;
}

async function send(broker: HomingProcess, { phoneNumber }: PairedLine, content: string): Promise<string> {
  const client = clientFor(broker.url, one.liveKey);
  const body = { from: phoneNumber, to: HANDLE, content };
  const response = await client.post('/v1/messages/send', body);
  expect(response.status, response.text).toBe(202);
  return response.body.id as string;
}

async function statusOf(id: string): Promise<string> {
  return (await clientFor(one.url, one.liveKey).get(`/v1/messages/${id}`)).body.status;
}

interface StoredRow {
  session_id: string | null;
  broker_id: string | null;
  transport: string | null;
}

const stored = async ({ deviceId }: PairedLine) =>
  (
    await rowsOf<StoredRow>(
      one,
      'SELECT session_id, broker_id, transport FROM devices WHERE id = ?',
      deviceId,
    )
  )[0];

describe('a device that connects to another broker', () => {
  it.each([
    ['from the first broker to the second', () => [one, other] as const],
    ['from the second broker to the first', () => [other, one] as const],
  ])('over WebSocket, %s, gets each message at the new broker', async (_, order) => {
    const [from, to] = order();
    const line = await pairedLine(one);
    const before = await connect(from, line);
    const first = await send(to, line, 'first');
    const [item] = (await before.next('deliver')).items;
    before.say(reportOf(1, item, 'sent'));
    await before.next('ack');
    const after = await connect(to, line);
    expect(await before.closed).toBe(REPLACED);
    await send(from, line, 'second');
    expect(textsOf([await after.next('deliver')])).toEqual(['second']);
    expect(before.received.filter(({ type }) => type === 'deliver')).toEqual([]);
    expect(await statusOf(first)).toBe('sent');
    expect(await stored(line)).toMatchObject({ transport: 'websocket', broker_id: expect.any(String) });
    after.terminate();
    await until('the stored disconnect', async () => (await stored(line))?.broker_id === null);
  });

  it('over long-poll gets 410 at a broker that does not know its session, and 409 after a newer session', async () => {
    const line = await pairedLine(one);
    const opened = await poll(one.url, line.token, { frames: [hello()], received: 0 });
    const unknown = await poll(other.url, line.token, { session: opened.session, received: 0 });
    expect([unknown.status, unknown.error?.code]).toEqual([410, 'gone']);
    const moved = await poll(other.url, line.token, { frames: [hello()], received: 0 });
    expect(moved.status).toBe(200);
    for (const broker of [one, other]) {
      const replaced = await until('the conflict', async () => {
        const response = await poll(broker.url, line.token, { session: opened.session, received: 0 });
        return response.status !== 200 && response;
      });
      expect([replaced.status, replaced.error?.code]).toEqual([409, 'conflict']);
    }
    await send(one, line, 'to the newer');
    const next = await poll(other.url, line.token, {
      ...{ session: moved.session, received: moved.answer, wait: 20 },
    });
    expect(textsOf(next.frames)).toEqual(['to the newer']);
  });

  it('gets the messages that it had not reported again, and no message of the earlier session', async () => {
    const line = await pairedLine(one);
    const before = await connect(one, line);
    await send(one, line, 'lost');
    const [lost] = (await before.next('deliver')).items;
    const after = await connect(other, line);
    const [again] = (await after.next('deliver')).items;
    expect(again).toMatchObject({ message: lost.message, attempt: 2 });
    after.say(reportOf(1, again, 'sent'));
    await after.next('ack');
    after.terminate();
  });

  it('keeps the order and gets each message once while it moves many times', async () => {
    const line = await pairedLine(one);
    const expected: string[] = [];
    const received: string[] = [];
    const handled = new Set<string>();
    const sending = (async () => {
      for (let n = 0; n < 60; n += 1) {
        expected.push(`text ${n}`);
        await send(n % 2 === 0 ? one : other, line, `text ${n}`);
      }
    })();
    let seq = 0;
    for (let move = 0; received.length < 60; move += 1) {
      const broker = move % 2 === 0 ? one : other;
      // Reports that are lost with a connection use credit again.
      const socket = await connect(broker, line, { credit: 100 });
      const end = Math.min(received.length + 7, 60);
      while (received.length < end) {
        const { items } = await socket.next('deliver');
        for (const item of items) {
          if (!handled.has(item.message)) received.push(item.text);
          handled.add(item.message);
          seq += 1;
          socket.say(reportOf(seq, item, 'sent'));
        }
      }
      if (move % 3 === 0) socket.terminate();
    }
    await sending;
    expect(received).toEqual(expected);
  });
});

describe('homing device', () => {
  it.each(['ws', 'poll'])(
    'moves between brokers over %s, and sends each message once, in order',
    async (carrier) => {
      const line = await pairedLine(one);
      const proxy = await startMovingProxy(one.url);
      const device = startDeviceProcess(
        { ...one, url: proxy.url },
        ...['--token', line.token, '--carrier', carrier],
      );
      const messages: string[] = [];
      try {
        for (let n = 0; n < 40; n += 1) {
          if (n % 8 === 4) proxy.moveTo(n % 16 === 4 ? other.url : one.url);
          messages.push(await send(n % 2 === 0 ? one : other, line, `text ${n}`));
        }
        const settled = ['sent', 'delivered'];
        for (const id of messages) {
          await until(`the report of ${id}`, async () => settled.includes(await statusOf(id)), 60_000);
        }
        const reports = device.items('out', 'report').filter(({ state }) => state === 'sent');
        const sent = [...new Set(reports.map(({ message }) => message))];
        expect(sent).toEqual(messages);
      } finally {
        device.signal('SIGTERM');
        await device.ended;
        await proxy.close();
      }
    },
  );
});

describe('a device that is connected to another broker', () => {
  it('is online everywhere, with its transport, capabilities and health', async () => {
    const line = await pairedLine(one);
    const id = formatId('dev', line.deviceId);
    const owner = await signIn(one);
    const listed = async () => {
      const { numbers } = (await owner.get('/live/numbers')).body;
      return numbers.find((number: { phoneNumber: string }) => number.phoneNumber === line.phoneNumber);
    };
    const onlineCount = async () => (await owner.get('/live/overview?range=7d')).body.devices.online;
    /** Devices of earlier tests may disconnect meanwhile. */
    const countsAll = () =>
      until('the overview to count the connected devices', async () => {
        const rows = await rowsOf(one, 'SELECT id FROM devices WHERE broker_id IS NOT NULL');
        return (await onlineCount()) === rows.length;
      });
    const socket = await connect(other, line, { capabilities: ['imessage', 'journal', 'typing'] });
    socket.say({ type: 'health', full_disk_access: true, battery: 7 });
    const number = await until('the stored health', async () => {
      const found = await listed();
      return found.devices[0].health !== null && found;
    });
    expect(number).toMatchObject({
      state: 'online',
      devices: [
        {
          ...{ id, isOnline: true, transport: 'websocket', agent: 'raw/1.0' },
          capabilities: ['imessage', 'journal', 'typing'],
          health: { batteryPercent: 7, hasFullDiskAccess: true, isSignedIn: null },
          problems: [{ code: 'battery_low' }],
        },
      ],
    });
    await countsAll();
    expect(Date.parse((await line.listed()).last_seen_at)).toBeGreaterThan(Date.now() - 60_000);
    const { json } = await one.cli('devices', 'list', '--json');
    expect(json.find((device) => device.id === id)).toMatchObject({ online: true });
    const renamed = await owner.patch(`/live/devices/${id}`, { name: 'Office' });
    expect(renamed.body).toMatchObject({ name: 'Office', isOnline: true, health: { batteryPercent: 7 } });
    socket.terminate();
    await until('the device to be offline', async () => (await listed()).state === 'offline');
    await countsAll();
    const after = await one.cli('devices', 'list', '--json');
    expect(after.json.find((device) => device.id === id)).toMatchObject({ online: false });
  });

  it('causes no event when it moves, and one when it leaves', async () => {
    const line = await pairedLine(one);
    expect((await line.client.get('/v1/events?once=true')).status).toBe(200);
    const id = formatId('dev', line.deviceId);
    const eventsOf = () =>
      rowsOf<{ type: string }>(
        one,
        "SELECT type FROM events WHERE type LIKE 'device.%' AND subject LIKE ? ORDER BY id",
        `%${line.deviceId}%`,
      ).then((rows) => rows.map(({ type }) => type));
    const first = await connect(one, line);
    first.say({ type: 'health', signed_in: false });
    await until('the events', async () => (await eventsOf()).length === 2);
    await until('the stored health', async () => {
      const [row] = await rowsOf<{ health: string }>(
        one,
        'SELECT health FROM devices WHERE id = ?',
        line.deviceId,
      );
      return row?.health;
    });
    let socket = first;
    for (const broker of [other, one, other]) {
      const next = await connect(broker, line);
      expect(await socket.closed).toBe(REPLACED);
      next.say({ type: 'health', signed_in: false });
      socket = next;
    }
    socket.terminate();
    const events = await until(
      'the last event',
      async () => {
        const found = await eventsOf();
        return found.at(-1) === 'device.offline' && found;
      },
      30_000,
    );
    expect([id, ...events]).toEqual([id, 'device.online', 'device.problem', 'device.offline']);
  });
});

describe('a device token', () => {
  it('that is replaced at one broker is rejected at the other at once, and ends its session there', async () => {
    const { json } = await one.cli('pair', '+14155550177', '--json');
    const { token, setup_url: setupUrl } = json[0] as { token: string; setup_url: string };
    const socket = await openSocket(one.url, token);
    socket.say(hello());
    await socket.next('welcome');
    const late = await openSocket(one.url, token);
    const code = new URL(setupUrl).searchParams.get('token');
    const { body } = await clientFor(other.url).post('/relay/v1/pair', { code });
    expect(await socket.closed).toBe(REVOKED);
    // Its connection was opened with the earlier token.
    late.say(hello());
    expect(await late.closed).toBe(REVOKED);
    expect((await poll(one.url, token, { frames: [hello()], received: 0 })).status).toBe(401);
    expect((await poll(one.url, body.token, { frames: [hello()], received: 0 })).status).toBe(200);
  });

  it('that is revoked at one broker is rejected at the other at once, and ends its session there', async () => {
    const line = await pairedLine(one);
    const socket = await connect(other, line);
    const owner = await signIn(one);
    const id = formatId('dev', line.deviceId);
    expect((await owner.post(`/live/devices/${id}/revoke`)).status).toBe(204);
    expect(await socket.closed).toBe(REVOKED);
    for (const broker of [one, other]) {
      expect((await poll(broker.url, line.token, { frames: [hello()], received: 0 })).status).toBe(401);
    }
  });
});
