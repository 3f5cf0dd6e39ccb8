/** Tests reads on one state of the database. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Sql } from '../../../../broker/store/database.ts';
import { type OpenedPostgresStore, openPostgresStore } from '../../../../broker/store/postgres/open.ts';
import { newDatabase, query, type TestDatabase } from '../../../support/postgres/databases.ts';

const COUNT = 'SELECT COUNT(*) AS n FROM accounts';
const END_SESSIONS = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid()`;

describe('Sql.snapshot', () => {
  let database: TestDatabase;
  let opened: OpenedPostgresStore;
  beforeEach(async () => {
    database = await newDatabase();
    opened = await openPostgresStore({ url: database.url, usesPreparedStatements: true });
  });
  afterEach(async () => {
    await opened.store.close();
    await database.drop();
  });

  const count = async (sql: Sql) => (await sql.get<{ n: number }>(COUNT))?.n;
  const addAccount = (id: string) =>
    query(
      database.url,
      `INSERT INTO accounts (id, slug, plan, created_at) VALUES ('${id}', '${id}', 'free', 0)`,
    );

  it('reads no change of another transaction, and the next snapshot reads it', async () => {
    const { read } = opened.engine;
    const counts = await read.snapshot(async (state) => {
      const before = await count(state);
      await addAccount('a');
      return [before, await count(state), await state.snapshot(count)];
    });
    expect(counts).toEqual([0, 0, 0]);
    expect(await read.snapshot(count)).toBe(1);
  });

  it('runs again after its connection was lost', async () => {
    let attempts = 0;
    const found = await opened.engine.read.snapshot(async (state) => {
      attempts += 1;
      await count(state);
      if (attempts === 1) await query(database.url, END_SESSIONS);
      return count(state);
    });
    expect([found, attempts]).toEqual([0, 2]);
  });

  it('rejects with the error of the work, and the connections stay usable', async () => {
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const failing = opened.engine.read.snapshot((state) => state.get('SELECT 1 / 0'));
      await expect(failing).rejects.toThrow('division by zero');
    }
    expect(await count(opened.engine.read)).toBe(0);
  });
});
