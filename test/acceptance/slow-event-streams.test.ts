/** Tests that clients cannot fill the memory of the broker with event streams that they do not read. */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Value } from '../../broker/store/database.ts';
import { createIdSource, firstIdAt, formatId, parseId } from '../../shared/ids.ts';
import { rowsOf } from '../support/broker-database.ts';
import { openEventSource } from '../support/event-source.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { type Client, createAccount, createClient } from '../support/http-client.ts';
import { until } from '../support/until.ts';

const STREAMS_MAX = 20;
const EVENTS = 400;
const TEXT_BYTES = 100_000;

let homing: HomingProcess;
let accounts = 0;
beforeAll(async () => {
  homing = await startHoming();
});
afterAll(() => homing?.dispose());

async function newClient(): Promise<Client & { key: string }> {
  accounts += 1;
  await createAccount(homing, `slow-${accounts}`);
  return createClient(homing, { account: `slow-${accounts}` });
}

/** Opens a stream without a client library, which would read it. */
function openRaw(key: string, { method = 'GET', lastEventId = '' } = {}): Socket {
  const { hostname, port } = new URL(homing.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  socket.write(
    `${method} /v1/events HTTP/1.1\r\nHost: x\r\nx-api-key: ${key}\r\nlast-event-id: ${lastEventId}\r\n\r\n`,
  );
  return socket;
}

/** Copies the first event of the client's account many times, with a long text. Returns the ids of the copies. */
async function fillWithEvents(client: Client & { key: string }): Promise<string[]> {
  const first = await openEventSource(`${homing.url}/v1/events`, client.key);
  await client.post('/v1/messages/send', { to: '+15005550010', from: '+15005550006', content: 'Hi' });
  await until('the events of the message', () => first.events.length === 2);
  first.close();
  const known = parseId('evt', first.events[0]!.id);
  const ids = createIdSource(() => Date.now());
  const copies = Array.from({ length: EVENTS }, ids);
  const [row] = await rowsOf<Record<string, Value>>(homing, 'SELECT * FROM events WHERE id = ?', known!);
  const subject = JSON.parse(String(row!.subject));
  subject.message.content = 'x'.repeat(TEXT_BYTES);
  const columns = Object.keys(row!);
  const places = copies.map(() => `(${columns.map(() => '?').join()})`).join();
  const rows = copies.map((id) => ({ ...row!, id, subject: JSON.stringify(subject) }) as typeof row);
  const values = rows.flatMap((copy) => columns.map((name) => copy![name]!));
  await rowsOf(homing, `INSERT INTO events (${columns.join()}) VALUES ${places}`, ...values);
  return copies.map((id) => formatId('evt', id));
}

const residentMb = () =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${homing.pid()}/status`, 'utf8'))?.[1]) / 1024;

const openStreams = async () =>
  Number(/^homing_event_streams\S* (\d+)$/m.exec(await (await fetch(`${homing.url}/metrics`)).text())?.[1]);

describe('event streams of one account', () => {
  it('are limited to 20 when they are opened at the same time', async () => {
    const { key } = await newClient();
    const streams = await Promise.all(
      Array.from({ length: 60 }, () => openEventSource(`${homing.url}/v1/events`, key)),
    );
    const statuses = streams.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(STREAMS_MAX);
    expect(statuses.filter((status) => status === 429)).toHaveLength(40);
    for (const stream of streams) stream.close();
  });

  it('leave no open stream after HEAD, or after a disconnect during the request', async () => {
    const { key } = await newClient();
    for (let i = 0; i < STREAMS_MAX; i += 1) {
      openRaw(key, { method: 'HEAD' }).resume();
      const dropped = openRaw(key);
      dropped.on('connect', () => setImmediate(() => dropped.destroy()));
    }
    const opened = async () => {
      const stream = await openEventSource(`${homing.url}/v1/events`, key);
      stream.close();
      return stream.status === 200;
    };
    await until('a free stream', opened);
    await until('the end of every stream', async () => (await openStreams()) === 0);
  });
});

describe('a client that never reads its event streams', () => {
  it.concurrent('needs little memory, is disconnected, and continues without a gap', async () => {
    const client = await newClient();
    const ids = await fillWithEvents(client);
    const before = residentMb();
    const lastEventId = formatId('evt', firstIdAt(0));
    const sockets = Array.from({ length: STREAMS_MAX }, () => openRaw(client.key, { lastEventId }).pause());
    await until('every stream', async () => (await openStreams()) === STREAMS_MAX);
    let highest = 0;
    await until(
      'the end of every stream',
      async () => {
        highest = Math.max(highest, residentMb());
        return (await openStreams()) === 0;
      },
      100_000,
    );
    // Batches of 100 events, whatever their size, took 400 MB.
    expect(highest - before).toBeLessThan(250);
    const received: string[] = [];
    let isEnded = false;
    sockets[0]!.setEncoding('utf8').on('data', (text) => received.push(String(text)));
    sockets[0]!.on('close', () => {
      isEnded = true;
    });
    sockets[0]!.resume();
    await until('the end of the connection', () => isEnded);
    for (const socket of sockets) socket.destroy();
    const complete = received.join('').split('\n\n').slice(0, -1);
    const idOf = (block: string) => /^id: (\S+)$/m.exec(block)?.[1];
    const seen = complete.flatMap((block) => idOf(block) ?? []);
    expect(seen.length).toBeLessThan(EVENTS);
    const rest = await openEventSource(`${homing.url}/v1/events?once=true`, client.key, {
      'last-event-id': seen.at(-1)!,
    });
    await rest.ended;
    const all = [...seen, ...rest.events.map(({ id }) => id)];
    expect(all.filter((id) => ids.includes(id))).toEqual(ids);
  });
});
