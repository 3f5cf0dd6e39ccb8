import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SharedLimits } from '../../../../broker/cluster/shared-limits.ts';
import { purgeCounters } from '../../../../broker/core/messages/retention.ts';
import type { Allowance, RateLimit } from '../../../../broker/core/ports/rate-limits.ts';
import { openPostgresStore } from '../../../../broker/store/postgres/open.ts';
import { RateWindowTable } from '../../../../broker/store/postgres/rate-windows.ts';
import { newDatabase, query, type TestDatabase } from '../../../support/postgres/databases.ts';
import { createRandom } from '../../../support/random.ts';
import { until } from '../../../support/until.ts';

const DAY_MS = 86_400_000;
const WINDOW = { windowMs: 60_000, isRefunded: true };

interface TestBroker {
  limits: SharedLimits;
  limit: RateLimit;
  faults: unknown[];
  recovered: number;
  aloneForMs: number;
}

describe('rate limits of several brokers on PostgreSQL', () => {
  let database: TestDatabase;
  let now: number;
  const brokers: TestBroker[] = [];

  beforeEach(async () => {
    database = await newDatabase();
    now = 600_000;
  });
  afterEach(async () => {
    for (const { limits } of brokers.splice(0)) await limits.close();
    await database.drop();
  });

  async function startBroker(aloneForMs = -1, options: object = WINDOW): Promise<TestBroker> {
    const id = `broker-${brokers.length}`;
    await query(
      database.url,
      `INSERT INTO brokers (id, host, version, started_at, heartbeat_at) VALUES ('${id}', 'h', '1', 0, 0)`,
    );
    const broker: TestBroker = { faults: [], recovered: 0, aloneForMs } as never;
    broker.limits = new SharedLimits({
      windows: new RateWindowTable({ url: database.url, usesPreparedStatements: true }, id),
      now: () => now,
      aloneForMs: () => broker.aloneForMs,
      onFailing: (error) => broker.faults.push(error),
      onRecovered: () => {
        broker.recovered += 1;
      },
    });
    broker.limit = broker.limits.open('messages', options);
    brokers.push(broker);
    return broker;
  }

  const allowed = (allowances: readonly Allowance[]) =>
    allowances.filter(({ isAllowed }) => isAllowed).length;
  const take = async ({ limit }: TestBroker, subject: string | number = 'a', max = 60) =>
    (await limit.take(subject, max)).isAllowed;

  it('grants exactly the limit to takes of all brokers at the same time', async () => {
    const all = [await startBroker(), await startBroker(), await startBroker()];
    const taken = await Promise.all(
      Array.from({ length: 300 }, (_, index) => all[index % 3]!.limit.take('a', 60)),
    );
    expect(allowed(taken)).toBe(60);
    const remaining = taken.filter(({ isAllowed }) => isAllowed).map((one) => one.remaining);
    expect(remaining.sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, index) => index));
    expect(taken[0]).toMatchObject({ retryAfterSeconds: 60, windowStart: 600_000 });
    now += 60_000;
    expect(await take(all[1]!)).toBe(true);
  });

  it('stays exact with takes of several units, refunds and many subjects in random order', async () => {
    const random = createRandom(19);
    const all = [await startBroker(), await startBroker(), await startBroker()];
    const used = new Map<string, number>();
    const exceeded: string[] = [];
    await Promise.all(
      Array.from({ length: 600 }, async (_, index) => {
        const { limit } = all[index % 3]!;
        const subject = `s${Math.floor(random() * 5)}`;
        const count = 1 + Math.floor(random() * 3);
        await wait(random() * 50);
        const allowance = await limit.take(subject, 30, count);
        const now = (used.get(subject) ?? 0) + allowance.taken;
        used.set(subject, now);
        if (now > 30) exceeded.push(subject);
        if (random() < 0.3) {
          used.set(subject, now - allowance.taken);
          limit.refund(subject, allowance, allowance.taken);
        }
      }),
    );
    expect(exceeded).toEqual([]);
    // Refunded units can be taken again.
    for (const [subject, count] of used) {
      await until(`the last unit of ${subject}`, async () => {
        const { taken } = await all[0]!.limit.take(subject, 30);
        if (taken > 0) used.set(subject, used.get(subject)! + 1);
        return used.get(subject) === 30;
      });
      expect(used.get(subject), `${subject}, ${count} before`).toBe(30);
      expect(await take(all[1]!, subject, 30)).toBe(false);
    }
  });

  it('counts in memory while it is alone, and writes the counts when another broker joins', async () => {
    const first = await startBroker(Number.POSITIVE_INFINITY);
    const inMemory = Array.from({ length: 40 }, () => first.limit.take('a', 60));
    expect(inMemory.some((one) => one instanceof Promise)).toBe(false);
    expect(await query(database.url, 'SELECT 1 FROM rate_windows')).toEqual([]);
    first.aloneForMs = -1;
    await first.limits.write();
    const second = await startBroker();
    const taken = await Promise.all(
      Array.from({ length: 60 }, (_, index) => [first, second][index % 2]!.limit.take('a', 60)),
    );
    expect(allowed(taken)).toBe(20);
  });

  it('writes the counts of many subjects in several statements', async () => {
    const first = await startBroker(Number.POSITIVE_INFINITY);
    for (let tenant = 0; tenant < 2_000; tenant += 1) await first.limit.take(tenant, 2, 2);
    first.aloneForMs = -1;
    await first.limits.write();
    const second = await startBroker();
    const taken = await Promise.all(
      Array.from({ length: 2_001 }, (_, tenant) => second.limit.take(tenant, 2)),
    );
    expect(taken.map(({ isAllowed }) => isAllowed).indexOf(true)).toBe(2_000);
  });

  it('counts in the table until the end of a window that began before the broker was alone', async () => {
    const [first, second] = [await startBroker(), await startBroker()];
    for (let i = 0; i < 60; i += 1) await second.limit.take('a', 60);
    now += 30_000;
    first.aloneForMs = 10_000;
    expect(await take(first)).toBe(false);
    now += 30_000;
    first.aloneForMs = 40_000;
    expect(first.limit.take('a', 60)).toMatchObject({ isAllowed: true, remaining: 59 });
  });

  it('shares one window between brokers whose clocks differ by some milliseconds', async () => {
    const [first, second] = [await startBroker(), await startBroker()];
    now += 60_000;
    for (let i = 0; i < 60; i += 1) await first.limit.take('a', 60);
    now -= 5;
    expect(await take(second)).toBe(false);
    now += 5;
    expect(await take(second)).toBe(false);
  });

  it('rejects from memory once a limit without refunds is reached', async () => {
    const broker = await startBroker(-1, {});
    for (let i = 0; i < 3; i += 1) await broker.limit.take('a', 3);
    expect(broker.limit.take('a', 3)).toMatchObject({ isAllowed: false, taken: 0, remaining: 0 });
    expect(await take(broker, 'a', 4)).toBe(true);
  });

  it('grants nothing to a broker that the others have removed', async () => {
    const [first] = [await startBroker(), await startBroker()];
    await query(database.url, "DELETE FROM brokers WHERE id = 'broker-0'");
    await expect(first.limit.take('a', 60)).rejects.toThrow('have taken over the work');
  });

  it('stores subjects with characters that PostgreSQL does not store', async () => {
    const broker = await startBroker();
    expect(await take(broker, 'a\0\ud800'.repeat(500), 1)).toBe(true);
    expect(await take(broker, 'a\0\ud800'.repeat(500), 1)).toBe(false);
    expect(broker.faults).toEqual([]);
  });

  it('rejects as unavailable while the database does not answer, and continues the counts later', async () => {
    const [first, second] = [await startBroker(), await startBroker()];
    expect(await take(first)).toBe(true);
    const locked = await lockTable();
    const results = await Promise.allSettled(Array.from({ length: 80 }, () => first.limit.take('a', 60)));
    for (const result of results) {
      expect(result).toMatchObject({
        status: 'rejected',
        reason: { code: 'unavailable', retryAfterSeconds: 5 },
      });
    }
    expect(first.faults).toHaveLength(1);
    await expect(first.limit.take('a', 60)).rejects.toMatchObject({ code: 'unavailable' });
    await locked.release();
    await until('the recovery', () => first.recovered === 1);
    const taken = await Promise.all(Array.from({ length: 80 }, () => second.limit.take('a', 60)));
    expect(allowed(taken)).toBeLessThanOrEqual(59);
    expect(await take(first)).toBe(false);
  });

  it('waits for a database that answers again within some seconds', async () => {
    const [first] = [await startBroker(), await startBroker()];
    expect(await take(first)).toBe(true);
    const locked = await lockTable();
    const taking = take(first);
    await wait(1_500);
    await locked.release();
    expect(await taking).toBe(true);
    expect(first.faults).toEqual([]);
  });

  it('are deleted 24 hours after the start of the window', async () => {
    now = Math.floor(Date.now() / WINDOW.windowMs) * WINDOW.windowMs;
    await take(await startBroker());
    const { store } = await openPostgresStore({ url: database.url, usesPreparedStatements: true });
    try {
      expect(await purgeCounters(store, now + DAY_MS)).toBe(0);
      expect(await purgeCounters(store, now + DAY_MS + 1)).toBe(1);
    } finally {
      await store.close();
    }
  });

  async function lockTable(): Promise<{ release(): Promise<void> }> {
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query('BEGIN; LOCK TABLE rate_windows IN ACCESS EXCLUSIVE MODE');
    return { release: () => client.end() };
  }
});
