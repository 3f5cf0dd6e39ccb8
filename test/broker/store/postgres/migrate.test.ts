import type pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MIGRATIONS, type Migration, NEWEST_VERSION } from '../../../../broker/store/migrations/index.ts';
import { clientConfig, connect } from '../../../../broker/store/postgres/connection.ts';
import { migrate, schemaVersion } from '../../../../broker/store/postgres/migrate.ts';
import { openPostgresStore } from '../../../../broker/store/postgres/open.ts';
import { WRITE_LOCK } from '../../../../broker/store/postgres/transactions.ts';
import { BEFORE_RICH_MESSAGES, expectTakenOver, ROWS } from '../../../support/before-rich-messages.ts';
import { newEmptyDatabase, query, type TestDatabase } from '../../../support/postgres/databases.ts';

const NOW = Date.UTC(2026, 10, 21);
const next: Migration = {
  number: NEWEST_VERSION + 1,
  name: 'next',
  sql: 'CREATE TABLE marks (id TEXT PRIMARY KEY, place INTEGER NOT NULL, bytes BLOB) WITHOUT ROWID; -- a comment',
  sqlite: 'a statement that only SQLite knows',
  postgres: "INSERT INTO marks (id, place, bytes) VALUES ('a', 1, '\\x00')",
};

describe('migrations on PostgreSQL', () => {
  let database: TestDatabase;
  let client: pg.Client;
  const clients: pg.Client[] = [];
  const open = async () => {
    const opened = await connect(clientConfig({ url: database.url, usesPreparedStatements: true }));
    clients.push(opened);
    return opened;
  };

  beforeEach(async () => {
    database = await newEmptyDatabase();
    client = await open();
  });
  afterEach(async () => {
    for (const opened of clients.splice(0)) await opened.end();
    await database.drop();
  });

  it('creates the newest schema in an empty database, and changes nothing the second time', async () => {
    expect(await schemaVersion(client)).toBe(0);
    expect((await migrate(client, NOW)).map(({ number }) => number)).toEqual(
      MIGRATIONS.map(({ number }) => number),
    );
    expect(await schemaVersion(client)).toBe(NEWEST_VERSION);
    expect(await migrate(client, NOW)).toEqual([]);
  });

  it('creates it once when several programs start at the same time', async () => {
    const programs = await Promise.all([open(), open(), open(), open()]);
    const applied = await Promise.all(programs.map((program) => migrate(program, NOW)));
    expect(applied.filter((migrations) => migrations.length > 0)).toHaveLength(1);
    expect(await schemaVersion(client)).toBe(NEWEST_VERSION);
  });

  it('sees a table that another program created while it waited for the lock', async () => {
    const waiting = await open();
    await client.query('BEGIN');
    await client.query(`SELECT pg_advisory_xact_lock(${WRITE_LOCK}, hashtext(current_schema()))`);
    const applied = migrate(waiting, NOW);
    await expect
      .poll(() =>
        client.query(
          `SELECT 1 FROM pg_locks JOIN pg_database d ON d.oid = database
           WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted`,
        ),
      )
      .toMatchObject({ rowCount: 1 });
    await client.query(`CREATE TABLE database_state AS SELECT ${NEWEST_VERSION} AS schema_version`);
    await client.query('COMMIT');
    expect(await applied).toEqual([]);
  });

  it('applies a later migration to an existing database, with the part for PostgreSQL', async () => {
    await migrate(client, NOW);
    expect(await migrate(client, NOW, [...MIGRATIONS, next])).toEqual([next]);
    expect(await schemaVersion(client)).toBe(next.number);
    expect((await client.query('SELECT id, place FROM marks')).rows).toEqual([{ id: 'a', place: 1 }]);
  });

  it('keeps the reactions and groups of a database of schema 18', async () => {
    await migrate(client, NOW, MIGRATIONS.slice(0, BEFORE_RICH_MESSAGES));
    for (const row of ROWS) await client.query(row);
    const { store } = await openPostgresStore({ url: database.url, usesPreparedStatements: true });
    try {
      await expectTakenOver(store);
    } finally {
      await store.close();
    }
  });

  it('applies a later migration to a new database too', async () => {
    const applied = await migrate(client, NOW, [...MIGRATIONS, next]);
    expect(applied.at(-1)).toBe(next);
    expect((await client.query('SELECT id FROM marks')).rows).toEqual([{ id: 'a' }]);
  });

  it('changes nothing if a migration fails', async () => {
    await migrate(client, NOW);
    const failing = { ...next, postgres: 'INSERT INTO marks (id) VALUES (1, 2)' };
    await expect(migrate(client, NOW, [...MIGRATIONS, failing])).rejects.toThrow('more expressions');
    expect(await schemaVersion(client)).toBe(NEWEST_VERSION);
    expect((await client.query("SELECT to_regclass('marks') AS found")).rows).toEqual([{ found: null }]);
  });

  it('rejects a schema of a newer version, and names both versions', async () => {
    await migrate(client, NOW);
    await client.query('UPDATE database_state SET schema_version = 999');
    const opened = openPostgresStore({ url: database.url, usesPreparedStatements: true });
    await expect(opened).rejects.toThrow(`schema version 999; this program supports up to ${NEWEST_VERSION}`);
  });

  it('creates a schema that the address names, and uses no other', async () => {
    const url = new URL(database.url);
    url.searchParams.set('schema', 'line_one');
    const { store } = await openPostgresStore({ url: url.href, usesPreparedStatements: true });
    await store.close();
    const tables = await query<{ schema: string }>(
      database.url,
      "SELECT DISTINCT schemaname AS schema FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
    );
    expect(tables).toEqual([{ schema: 'line_one' }]);
  });

  it('rejects a role that may not create tables, and names the statement that allows it', async () => {
    await client.query("CREATE ROLE plain_role LOGIN PASSWORD 'secret'");
    const url = new URL(database.url);
    url.username = 'plain_role';
    url.password = 'secret';
    const opened = openPostgresStore({ url: url.href, usesPreparedStatements: true });
    await expect(opened).rejects.toThrow('GRANT CREATE, USAGE ON SCHEMA public TO plain_role;');
    await client.query('DROP ROLE plain_role');
  });

  it('rejects a database that accepts no writes', async () => {
    const name = new URL(database.url).pathname.slice(1);
    await client.query(`ALTER DATABASE "${name}" SET default_transaction_read_only = on`);
    const opened = openPostgresStore({ url: database.url, usesPreparedStatements: true });
    await expect(opened).rejects.toThrow('accepts no writes');
  });
});
