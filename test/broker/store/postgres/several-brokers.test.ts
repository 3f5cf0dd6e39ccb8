import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PostgresEngine } from '../../../../broker/store/postgres/engine.ts';
import { columnTypes } from '../../../../broker/store/postgres/migrate.ts';
import { createResumableIdSource, timeOfId } from '../../../../shared/ids.ts';
import { newDatabase, query, type TestDatabase } from '../../../support/postgres/databases.ts';
import { until } from '../../../support/until.ts';

const ADD = 'INSERT INTO t (id, broker) VALUES (@id, @broker)';
const MINUTES = 60_000;

describe('transactions of several brokers', () => {
  let database: TestDatabase;
  const engines: PostgresEngine[] = [];

  beforeEach(async () => {
    database = await newDatabase();
    await query(
      database.url,
      'CREATE TABLE t (place BIGINT GENERATED ALWAYS AS IDENTITY, id TEXT COLLATE "C", broker TEXT)',
    );
  });
  afterEach(async () => {
    for (const engine of engines.splice(0)) await engine.close();
    await database.drop();
  });

  /** `clock`: difference of its clock, in milliseconds. */
  async function startBroker(name: string, clock = 0) {
    await query(
      database.url,
      `INSERT INTO brokers (id, host, version, started_at, heartbeat_at) VALUES ('${name}', 'm', '1', 1, 1)`,
    );
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const types = await columnTypes(client);
    await client.end();
    const idClock = createResumableIdSource(() => Date.now() + clock);
    const engine = new PostgresEngine({
      address: { url: database.url, usesPreparedStatements: true },
      columnTypes: types,
      broker: { id: name, idClock },
    });
    engines.push(engine);
    const add = () =>
      engine.transaction(() => engine.write.insert(ADD, { id: idClock.next(), broker: name }));
    return { engine, idClock, add };
  }

  it('have ids in the order of the commits, also if the clock of one broker is wrong', async () => {
    const brokers = [
      await startBroker('a'),
      await startBroker('ahead', 5 * MINUTES),
      await startBroker('behind', -5 * MINUTES),
    ];
    await Promise.all(
      brokers.map(async ({ add }) => {
        for (let round = 0; round < 50; round += 1) await Promise.all([add(), add(), add()]);
      }),
    );
    const rows = await query<{ id: string; broker: string }>(
      database.url,
      'SELECT id, broker FROM t ORDER BY place',
    );
    expect(rows).toHaveLength(450);
    expect(rows.map(({ id }) => id)).toEqual(rows.map(({ id }) => id).toSorted());
    // The brokers took turns.
    const turns = rows.filter(({ broker }, index) => broker !== rows[index - 1]?.broker).length;
    expect(turns).toBeGreaterThan(6);
  });

  it('continue ids after those of a broker that has ended', async () => {
    const ahead = await startBroker('ahead', 5 * MINUTES);
    await ahead.add();
    const next = await startBroker('next');
    await next.add();
    const rows = await query<{ id: string }>(database.url, 'SELECT id FROM t ORDER BY place');
    const [first, second] = rows.map(({ id }) => timeOfId(id));
    expect(second).toBe(first! + 1);
  });

  it('clear the caches of the others when they change a reference row, within the next transaction', async () => {
    const [a, b] = [await startBroker('a'), await startBroker('b')];
    await b.add();
    const before = b.engine.read.referenceVersion();
    await a.add();
    await b.add();
    expect(b.engine.read.referenceVersion()).toBe(before);
    await a.engine.transaction(() => a.engine.write.run('UPDATE accounts SET slug = slug'));
    await b.add();
    expect(b.engine.read.referenceVersion()).toBeGreaterThan(before);
  });

  it('continue after some seconds if a broker was paused within its transaction', async () => {
    const [paused, other] = [await startBroker('paused'), await startBroker('other')];
    const { promise: resumed, resolve: resume } = Promise.withResolvers<void>();
    const pausing = paused.engine.transaction(async () => {
      await paused.engine.write.insert(ADD, { id: 'of the paused broker', broker: 'paused' });
      await resumed;
    });
    pausing.catch(() => {});
    await until('the lock', async () => {
      const rows = await query(
        database.url,
        `SELECT 1 FROM pg_stat_activity
         WHERE datname = current_database() AND state = 'idle in transaction'`,
      );
      return rows.length > 0;
    });
    await other.add();
    resume();
    await expect(pausing).rejects.toMatchObject({ code: 'unavailable' });
    await paused.add();
    const rows = await query<{ broker: string }>(database.url, 'SELECT broker FROM t ORDER BY place');
    expect(rows.map(({ broker }) => broker)).toEqual(['other', 'paused']);
  });
});
