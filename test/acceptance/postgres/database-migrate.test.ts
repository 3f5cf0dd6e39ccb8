/** Tests `homing database migrate` with the real program: the copy, its comparison, crashes and rejected targets. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { lockFolder } from '../../../broker/data-folder.ts';
import { MIGRATIONS, NEWEST_VERSION } from '../../../broker/store/migrations/index.ts';
import { ACTIVE_LOCK } from '../../../broker/store/postgres/transactions.ts';
import { migrate } from '../../../broker/store/sqlite/migrate.ts';
import { fillDatabase } from '../../support/filled-database.ts';
import { PROGRAM, runCli, startHoming } from '../../support/homing-process.ts';
import { clientFor } from '../../support/http-client.ts';
import { newEmptyDatabase, query, type TestDatabase } from '../../support/postgres/databases.ts';
import { until } from '../../support/until.ts';

const MESSAGES = 100_000;
const ROWS = 50;

/** Folders with a database. */
let large: string;
let medium: string;
let small: string;
let nulCharacters: number;
let dataDir: string;
let target: TestDatabase;

beforeAll(async () => {
  large = mkdtempSync(join(tmpdir(), 'homing-migrate-'));
  medium = mkdtempSync(join(tmpdir(), 'homing-migrate-'));
  small = mkdtempSync(join(tmpdir(), 'homing-migrate-'));
  nulCharacters = await fillDatabase(join(large, 'homing.db'), {
    ...{ messages: MESSAGES, rows: ROWS },
    now: Date.now(),
  });
  await fillDatabase(join(medium, 'homing.db'), { messages: 20_000, rows: ROWS, now: Date.now() });
  await fillDatabase(join(small, 'homing.db'), { messages: 20, rows: 3, now: Date.now() });
});
afterAll(() => {
  for (const folder of [large, medium, small]) rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'homing-migrate-'));
  target = await newEmptyDatabase();
});
afterEach(async () => {
  await target.drop();
  rmSync(dataDir, { recursive: true, force: true });
});

const useSource = (folder: string) => cpSync(folder, dataDir, { recursive: true });
const environment = () => ({ HOMING_DATA_DIR: dataDir, DATABASE_URL: target.url });
const migrateCli = (...args: string[]) => runCli(['database', 'migrate', ...args], environment());

/** Starts the command and kills it when it has copied some of the messages. */
async function killWhileCopying(): Promise<void> {
  const child = spawn(process.execPath, [PROGRAM, 'database', 'migrate'], {
    env: { ...process.env, ...environment() },
    stdio: 'ignore',
  });
  await until('some copied messages', async () => {
    try {
      const [row] = await query<{ state: string }>(target.url, 'SELECT state FROM database_copy');
      return JSON.parse(row!.state).tables.messages?.rows > 0;
    } catch {
      return false;
    }
  });
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** Returns every row of a table as sorted lines. */
const linesOf = (rows: readonly unknown[][]) =>
  rows
    .map((row) =>
      JSON.stringify(row, (_, value) =>
        value?.type === 'Buffer' ? Buffer.from(value.data).toString('hex') : value,
      ),
    )
    .sort();

async function expectEqualRows(file: string): Promise<void> {
  const source = new Database(file, { readonly: true });
  const client = new pg.Client({ connectionString: target.url });
  await client.connect();
  try {
    const tables = source
      .prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
      )
      .pluck()
      .all() as string[];
    let compared = 0;
    for (const table of tables.filter((name) => !name.startsWith('search_'))) {
      const columns = (source.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name);
      const select = `SELECT ${columns.join(', ')} FROM ${table}`;
      const expected = (source.prepare(select).raw().all() as unknown[][]).map((row) =>
        row.map((value) => (typeof value === 'string' ? value.replaceAll('\0', '') : value)),
      );
      const { rows } = await client.query<unknown[]>({
        ...{ text: select, rowMode: 'array' },
        types: { getTypeParser: (oid) => (oid === 20 ? Number : pg.types.getTypeParser(oid)) },
      });
      const [own, copied] = [linesOf(expected), linesOf(rows)];
      expect(copied.length, table).toBe(own.length);
      expect(own.length, table).toBeGreaterThan(0);
      const different = own.findIndex((line, index) => line !== copied[index]);
      expect(copied[different], `${table}: row ${different}`).toBe(own[different]);
      compared += own.length;
    }
    expect(compared).toBeGreaterThan(20_000);
    const { rows } = await client.query({
      ...{ text: 'SELECT message_id FROM search_entries ORDER BY message_id', rowMode: 'array' },
    });
    const entries = source.prepare('SELECT message_id FROM search_entries ORDER BY message_id').raw().all();
    expect(linesOf(rows)).toEqual(linesOf(entries as unknown[][]));
  } finally {
    await client.end();
    source.close();
  }
}

