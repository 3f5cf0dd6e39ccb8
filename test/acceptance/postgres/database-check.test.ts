/** Tests `homing database check` on PostgreSQL with the real program. */
import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NEWEST_VERSION } from '../../../broker/store/migrations/index.ts';
import { ownVersion } from '../../../shared/version.ts';
import { runCli, startHoming } from '../../support/homing-process.ts';
import { newDatabase, newEmptyDatabase, query, type TestDatabase } from '../../support/postgres/databases.ts';
import { type Pooler, startPooler } from '../../support/postgres/pooler.ts';

let dataDir: string;
let database: TestDatabase;

beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'homing-check-'));
});
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));
beforeEach(async () => {
  database = await newDatabase();
});
afterEach(() => database.drop());

const settings = (url = database.url) => ({ HOMING_DATA_DIR: dataDir, DATABASE_URL: url });
const withoutPassword = (url: string) => url.replace(/:\w+@/, '@');

async function check(env: Record<string, string> = settings()) {
  const { status, stderr, json } = await runCli(['database', 'check', '--json'], env);
  expect(stderr).not.toContain(':homing@');
  return { status, stderr, body: json[0] };
}

async function expectProblem(problem: string | RegExp, env?: Record<string, string>): Promise<void> {
  const { status, stderr, body } = await check(env);
  const matching =
    typeof problem === 'string' ? expect.stringContaining(problem) : expect.stringMatching(problem);
  expect(body).toMatchObject({ ok: false, problems: [matching] });
  expect(stderr).toBe(`homing: ${body.problems[0]}\n`);
  expect(status).toBe(1);
}

describe('homing database check', () => {
  it('shows the database of a running broker, without a problem', async () => {
    const homing = await startHoming(settings());
    try {
      const { status, stderr, body } = await check();
      expect(body).toEqual({
        ...{ ok: true, engine: 'postgres', database: withoutPassword(database.url) },
        version: expect.stringMatching(/^\d+/),
        ...{ schema_version: NEWEST_VERSION, newest_schema_version: NEWEST_VERSION },
        bytes: expect.any(Number),
        rows: expect.objectContaining({ accounts: 1, messages: 0 }),
        ...{ schema: 'public', role: 'homing', encoding: 'UTF8' },
        connections: expect.stringMatching(/^\d+ of \d+$/),
        ...{ active_brokers: 1, standby_brokers: 0 },
        brokers: [
          {
            host: hostname(),
            version: ownVersion(),
            started_at: expect.any(String),
            heartbeat_at: expect.any(String),
          },
        ],
        ...{ messages_other_rows: 0, timeline_other_rows: 0, search_entries_other_rows: 0 },
        ...{ pooler: 'none found', prepared_statements: 'work', problems: [] },
      });
      expect([status, stderr]).toEqual([0, '']);
      const { stdout } = await runCli(['database', 'check'], settings());
      expect(stdout).toMatch(/^schema version +\d+ \(the newest\)$/m);
      expect(stdout).toMatch(/^active brokers +1$/m);
      expect(stdout).toMatch(/^accounts +1$/m);
      expect(stdout).toContain('No problem found.');
    } finally {
      await homing.dispose();
    }
  });

  it('creates nothing in an empty database', async () => {
    const empty = await newEmptyDatabase();
    try {
      await expectProblem('There are no tables of Homing.', settings(empty.url));
      const tables = await query(
        empty.url,
        "SELECT 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace",
      );
      expect(tables).toEqual([]);
    } finally {
      await empty.drop();
    }
  });

  it.each([
    ['UPDATE database_state SET schema_version = 9999', 'written by a newer Homing (schema version 9999;'],
    ['DROP TABLE saved_replies', 'These tables are missing: saved_replies.'],
    ['CREATE TABLE database_copy (state TEXT COLLATE "C")', 'The database has an incomplete copy.'],
    ['DROP TABLE timeline_other', 'The table timeline has no default partition.'],
    [
      "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'media_unclaimed'::regclass",
      'These indexes are invalid: media_unclaimed.',
    ],
    [
      'ALTER TABLE contacts ADD CONSTRAINT later CHECK (id <> $$x$$) NOT VALID',
      'These constraints are not validated: contacts.later.',
    ],
    [
      'ALTER TABLE contacts ALTER COLUMN name TYPE TEXT COLLATE "default"',
      'These columns do not sort by bytes: contacts.name.',
    ],
  ])('reports a problem after %s', async (change, problem) => {
    await query(database.url, change);
    await expectProblem(problem);
  });

  it('reports missing rights of the role', async () => {
    const role = `reader_${Date.now()}`;
    await query(database.url, `CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
    try {
      await query(database.url, `GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${role}`);
      const url = new URL(database.url);
      Object.assign(url, { username: role, password: 'secret' });
      const { status, body, stderr } = await check(settings(url.href));
      expect(body.problems).toEqual([
        expect.stringMatching(
          `^${role} may not read and write these tables: accounts, .*GRANT ALL ON ALL TABLES`,
        ),
        expect.stringMatching(`^${role} may not create partitions`),
      ]);
      expect(stderr).not.toContain('secret');
      expect(status).toBe(1);
    } finally {
      await query(database.url, `DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
  });

  it('reports a database that is not reachable', async () => {
    const url = new URL(database.url);
    url.pathname = '/missing';
    await expectProblem('The database missing at', settings(url.href));
  });

  describe('through a pooler in transaction mode', () => {
    let pooler: Pooler;
    beforeEach(async () => {
      pooler = await startPooler({ server: database.url });
    });
    afterEach(() => pooler.close());
    const pooled = () => settings(pooler.url(new URL(database.url).pathname.slice(1)));
    const UNPREPARED = { HOMING_DATABASE_PREPARED_STATEMENTS: '0' };

    it('reports that prepared statements need another setting', async () => {
      await expectProblem(/^The pooler .*Set HOMING_DATABASE_PREPARED_STATEMENTS=0/, pooled());
    });

    it('reports that the direct address is missing or leads to the pooler', async () => {
      await expectProblem('Set DATABASE_DIRECT_URL to', { ...pooled(), ...UNPREPARED });
    });

    it('finds no problem with the direct address', async () => {
      const { status, body } = await check({
        ...{ ...pooled(), ...UNPREPARED },
        DATABASE_DIRECT_URL: database.url,
      });
      expect(body).toMatchObject({
        ok: true,
        pooler: 'in transaction mode',
        prepared_statements: 'not used',
      });
      expect(status).toBe(0);
    });
  });
});
