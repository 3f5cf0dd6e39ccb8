import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PostgresEngine, type PostgresEngineOptions } from '../../../../broker/store/postgres/engine.ts';
import { columnTypes } from '../../../../broker/store/postgres/migrate.ts';
import { createResumableIdSource } from '../../../../shared/ids.ts';
import { newDatabase, query, type TestDatabase } from '../../../support/postgres/databases.ts';
import { until } from '../../../support/until.ts';

const ADD = 'INSERT INTO t (word, size) VALUES (@word, 1)';
const COUNT = `INSERT INTO counters (name, day, n) VALUES (?, ?, ?)
  ON CONFLICT (name, day) DO UPDATE SET n = counters.n + excluded.n`;

describe('transactions on PostgreSQL', () => {
  let database: TestDatabase;
  let engine: PostgresEngine;
  const engines: PostgresEngine[] = [];
  let committed: Array<{ transactions: number; milliseconds: number }>;

  async function openEngine(options: Partial<PostgresEngineOptions> = {}): Promise<PostgresEngine> {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const types = await columnTypes(client);
    await client.end();
    const opened = new PostgresEngine({
      address: { url: database.url, usesPreparedStatements: true },
      columnTypes: types,
      ...options,
    });
    engines.push(opened);
    return opened;
  }

  beforeEach(async () => {
    database = await newDatabase();
    await query(
      database.url,
      `CREATE TABLE t (id BIGINT GENERATED ALWAYS AS IDENTITY, word TEXT UNIQUE, size INTEGER);
       CREATE TABLE parts (word TEXT REFERENCES t (word), part TEXT);
       CREATE TABLE counters (name TEXT, day TEXT, n BIGINT, PRIMARY KEY (name, day))`,
    );
    committed = [];
    engine = await openEngine({
      onCommit: (transactions, milliseconds) => committed.push({ transactions, milliseconds }),
    });
  });
  afterEach(async () => {
    for (const opened of engines.splice(0)) await opened.close();
    await database.drop();
  });

  const insert = (word: string) => engine.transaction(() => engine.write.insert(ADD, { word }));
  const words = async () =>
    (await engine.read.all<{ word: string }>('SELECT word FROM t ORDER BY id')).map(({ word }) => word);

  it('commits waiting transactions together, in order', async () => {
    await Promise.all(['a', 'b', 'c'].map(insert));
    await Promise.all(['d', 'e'].map(insert));
    expect(await words()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(committed.map(({ transactions }) => transactions)).toEqual([3, 2]);
    for (const { milliseconds } of committed) expect(milliseconds).toBeGreaterThan(0);
  });

  it('writes gathered rows before a statement that names their table', async () => {
    const seen = await engine.transaction(async () => {
      await engine.write.insert(ADD, { word: 'a' });
      await engine.write.insert('INSERT INTO parts (word, part) VALUES (@word, @part)', {
        word: 'a',
        part: 'x',
      });
      const other = await engine.write.get('SELECT outside_changes FROM database_state');
      const row = await engine.write.get<{ word: string }>('SELECT word FROM parts');
      await engine.write.insert(ADD, { word: 'b' });
      return { row, isOther: other !== undefined };
    });
    expect(seen).toEqual({ row: { word: 'a' }, isOther: true });
    expect(await words()).toEqual(['a', 'b']);
  });

  it('rejects only the transaction whose gathered row is rejected', async () => {
    const results = await Promise.allSettled([insert('a'), insert('same'), insert('same'), insert('b')]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(await words()).toEqual(['a', 'same', 'b']);
    await insert('c');
    expect(await words()).toEqual(['a', 'same', 'b', 'c']);
  });

  it('continues after a statement that fails, with the other transactions of the batch', async () => {
    const results = await Promise.allSettled([
      insert('a'),
      engine.transaction(() => engine.write.get('SELECT 1 / 0 AS failed')),
      insert('b'),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await words()).toEqual(['a', 'b']);
  });

  it('rejects a transaction that goes on after an error of a statement', async () => {
    const failing = engine.transaction(async () => {
      await engine.write.insert(ADD, { word: 'a' });
      await engine.write.get('SELECT 1 / 0 AS failed').catch(() => {});
    });
    await expect(failing).rejects.toThrow();
    await insert('b');
    expect(await words()).toEqual(['b']);
  });

  it('rejects only the transaction that throws before it writes', async () => {
    const results = await Promise.allSettled([
      insert('a'),
      engine.transaction(async () => {
        throw new Error('rejected');
      }),
      insert('b'),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(committed.map(({ transactions }) => transactions)).toEqual([3]);
  });

  it('sums counters of one commit, and reads them after writeGathered', async () => {
    const read = () => engine.write.get<{ n: number }>('SELECT n FROM counters WHERE name = ?', 'x');
    const count = () => engine.write.increment(COUNT, 'x', 'today');
    const inside = await engine.transaction(async () => {
      count();
      count();
      engine.write.increment(COUNT, 'y', 'today');
      await engine.write.writeGathered();
      const row = await read();
      count();
      return row;
    });
    expect(inside).toEqual({ n: 2 });
    await engine.transaction(async () => count());
    expect(await engine.read.all('SELECT name, n FROM counters ORDER BY name')).toEqual([
      { name: 'x', n: 4 },
      { name: 'y', n: 1 },
    ]);
  });

  it('runs after-commit functions once after the commit, and never after a rollback', async () => {
    const reported: string[] = [];
    const insertAndReport = (word: string, isBad = false) =>
      engine.transaction(async () => {
        await engine.write.insert(ADD, { word });
        engine.afterCommit(() => reported.push(word));
        if (isBad) throw new Error('after writing');
      });
    await Promise.allSettled([insertAndReport('a'), insertAndReport('b', true), insertAndReport('c')]);
    expect(reported).toEqual(['a', 'c']);
    await insertAndReport('d');
    expect(reported).toEqual(['a', 'c', 'd']);
  });

  it('rolls back a dry run, and commits the transactions before and after it', async () => {
    const [, found] = await Promise.all([
      insert('a'),
      engine.dryRun(async () => {
        await engine.write.insert(ADD, { word: 'b' });
        return engine.write.get('SELECT word FROM t WHERE word = ?', 'b');
      }),
      insert('c'),
    ]);
    expect(found).toEqual({ word: 'b' });
    expect(await words()).toEqual(['a', 'c']);
  });

  it('returns only committed rows to reads outside a transaction', async () => {
    let seen: string[] = ['?'];
    await engine.transaction(async () => {
      await engine.write.run('INSERT INTO t (word) VALUES (?)', 'a');
      seen = await words();
    });
    expect(seen).toEqual([]);
    expect(await words()).toEqual(['a']);
  });

  it('stores texts without NUL characters, and returns numbers, flags and bytes as SQLite does', async () => {
    await insert('a\0b');
    expect(
      await engine.read.get(
        `SELECT word, COUNT(*) AS n, SUM(size) AS total, 1 = 1 AS yes, CAST('x' AS BYTEA) AS bytes FROM t GROUP BY word`,
      ),
    ).toEqual({ word: 'ab', n: 1, total: 1, yes: 1, bytes: Buffer.from('x') });
  });

  it('does not interleave the transactions of two processes', async () => {
    const other = await openEngine();
    const addOne = (through: PostgresEngine) =>
      through.transaction(async () => {
        const row = await through.write.get<{ n: number }>('SELECT COUNT(*) AS n FROM t');
        await through.write.insert(ADD, { word: `${row?.n}` });
      });
    await Promise.all(Array.from({ length: 40 }, (_, index) => addOne(index % 2 === 0 ? engine : other)));
    expect(await words()).toEqual(Array.from({ length: 40 }, (_, index) => `${index}`));
  });

  it('notifies listeners when another process writes, and not when this process writes', async () => {
    let notifications = 0;
    await insert('first');
    engine.onOutsideChange(() => {
      notifications += 1;
    });
    await insert('own');
    await insert('own too');
    expect(notifications).toBe(0);
    const version = engine.read.referenceVersion();
    const other = await openEngine();
    await other.transaction(() => other.write.insert(ADD, { word: 'other' }));
    await other.transaction(() => other.write.get('SELECT 1 AS only_read'));
    engine.readOutsideChange();
    await until('the notification', () => notifications === 1);
    expect(engine.read.referenceVersion()).toBeGreaterThan(version);
    await insert('own again');
    expect(notifications).toBe(1);
  });

  it('rejects every transaction of a broker that was removed', async () => {
    await query(
      database.url,
      "INSERT INTO brokers (id, host, version, started_at, heartbeat_at) VALUES ('one', 'a', '1', 1, 1)",
    );
    let removed = 0;
    const active = await openEngine({
      broker: { id: 'one', idClock: createResumableIdSource(Date.now) },
      onRemoved: () => {
        removed += 1;
      },
    });
    const add = (word: string) => active.transaction(() => active.write.insert(ADD, { word }));
    await add('a');
    await query(database.url, "DELETE FROM brokers WHERE id = 'one'");
    await expect(add('b')).rejects.toMatchObject({ code: 'unavailable' });
    await expect(active.dryRun(async () => {})).rejects.toMatchObject({ code: 'unavailable' });
    expect(removed).toBeGreaterThan(0);
    expect(await words()).toEqual(['a']);
  });

  it('creates ids in the order of the commits, also in a command with a wrong clock', async () => {
    await query(
      database.url,
      "INSERT INTO brokers (id, host, version, started_at, heartbeat_at) VALUES ('one', 'a', '1', 1, 1)",
    );
    const clocks = [0, 5 * 60_000, -5 * 60_000].map((by) => createResumableIdSource(() => Date.now() + by));
    const processes = await Promise.all(
      clocks.map((idClock, index) =>
        openEngine(index === 0 ? { broker: { id: 'one', idClock } } : { idClock }),
      ),
    );
    const ids: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      for (const [index, process] of processes.entries()) {
        await process.transaction(async () => {
          const id = clocks[index]!.next();
          ids.push(id);
          await process.write.insert(ADD, { word: id });
        });
      }
    }
    expect(ids).toHaveLength(12);
    expect(ids).toEqual(ids.toSorted());
  });

  it('continues after the server ended its connections', async () => {
    await insert('a');
    await query(
      database.url,
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    await insert('b');
    expect(await words()).toEqual(['a', 'b']);
  });

  it('rejects the running transaction as unavailable if the server ends its connection', async () => {
    const running = engine.transaction(async () => {
      await engine.write.run('INSERT INTO t (word) VALUES (?)', 'a');
      await query(
        database.url,
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      );
      await engine.write.get('SELECT 1 AS one');
    });
    await expect(running).rejects.toMatchObject({ code: 'unavailable', retryAfterSeconds: 5 });
    await insert('b');
    expect(await words()).toEqual(['b']);
  });

  it('finishes waiting transactions when it is closed, and rejects later ones as unavailable', async () => {
    const last = insert('last');
    await engine.close();
    await last;
    await expect(insert('late')).rejects.toMatchObject({ code: 'unavailable' });
    expect(await query(database.url, 'SELECT word FROM t')).toEqual([{ word: 'last' }]);
  });
});
