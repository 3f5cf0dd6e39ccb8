/**
 * Checks the fail-over between two brokers on one PostgreSQL, with a device on each transport and 100 messages a second:
 * every accepted message is delivered once, none is lost, and each recipient gets them in order.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type ActiveProxy, startActiveProxy } from '../../support/active-proxy.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { clientFor } from '../../support/http-client.ts';
import { endedMessages } from '../../support/message-status.ts';
import { type PersistentLoad, startPersistentLoad } from '../../support/persistent-load.ts';
import { unlimitedPlansFile } from '../../support/plans.ts';
import { newEmptyDatabase, query, type TestDatabase } from '../../support/postgres/databases.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres/server.ts';
import { createRandom } from '../../support/random.ts';
import { NO_FAULTS, UnreliableDevice } from '../../support/unreliable-device.ts';
import { until } from '../../support/until.ts';

const NUMBERS = ['+14155551001', '+14155551002'];
const ROUTES_PER_NUMBER = 5;
const PER_SECOND = 100;
const TAKE_OVER_MAX_MS = 10_000;
const TO = '+14155559999';

interface Pair {
  brokers: [HomingProcess, HomingProcess];
  proxy: ActiveProxy;
  devices: UnreliableDevice[];
  load: PersistentLoad;
  /** Index of the active broker, as soon as one is ready. */
  active(): Promise<number>;
}

