/**
 * Checks event streams on two brokers with one database, while both write: a reader that moves between them gets each event
 * once, in order. The clock of one machine is 5 minutes ahead.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatId } from '../../../shared/ids.ts';
import { type BrokerCluster, startCluster } from '../../support/broker-cluster.ts';
import { type EventSource, openEventSource } from '../../support/event-source.ts';
import { clientFor } from '../../support/http-client.ts';
import { query } from '../../support/postgres/databases.ts';
import { createRandom } from '../../support/random.ts';
import { NO_FAULTS, UnreliableDevice } from '../../support/unreliable-device.ts';
import { until } from '../../support/until.ts';

const CLOCK = pathToFileURL(join(import.meta.dirname, '../../support/movable-clock.mjs')).href;
const AHEAD_MS = 5 * 60_000;
const NUMBERS = ['+14155551001', '+14155551002'] as const;
const MESSAGES = 300;
const WRITERS = 6;
const EVENTS_PER_STAY = 25;
const TYPES = ['message.sent', 'message.delivered', 'conversation.created'];
const STORED = `FROM events WHERE type IN (${TYPES.map((type) => `'${type}'`).join()})`;

let cluster: BrokerCluster;
const folder = mkdtempSync(join(tmpdir(), 'homing-clock-'));
const devices: UnreliableDevice[] = [];

beforeAll(async () => {
  const clockFile = join(folder, 'offset');
  writeFileSync(clockFile, String(AHEAD_MS));
  const ahead = { HOMING_TEST_CLOCK: clockFile, NODE_OPTIONS: `--import=${CLOCK}` };
  cluster = await startCluster(2, (index) => (index === 1 ? ahead : {}));
  // Each broker writes the events of the device that is connected to it.
  for (const [index, number] of NUMBERS.entries()) {
    const { json } = await cluster.brokers[0]!.cli('pair', number, '--json');
    const device = new UnreliableDevice({
      ...{ url: cluster.brokers[index]!.url, token: json[0].token, transport: 'websocket' },
      ...{ isJournaling: true, faults: NO_FAULTS, random: createRandom(index) },
    });
    device.start();
    devices.push(device);
  }
});
afterAll(async () => {
  for (const device of devices) await device.stop();
  await cluster?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const openAt = (index: number, lastEventId?: string): Promise<EventSource> =>
  openEventSource(
    `${cluster.brokers[index]!.url}/v1/events?types=${TYPES.join()}`,
    cluster.liveKey,
    lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
  );

async function send(broker: number, from: string, index: number): Promise<void> {
  const client = clientFor(cluster.brokers[broker]!.url, cluster.liveKey);
  const to = `+1415666${1000 + (index % 50)}`;
  const { status, text } = await client.post('/v1/messages/send', { from, to, content: `message ${index}` });
  expect(status, text).toBe(202);
}

describe('an event stream on two brokers', () => {
  it('delivers each event once and in order to a reader that moves between them', async () => {
    let source = await openAt(0);
    const resident = await openAt(1);
    let next = 0;
    const write = async (writer: number) => {
      while (next < MESSAGES) {
        next += 1;
        await send(writer % 2, NUMBERS[Math.floor(writer / 2) % 2]!, next);
      }
    };
    const writing = Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
    let isWritten = false;
    void writing.then(() => {
      isWritten = true;
    });

    const seen: string[] = [];
    let moves = 0;
    const isComplete = async (read: number) => {
      const [row] = await query<{ all: number; reported: number }>(
        cluster.database.url,
        `SELECT COUNT(*)::int AS all, (COUNT(*) FILTER (WHERE type LIKE 'message.%'))::int AS reported ${STORED}`,
      );
      // A message that is still on its way writes further events.
      return row!.reported === 2 * MESSAGES && row!.all === read;
    };
    for (let index = 0; ; index = 1 - index) {
      await until(
        'further events, or the end',
        async () =>
          source.events.length >= EVENTS_PER_STAY ||
          (isWritten && (await isComplete(seen.length + source.events.length))),
        60_000,
      );
      source.close();
      // The reader continues after the event that it has processed last.
      const processed = source.events.slice(0, EVENTS_PER_STAY);
      seen.push(...processed.map(({ id }) => id));
      if (isWritten && (await isComplete(seen.length))) break;
      moves += 1;
      source = await openAt(1 - index, seen.at(-1));
    }
    await writing;
    const stored = await query<{ id: string }>(cluster.database.url, `SELECT id ${STORED} ORDER BY id`);
    const ids = stored.map(({ id }) => formatId('evt', id));
    expect(seen).toEqual(ids);
    expect(moves).toBeGreaterThan(5);
    await until('the stream that stays', () => resident.events.length >= ids.length);
    expect(resident.events.map(({ id }) => id)).toEqual(ids);
    resident.close();
  });

  it('shows the events of both brokers at once', async () => {
    const sources = [await openAt(0), await openAt(1)];
    const before = sources.map(({ events }) => events.length);
    for (const [index, number] of NUMBERS.entries()) {
      await send(1 - index, number, index);
      // Without notifications, a stream would read at its next ping, 15 s later.
      for (const [place, source] of sources.entries()) {
        const events = () => source.events.filter(({ event }) => event.startsWith('message.'));
        await until('both events', () => events().length >= before[place]! + 2 * (index + 1), 5_000);
      }
    }
    for (const source of sources) source.close();
  });
});