describe('homing database migrate', () => {
  it('copies every row of every table, and moves the source away', async () => {
    useSource(large);
    const { status, stderr, json } = await migrateCli('--json');
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const [result] = json;
    expect(result).toMatchObject({
      source: join(dataDir, 'homing.db'),
      removed_nul_characters: nulCharacters,
      target: target.url.replace(':homing@', '@'),
    });
    expect(result.tables).toContainEqual(
      expect.objectContaining({ table: 'messages', rows: MESSAGES, target_rows: MESSAGES }),
    );
    for (const { checksum, target_checksum } of result.tables) expect(target_checksum).toBe(checksum);
    expect(existsSync(join(dataDir, 'homing.db'))).toBe(false);
    await expectEqualRows(join(result.moved_to, 'homing.db'));

    // Each message is in the partition of its month.
    const [other] = await query<{ count: string }>(
      target.url,
      'SELECT COUNT(*) AS count FROM messages_other',
    );
    expect(other).toEqual({ count: '0' });
    const [world] = await query<{ id: number }>(
      target.url,
      "INSERT INTO worlds (account_id, environment) SELECT id, 'new' FROM accounts LIMIT 1 RETURNING id",
    );
    const [{ last } = { last: 0 }] = await query<{ last: number }>(
      target.url,
      "SELECT MAX(id) AS last FROM worlds WHERE environment <> 'new'",
    );
    expect(world).toEqual({ id: last + 1 });
  });

  it('lets a broker continue with the messages, keys and search of the source', async () => {
    const sqlite = { HOMING_DATA_DIR: dataDir };
    expect(await runCli(['init'], sqlite)).toMatchObject({ status: 0 });
    await fillDatabase(join(dataDir, 'homing.db'), { messages: 20, rows: 0, now: Date.now() });
    const account = ['--account', 'busy', '--environment', 'live', '--json'];
    const [{ key }] = (await runCli(['keys', 'create', ...account], sqlite)).json;
    const queued = await runCli(['send', '+14155550100', 'waits for a device', ...account], sqlite);
    expect(queued.status, queued.stderr).toBe(0);
    expect(await migrateCli()).toMatchObject({ status: 0 });

    const homing = await startHoming(environment());
    try {
      const client = clientFor(homing.url, key);
      const { body } = await client.get('/v1/messages?limit=100');
      expect(body.messages).toHaveLength(21);
      expect(body.messages[0]).toMatchObject({ id: queued.json[0].id, status: 'queued' });
      const [number] = (await client.get('/numbers')).body;
      const search = (words: string) =>
        client.get(`/numbers/${number.id}/texts/search?q=${encodeURIComponent(words)}`);
      expect((await search('message 13 of the busy account')).body).toMatchObject([
        { text: expect.stringContaining('message 13 of the busy account') },
      ]);
      const next = await client.post('/v1/messages/send', {
        to: '+14155550100',
        content: 'after the migration',
      });
      expect(next.status, next.text).toBe(202);
      expect(next.body.id > queued.json[0].id).toBe(true);
      await until('the new message in the index', async () => (await search('migration')).body.length === 1);
    } finally {
      await homing.dispose();
    }
  });

  it('continues after kill -9, and nothing opens the incomplete copy', async () => {
    useSource(medium);
    await killWhileCopying();
    for (const args of [['serve'], ['keys', 'list']]) {
      expect(await runCli(args, environment()), args[0]).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(
          /^homing: The database has an incomplete copy of .*homing\.db\. Run homing database migrate/,
        ),
      });
    }
    const { status, stdout, stderr } = await migrateCli();
    const [, rows = ''] = /An interrupted copy continues after ([\d,]+) rows\./.exec(stderr) ?? [];
    expect(Number(rows.replaceAll(',', ''))).toBeGreaterThan(0);
    expect(stderr).toContain('The checksums of all tables are equal.');
    expect(stderr).toContain(`NUL characters, which PostgreSQL does not store`);
    expect(stdout).toMatch(/^messages +20,000 /m);
    expect(status).toBe(0);
    const [, moved = ''] = /The SQLite database is in (\S+),/.exec(stderr) ?? [];
    await expectEqualRows(join(moved, 'homing.db'));
  });

  it('starts again if the source has changed since an interrupted copy', async () => {
    useSource(medium);
    await killWhileCopying();
    const source = new Database(join(dataDir, 'homing.db'));
    source.exec("UPDATE accounts SET plan = 'changed'");
    source.close();
    const { status, stderr } = await migrateCli();
    expect(stderr).toContain('The source has changed since the interrupted copy, so the copy starts again.');
    expect(status).toBe(0);
    const plans = await query(target.url, 'SELECT DISTINCT plan FROM accounts');
    expect(plans).toEqual([{ plan: 'changed' }]);
  });

  it('rejects the incomplete copy of another database, until --restart discards it', async () => {
    useSource(medium);
    await killWhileCopying();
    rmSync(dataDir, { recursive: true });
    useSource(small);
    expect(await migrateCli()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('The target has an incomplete copy of another database'),
    });
    expect(await migrateCli('--restart')).toMatchObject({ status: 0 });
    expect(await query(target.url, 'SELECT COUNT(*)::int AS count FROM messages')).toEqual([{ count: 20 }]);
  });

  it('names the tables whose checksums differ', async () => {
    useSource(medium);
    await killWhileCopying();
    await query(target.url, "UPDATE accounts SET plan = 'other' WHERE slug = 'busy'");
    const { status, stderr, json } = await migrateCli('--json');
    expect(status).toBe(1);
    expect(stderr).toContain('homing: The checksums of these tables differ: accounts.');
    const different = json[0].tables.filter(
      ({ checksum, target_checksum }: Record<string, string>) => checksum !== target_checksum,
    );
    expect(different).toMatchObject([{ table: 'accounts', rows: ROWS + 1, target_rows: ROWS + 1 }]);
    expect(existsSync(join(dataDir, 'homing.db'))).toBe(true);
    expect(await runCli(['keys', 'list'], environment())).toMatchObject({ status: 1 });
  });

  it('updates a source of an earlier version first', async () => {
    const file = join(dataDir, 'homing.db');
    const source = new Database(file);
    migrate(source, file, MIGRATIONS.slice(0, -1));
    source.exec("INSERT INTO accounts (id, slug, plan, created_at) VALUES ('a', 'old', 'free', 1)");
    source.close();
    const { status, stderr } = await migrateCli();
    expect(stderr).toContain(`Updated the source to schema version ${NEWEST_VERSION}.`);
    expect(status).toBe(0);
    expect(await query(target.url, 'SELECT slug FROM accounts')).toEqual([{ slug: 'old' }]);
  });

  it('rejects a target with rows, also those of a finished copy', async () => {
    useSource(small);
    expect(await migrateCli()).toMatchObject({ status: 0 });
    useSource(small);
    expect(await migrateCli()).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /^homing: The target is not empty: it has rows in accounts, worlds, credentials and \d+ other tables\. Use an/,
      ),
    });
    expect(await migrateCli('--restart')).toMatchObject({ status: 1 });
  });

  it('rejects a target with an active broker', async () => {
    useSource(small);
    const broker = new pg.Client({ connectionString: target.url });
    await broker.connect();
    try {
      await broker.query(`SELECT pg_advisory_lock(${ACTIVE_LOCK}, hashtext(current_schema()))`);
      expect(await migrateCli()).toMatchObject({
        status: 1,
        stderr: 'homing: A broker or another copy is active on the target. Stop it first.\n',
      });
    } finally {
      await broker.end();
    }
  });

  it('rejects a source with a running broker', async () => {
    useSource(small);
    const lock = lockFolder(dataDir);
    try {
      const { status, stderr } = await migrateCli();
      expect(stderr).toContain(`Another broker uses the data folder ${dataDir}. Stop it`);
      expect(status).toBe(1);
    } finally {
      lock.unlock();
    }
  });

  it('copies into another schema, and reads the target from a file', async () => {
    useSource(small);
    const file = join(dataDir, 'url');
    writeFileSync(file, `${target.url}?schema=messages_of_homing\n`);
    const { status, stdout, stderr } = await runCli(['database', 'migrate', '--to-file', file], {
      HOMING_DATA_DIR: dataDir,
    });
    expect(stderr).toContain('?schema=messages_of_homing');
    expect(status).toBe(0);
    expect(stdout + stderr).not.toContain(':homing@');
    const count = 'SELECT COUNT(*)::int AS count FROM messages_of_homing.messages';
    expect(await query(target.url, count)).toEqual([{ count: 20 }]);
  });

  it.each([
    [['--from', 'mysql'], "--from was given 'mysql'; allowed: sqlite."],
    [['--to', 'mysql://secret@host/a'], '--to was given a value; allowed: a postgres:// URL.'],
    [['--to', 'postgres://a', '--to-file', 'b'], '--to and --to-file were given; use one of them.'],
  ])('exits with 2 for %j', async (args, message) => {
    useSource(small);
    expect(await migrateCli(...args)).toMatchObject({ status: 2, stderr: `homing: ${message}\n` });
  });

  it('exits with 1 if there is no source, and with 2 if there is no target', async () => {
    expect(await migrateCli()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('There is no database at'),
    });
    useSource(small);
    expect(await runCli(['database', 'migrate'], { HOMING_DATA_DIR: dataDir })).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('There is no target.'),
    });
  });
});
