/**
 * Creates the tables of a new database on PostgreSQL, and applies the missing migrations.
 *
 * - All run in one transaction with the write lock, so two programs that start at the same time do not both migrate.
 * - A schema of a newer version of Homing is rejected and not changed.
 */
import type pg from 'pg';
import { MIGRATIONS, type Migration, NEWEST_VERSION } from '../migrations/index.ts';
import { BASELINE, BASELINE_VERSION } from './baseline/index.ts';
import { postgresDdl } from './ddl.ts';
import { DatabaseError } from './errors.ts';
import type { ColumnTypes } from './gathered-rows.ts';
import { createPartitions } from './partitions.ts';
import { WRITE_LOCK } from './transactions.ts';

/** The advisory locks are by schema, so the schema must exist before they are taken. A migration may take long. */
const BEGIN = `BEGIN;
SET LOCAL statement_timeout = 0;
SELECT pg_advisory_xact_lock(${WRITE_LOCK}, hashtext(current_schema()))`;

/** Returns the version of the schema; 0: there are no tables of Homing. */
export async function schemaVersion(client: pg.Client): Promise<number> {
  // Unlike to_regclass, a query of pg_class also sees tables that another session created during this transaction.
  const { rows } = await client.query<{ found: number }>(
    `SELECT EXISTS (SELECT FROM pg_class
       WHERE relname = 'database_state' AND relnamespace = current_schema()::regnamespace) AS found`,
  );
  if (rows[0]?.found !== 1) return 0;
  const state = await client.query<{ schema_version: number }>('SELECT schema_version FROM database_state');
  return state.rows[0]?.schema_version ?? 0;
}

/** No right, or a read-only database. */
const CANNOT_CREATE = new Set(['42501', '25006']);

/** Creates the schema of the address if it is missing. @throws DatabaseError without the right to create tables in it */
export async function prepareSchema(client: pg.Client, schema: string | null): Promise<void> {
  try {
    if (schema !== null) await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
  } catch (error) {
    // The next statement names the problem.
    if (!CANNOT_CREATE.has((error as { code?: string }).code ?? '')) throw error;
  }
  const { rows } = await client.query<{
    name: string | null;
    role: string;
    is_read_only: number;
    may_create: number | null;
  }>(
    `SELECT current_schema() AS name, current_user AS role,
       current_setting('transaction_read_only') = 'on' AS is_read_only,
       has_schema_privilege(current_schema(), 'CREATE')
         AND has_schema_privilege(current_schema(), 'USAGE') AS may_create`,
  );
  const [found] = rows;
  if (found?.is_read_only === 1) {
    throw new DatabaseError(
      'The database accepts no writes: it is a replica, or default_transaction_read_only is on. Use the address of the ' +
        'primary server in DATABASE_URL.',
    );
  }
  if (found?.name == null) {
    const name = schema ?? 'public';
    throw new DatabaseError(
      `There is no schema ${name}, and ${found?.role} may not create it. Create it as an administrator: ` +
        `CREATE SCHEMA ${name} AUTHORIZATION ${found?.role};`,
    );
  }
  if (found.may_create === 1) return;
  throw new DatabaseError(
    `${found.role} may not create tables in the schema ${found.name}. Allow it as an administrator: ` +
      `GRANT CREATE, USAGE ON SCHEMA ${found.name} TO ${found.role};`,
  );
}

/** @throws DatabaseError if a newer version of Homing has written the schema */
export function assertKnownVersion(found: number): void {
  if (found <= NEWEST_VERSION) return;
  throw new DatabaseError(
    `The database was written by a newer Homing (schema version ${found}; this program supports up to ` +
      `${NEWEST_VERSION}). Start the newer version, or use another database.`,
  );
}

/** Whether a migration from this version of the schema needs the running brokers to end first. */
export function needsBrokersStopped(found: number, migrations: readonly Migration[] = MIGRATIONS): boolean {
  return found > 0 && migrations.some(({ number, isCompatible }) => number > found && isCompatible !== true);
}

/** `now` (epoch ms) is the time of the first partitions. Returns the applied migrations. */
export async function migrate(
  client: pg.Client,
  now: number,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<Migration[]> {
  const newest = migrations.at(-1)?.number ?? 0;
  if ((await schemaVersion(client)) === newest) return [];
  const applied: Migration[] = [];
  try {
    await client.query(BEGIN);
    const found = await schemaVersion(client);
    assertKnownVersion(found);
    if (found === 0) {
      await client.query(postgresDdl(BASELINE));
      await createPartitions(client, now);
    }
    const current = Math.max(found, BASELINE_VERSION);
    for (const migration of migrations) {
      if (migration.number <= found) continue;
      if (migration.number > current) {
        await client.query(postgresDdl(migration.sql));
        if (migration.postgres !== undefined) await client.query(migration.postgres);
      }
      applied.push(migration);
    }
    await client.query('UPDATE database_state SET schema_version = $1', [newest]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
  return applied;
}

/** Returns the type of each column of the current schema, by `table.column`. */
export async function columnTypes(client: pg.Client): Promise<ColumnTypes> {
  const { rows } = await client.query<{ name: string; type: string }>(
    `SELECT c.relname || '.' || a.attname AS name, format_type(a.atttypid, NULL) AS type
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
     WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND a.attnum > 0 AND NOT a.attisdropped`,
  );
  return new Map(rows.map(({ name, type }) => [name, type]));
}