describe('two brokers on one PostgreSQL', () => {
  const ends: Array<() => Promise<unknown>> = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function startPair(databaseUrl: string): Promise<Pair> {
    const env = {
      DATABASE_URL: databaseUrl,
      HOMING_PLANS_FILE: unlimitedPlansFile(),
      HOMING_LEASE_SECONDS: '5',
    };
    const first = await startHoming(env);
    ends.push(() => first.dispose());
    const second = await startHoming(env);
    ends.push(() => second.dispose());
    const proxy = await startActiveProxy([first.url, second.url]);
    ends.push(() => proxy.close());
    const random = createRandom(1);
    const devices: UnreliableDevice[] = [];
    for (const [index, number] of NUMBERS.entries()) {
      const { json } = await first.cli('pair', number, '--json');
      const transport = index === 0 ? 'websocket' : 'poll';
      const device = new UnreliableDevice({
        ...{ url: proxy.url, token: json[0].token, transport, isJournaling: true, faults: NO_FAULTS, random },
      });
      device.start();
      ends.push(() => device.stop());
      devices.push(device);
    }
    const routes = NUMBERS.flatMap((from, index) =>
      Array.from({ length: ROUTES_PER_NUMBER }, (_, route) => ({
        from,
        to: `+1415${6_000_000 + index * 100 + route}`,
      })),
    );
    const load = startPersistentLoad({
      ...{ url: proxy.url, key: first.liveKey, routes, perSecond: PER_SECOND, name: 'fail-over' },
    });
    return {
      ...{ brokers: [first, second], proxy, devices, load },
      active: async () => {
        const index = await until(
          'an active broker',
          () => proxy.active() !== undefined && [proxy.active()!],
        );
        return index[0]!;
      },
    };
  }

  /** Ends the load, waits for the queue, and compares the accepted messages with the sent ones. */
  async function expectEachOnce({ brokers, proxy, devices, load }: Pair): Promise<void> {
    await load.stop();
    await until('an active broker', () => proxy.active() !== undefined);
    const messages = await endedMessages(proxy.url, brokers[0].liveKey, 60_000);
    expect(messages.filter(({ status }) => status !== 'delivered')).toEqual([]);
    const delivered = new Set(messages.map(({ id }) => id));
    expect(load.accepted.filter(({ id }) => !delivered.has(id))).toEqual([]);
    expect(messages).toHaveLength(load.accepted.length);
    const times = new Map<string, number>();
    for (const { message } of devices.flatMap(({ sent }) => sent)) {
      times.set(message, (times.get(message) ?? 0) + 1);
    }
    expect([...times.values()].filter((count) => count !== 1)).toEqual([]);
    expect(load.accepted.filter(({ id }) => !times.has(id))).toEqual([]);
    const places = new Map(load.accepted.map(({ id, index }) => [id, index]));
    const last = new Map<string, number>();
    for (const { message, to } of devices.flatMap(({ sent }) => sent)) {
      const place = places.get(message)!;
      expect(place, `order for ${to}`).toBeGreaterThan(last.get(to) ?? -1);
      last.set(to, place);
    }
  }

  it('deliver every message once while the active one is killed three times', async () => {
    const database: TestDatabase = await newEmptyDatabase();
    ends.push(() => database.drop());
    const pair = await startPair(database.url);
    const { brokers, proxy, load } = pair;
    for (let round = 0; round < 3; round += 1) {
      const before = load.accepted.length;
      await until('load', () => load.accepted.length > before + 2 * PER_SECOND, 30_000);
      const killed = await pair.active();
      const killedAt = performance.now();
      await brokers[killed]!.kill();
      await until('the other broker to take over', () => proxy.active() === 1 - killed, 30_000);
      const milliseconds = Math.round(performance.now() - killedAt);
      console.log(`round ${round}: taken over after ${milliseconds} ms`);
      expect(milliseconds).toBeLessThan(TAKE_OVER_MAX_MS);
      await brokers[killed]!.restart();
    }
    await until('load', () => load.accepted.length > 8 * PER_SECOND, 30_000);
    await expectEachOnce(pair);
    expect(load.withoutRetryAfter).toBe(0);
  });

  it('send nothing from a broker that wakes up after it was removed', async () => {
    const database: TestDatabase = await newEmptyDatabase();
    ends.push(() => database.drop());
    const pair = await startPair(database.url);
    const { brokers, proxy, load } = pair;
    await until('load', () => load.accepted.length > PER_SECOND, 30_000);
    const paused = await pair.active();
    process.kill(brokers[paused]!.pid(), 'SIGSTOP');
    await until('the other broker to take over', () => proxy.active() === 1 - paused, 30_000);
    await until(
      'the other broker to remove it',
      async () => (await query(database.url, 'SELECT id FROM brokers')).length === 1,
      30_000,
    );
    const before = load.accepted.length;
    await until('load', () => load.accepted.length > before + PER_SECOND, 30_000);
    process.kill(brokers[paused]!.pid(), 'SIGCONT');
    await until(
      'the woken broker to start again',
      () => brokers[paused]!.log().includes('starting again'),
      30_000,
    );
    await until('load', () => load.accepted.length > before + 3 * PER_SECOND, 30_000);
    await expectEachOnce(pair);
    expect(await Promise.all(brokers.map((broker) => broker.stop()))).toEqual([0, 0]);
  });

  it('survive a stop of the server for 10 s and its crash', { timeout: 240_000 }, async () => {
    const server: PostgresServer = await startPostgres();
    ends.push(() => server.dispose());
    const pair = await startPair(server.url());
    const { brokers, load } = pair;
    const client = (broker: HomingProcess) => clientFor(broker.url, brokers[0].liveKey);
    for (const mode of ['fast', 'immediate'] as const) {
      const before = load.accepted.length;
      await until('load', () => load.accepted.length > before + 2 * PER_SECOND, 60_000);
      const active = brokers[await pair.active()]!;
      await server.stop(mode);
      if (mode === 'fast') {
        const stopped = wait(10_000);
        const answer = await client(active).post('/v1/messages/send', {
          from: NUMBERS[0],
          to: TO,
          content: 'x',
        });
        expect(answer.status).toBe(503);
        expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
        await stopped;
      }
      await server.start();
      await pair.active();
    }
    const after = load.accepted.length;
    await until('load after the outages', () => load.accepted.length > after + 2 * PER_SECOND, 60_000);
    await expectEachOnce(pair);
    expect(load.withoutRetryAfter).toBe(0);
    // Neither process has ended: SIGTERM ends both with 0.
    expect(await Promise.all(brokers.map((broker) => broker.stop()))).toEqual([0, 0]);
  });
});
