import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqliteEngine } from '../../../broker/store/sqlite/engine.ts';
import { until } from '../../support/until.ts';

describe('group commit', () => {
  let folder: string;
  let engine: SqliteEngine;
  let committed: Array<{ transactions: number; milliseconds: number }>;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'homing-store-'));
    committed = [];
    engine = new SqliteEngine({
      file: join(folder, 'a.db'),
      onCommit: (transactions, milliseconds) => committed.push({ transactions, milliseconds }),
    });
    engine.writer.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, word TEXT UNIQUE)');
  });
  afterEach(async () => {
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const insert = (word: string) =>
    engine.transaction(() => engine.write.run('INSERT INTO t (word) VALUES (?)', word));
  const words = async () =>
    (await engine.read.all<{ word: string }>('SELECT word FROM t ORDER BY id')).map(({ word }) => word);

  it('commits transactions of one turn together, in order', async () => {
    const counts: Array<{ inside: unknown; outside: unknown }> = [];
    const countInside = engine.writer.prepare('SELECT COUNT(*) FROM t').pluck();
    const reader = new Database(join(folder, 'a.db'), { readonly: true });
    const countOutside = reader.prepare('SELECT COUNT(*) FROM t').pluck();
    await Promise.all([
      insert('a'),
      engine.transaction(async () => {
        await engine.write.run('INSERT INTO t (word) VALUES (?)', 'b');
        counts.push({ inside: countInside.get(), outside: countOutside.get() });
      }),
      insert('c'),
    ]);
    reader.close();
    expect(counts).toEqual([{ inside: 2, outside: 0 }]);
    expect(await words()).toEqual(['a', 'b', 'c']);
  });

  it('lets the event loop run while another process has the write lock', async () => {
    engine.endBlocking();
    const other = new Database(join(folder, 'a.db'));
    other.exec('BEGIN IMMEDIATE');
    const inserted = insert('a');
    let turns = 0;
    await until('turns of the event loop', async () => {
      await new Promise((resolve) => setImmediate(resolve));
      turns += 1;
      return turns > 20;
    });
    other.exec('ROLLBACK');
    other.close();
    await inserted;
    expect(await words()).toEqual(['a']);
  });

  it('rejects transactions as unavailable if another process keeps the write lock', async () => {
    const locked = new SqliteEngine({ file: join(folder, 'a.db'), lockWaitMs: 50 });
    locked.endBlocking();
    const other = new Database(join(folder, 'a.db'));
    other.exec('BEGIN IMMEDIATE');
    const write = () => locked.transaction(() => locked.write.run("INSERT INTO t (word) VALUES ('b')"));
    await expect(write()).rejects.toMatchObject({ code: 'unavailable', retryAfterSeconds: 5 });
    // The next one does not wait again.
    await expect(write()).rejects.toMatchObject({ code: 'unavailable' });
    other.exec('ROLLBACK');
    other.close();
    await write();
    await locked.close();
    expect(await words()).toEqual(['b']);
  });

  it('rolls back a dry run, and commits the transactions before and after it', async () => {
    const reported: string[] = [];
    const [, count] = await Promise.all([
      insert('a'),
      engine.dryRun(async () => {
        await engine.write.run('INSERT INTO t (word) VALUES (?)', 'b');
        engine.afterCommit(() => reported.push('b'));
        return (await engine.write.get<{ n: number }>('SELECT COUNT(*) AS n FROM t'))?.n;
      }),
      insert('c'),
      insert('d'),
    ]);
    expect(count).toBe(2);
    expect(await words()).toEqual(['a', 'c', 'd']);
    expect(reported).toEqual([]);
    expect(committed.map(({ transactions }) => transactions)).toEqual([1, 2]);
    const failing = engine.dryRun(() => engine.write.run('INSERT INTO t (word) VALUES (?)', 'a'));
    await expect(failing).rejects.toThrow('UNIQUE');
    await insert('b');
    expect(await words()).toEqual(['a', 'c', 'd', 'b']);
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
    expect(await words()).toEqual(['a', 'b']);
  });

  it('rolls back a transaction that throws after it wrote, and commits the others of its batch', async () => {
    const results = await Promise.allSettled([
      insert('a'),
      engine.transaction(async () => {
        await engine.write.run('INSERT INTO t (word) VALUES (?)', 'half');
        await engine.write.run('INSERT INTO t (word) VALUES (?)', 'half');
      }),
      insert('b'),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await words()).toEqual(['a', 'b']);
  });

  it('runs after-commit functions once after the commit, and never after a rollback', async () => {
    const reported: string[] = [];
    const insertAndReport = (word: string, isBad = false) =>
      engine.transaction(async () => {
        await engine.write.run('INSERT INTO t (word) VALUES (?)', word);
        engine.afterCommit(() => reported.push(`${word} ${engine.writer.inTransaction}`));
        if (isBad) throw new Error('after writing');
      });
    const results = await Promise.allSettled([
      insertAndReport('a'),
      insertAndReport('b', true),
      insertAndReport('c'),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    // The batch of three was rolled back, and each transaction ran again in a batch of one.
    expect(reported).toEqual(['a false', 'c false']);
    await insertAndReport('d');
    expect(reported).toEqual(['a false', 'c false', 'd false']);
  });

  it('reports the number of transactions of each commit that wrote something', async () => {
    await Promise.all([insert('a'), insert('b'), insert('c')]);
    await engine.transaction(async () => words());
    await insert('d');
    expect(committed.map(({ transactions }) => transactions)).toEqual([3, 1]);
    for (const { milliseconds } of committed) expect(milliseconds).toBeGreaterThan(0);
    engine.writer.pragma('max_page_count = 1');
    await Promise.allSettled([insert('x'.repeat(100_000))]);
    expect(committed).toHaveLength(2);
  });

  it('returns only committed rows to reads outside a transaction', async () => {
    let seen: string[] = [];
    await engine.transaction(async () => {
      await engine.write.run('INSERT INTO t (word) VALUES (?)', 'a');
      seen = await words();
    });
    expect(seen).toEqual([]);
    expect(await words()).toEqual(['a']);
  });

  it('rejects writes as unavailable while the file cannot grow, and keeps the committed rows', async () => {
    await insert('kept');
    engine.writer.pragma('max_page_count = 1');
    const big = 'x'.repeat(100_000);
    const results = await Promise.allSettled([insert(big), insert(`${big}y`)]);
    for (const result of results) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } });
    }
    expect(await words()).toEqual(['kept']);
    engine.writer.pragma('max_page_count = 100000');
    await insert('after');
    expect(await words()).toEqual(['kept', 'after']);
  });

  it('notifies listeners when another process writes, and not when this process writes', async () => {
    let notifications = 0;
    engine.onOutsideChange(() => {
      notifications += 1;
    });
    await insert('own');
    engine.checkForOutsideChange();
    expect(notifications).toBe(0);
    const other = new Database(join(folder, 'a.db'));
    other.exec("INSERT INTO t (word) VALUES ('other')");
    other.close();
    engine.checkForOutsideChange();
    engine.checkForOutsideChange();
    expect(notifications).toBe(1);
  });

  it('finishes waiting transactions when it is closed, and rejects later ones as unavailable', async () => {
    const last = insert('last');
    await engine.close();
    await last;
    await expect(insert('late')).rejects.toMatchObject({ code: 'unavailable' });
    const file = new Database(join(folder, 'a.db'));
    expect(file.prepare('SELECT word FROM t').pluck().all()).toEqual(['last']);
    file.close();
  });
});
