import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqliteEngine } from '../../../broker/store/sqlite/engine.ts';

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

  it('commits what was asked for in one turn together, in order', async () => {
    const commits: string[] = [];
    const original = engine.writer.prepare('SELECT COUNT(*) AS n FROM t').pluck();
    const reader = new Database(join(folder, 'a.db'), { readonly: true });
    const seenOutside = () => reader.prepare('SELECT COUNT(*) FROM t').pluck().get();
    await Promise.all([
      insert('a'),
      engine.transaction(async () => {
        await engine.write.run('INSERT INTO t (word) VALUES (?)', 'b');
        commits.push(`inside ${original.get()}, outside ${seenOutside()}`);
      }),
      insert('c'),
    ]);
    reader.close();
    expect(commits).toEqual(['inside 2, outside 0']);
    expect(await words()).toEqual(['a', 'b', 'c']);
  });

  it('keeps nothing of a rehearsal, and rolls nothing else back for it', async () => {
    const told: string[] = [];
    const [, count] = await Promise.all([
      insert('a'),
      engine.dryRun(async () => {
        await engine.write.run('INSERT INTO t (word) VALUES (?)', 'b');
        engine.afterCommit(() => told.push('b'));
        return (await engine.write.get<{ n: number }>('SELECT COUNT(*) AS n FROM t'))?.n;
      }),
      insert('c'),
      insert('d'),
    ]);
    expect(count).toBe(2);
    expect(await words()).toEqual(['a', 'c', 'd']);
    expect(told).toEqual([]);
    expect(committed.map(({ transactions }) => transactions)).toEqual([1, 2]);
    const refused = engine.dryRun(() => engine.write.run('INSERT INTO t (word) VALUES (?)', 'a'));
    await expect(refused).rejects.toThrow('UNIQUE');
    await insert('b');
    expect(await words()).toEqual(['a', 'c', 'd', 'b']);
  });

  it('lets work that throws before writing fail alone', async () => {
    const results = await Promise.allSettled([
      insert('a'),
      engine.transaction(async () => {
        throw new Error('refused');
      }),
      insert('b'),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await words()).toEqual(['a', 'b']);
  });

  it('undoes work that throws after writing, and nothing of the others', async () => {
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

  it('runs what is to follow on a commit once, after it, and never for what was undone', async () => {
    const told: string[] = [];
    const insertAndTell = (word: string, isBad = false) =>
      engine.transaction(async () => {
        await engine.write.run('INSERT INTO t (word) VALUES (?)', word);
        engine.afterCommit(() => told.push(`${word} ${engine.writer.inTransaction}`));
        if (isBad) throw new Error('after writing');
      });
    const results = await Promise.allSettled([
      insertAndTell('a'),
      insertAndTell('b', true),
      insertAndTell('c'),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    // The three were begun together, undone together, and run again one by one.
    expect(told).toEqual(['a false', 'c false']);
    await insertAndTell('d');
    expect(told).toEqual(['a false', 'c false', 'd false']);
  });

  it('tells of each commit how many transactions it had, and nothing where nothing was written', async () => {
    await Promise.all([insert('a'), insert('b'), insert('c')]);
    await engine.transaction(async () => words());
    await insert('d');
    expect(committed.map(({ transactions }) => transactions)).toEqual([3, 1]);
    for (const { milliseconds } of committed) expect(milliseconds).toBeGreaterThan(0);
    engine.writer.pragma('max_page_count = 1');
    await Promise.allSettled([insert('x'.repeat(100_000))]);
    expect(committed).toHaveLength(2);
  });

  it('reads outside a transaction see only what is committed', async () => {
    let seen: string[] = [];
    await engine.transaction(async () => {
      await engine.write.run('INSERT INTO t (word) VALUES (?)', 'a');
      seen = await words();
    });
    expect(seen).toEqual([]);
    expect(await words()).toEqual(['a']);
  });

  it('answers unavailable when the file can’t grow, keeps what was accepted, and goes on when there is room', async () => {
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

  it('tells when another process has written, and not when it wrote itself', async () => {
    let told = 0;
    engine.onOutsideChange(() => {
      told += 1;
    });
    await insert('own');
    engine.checkForOutsideChange();
    expect(told).toBe(0);
    const other = new Database(join(folder, 'a.db'));
    other.exec("INSERT INTO t (word) VALUES ('other')");
    other.close();
    engine.checkForOutsideChange();
    engine.checkForOutsideChange();
    expect(told).toBe(1);
  });

  it('finishes what is under way when it is closed, and refuses what comes after', async () => {
    const last = insert('last');
    await engine.close();
    await last;
    await expect(insert('late')).rejects.toMatchObject({ code: 'unavailable' });
    const file = new Database(join(folder, 'a.db'));
    expect(file.prepare('SELECT word FROM t').pluck().all()).toEqual(['last']);
    file.close();
  });
});
