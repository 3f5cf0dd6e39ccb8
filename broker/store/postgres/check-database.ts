/** Checks a database on PostgreSQL: its schema, rights, integrity and connections. Changes nothing. */
import type pg from 'pg';
import type { ListedBroker } from '../../core/ports/brokers.ts';
import { COPY_TABLE } from '../copy/begun-copy.ts';
import { type DatabaseCheck, MAIN_TABLES } from '../database-check.ts';
import { MIGRATIONS, NEWEST_VERSION } from '../migrations/index.ts';
import { LIST_BROKERS } from '../queries/brokers.ts';
import { countActiveBrokers } from './active-brokers.ts';
import { withoutPassword } from './address.ts';
import { BASELINE, BASELINE_VERSION } from './baseline/index.ts';
import { checkPooler } from './check-pooler.ts';
import { assertUsableServer, clientConfig, connect, end, type PostgresAddress } from './connection.ts';
import { SIZE } from './engine.ts';
import { schemaVersion } from './migrate.ts';
import { PARTITIONED } from './partitions.ts';

/** Connections that a broker and a command open. */
const CONNECTIONS_NEEDED = 10;
/** Schema version with the table of brokers. */
const BROKERS_SINCE = 20;
const OF_SCHEMA = 'relnamespace = current_schema()::regnamespace';

/** @throws DatabaseError if the database is not reachable; the message names the reason and the next step */
export async function checkPostgres(address: PostgresAddress): Promise<DatabaseCheck> {
  const client = await connect(clientConfig(address));
  const check: DatabaseCheck = {
    ...{
      engine: 'postgres',
      database: withoutPassword(address.url),
      version: '',
      schemaVersion: 0,
      bytes: 0,
    },
    ...{ rows: {}, facts: {}, brokers: [], problems: [] },
  };
  try {
    await assertUsableServer(client);
    // Counting the rows of a long history takes minutes.
    await client.query('SET statement_timeout = 0');
    await checkServer(client, check);
    await checkBrokers(client, check);
    if (await checkSchema(client, check)) {
      await listBrokers(client, check);
      await checkRights(client, check);
      await checkIntegrity(client, check);
      await countRows(client, check);
    }
  } finally {
    await end(client);
  }
  await checkConnections(address, check);
  return check;
}

async function rowOf<Row extends pg.QueryResultRow>(client: pg.Client, sql: string): Promise<Row> {
  const { rows } = await client.query<Row>(sql);
  const [row] = rows;
  if (row === undefined) throw new Error(`The statement returned no row: ${sql}`);
  return row;
}

async function namesOf(client: pg.Client, sql: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(sql);
  return rows.map(({ name }) => name);
}

async function checkServer(client: pg.Client, check: DatabaseCheck): Promise<void> {
  const server = await rowOf<{ version: string; encoding: string; schema: string | null; role: string }>(
    client,
    `SELECT current_setting('server_version') AS version, current_setting('server_encoding') AS encoding,
       current_schema() AS schema, current_user AS role`,
  );
  check.version = server.version;
  Object.assign(check.facts, {
    schema: server.schema ?? '(missing)',
    ...{ role: server.role, encoding: server.encoding },
  });
}

/** Counts the connections of the server, and the brokers of this database. */
async function checkBrokers(client: pg.Client, { facts, problems }: DatabaseCheck): Promise<void> {
  const used = await rowOf<{ used: number; max: number; reserved: number }>(
    client,
    `SELECT (SELECT COUNT(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS used,
       current_setting('max_connections')::int AS max,
       current_setting('superuser_reserved_connections')::int AS reserved`,
  );
  facts.connections = `${used.used} of ${used.max}`;
  const standbys = await rowOf<{ count: number }>(
    client,
    `SELECT COUNT(*) AS count FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'homing entering'`,
  );
  const active = await countActiveBrokers(client);
  Object.assign(facts, { active_brokers: active, standby_brokers: standbys.count });
  const free = used.max - used.reserved - used.used;
  if (active === 0 && free < CONNECTIONS_NEEDED) {
    problems.push(
      `The server has ${Math.max(0, free)} free connections; a broker needs ${CONNECTIONS_NEEDED}. Raise max_connections.`,
    );
  }
}

/** Lists the brokers, if the database is of a version that lists them. */
async function listBrokers(client: pg.Client, check: DatabaseCheck): Promise<void> {
  if (check.schemaVersion < BROKERS_SINCE) return;
  check.brokers = (await client.query<ListedBroker>(LIST_BROKERS)).rows;
}

/** Returns whether the tables of Homing exist. */
async function checkSchema(client: pg.Client, check: DatabaseCheck): Promise<boolean> {
  const { problems } = check;
  const found = await schemaVersion(client);
  check.schemaVersion = found;
  if (found === 0) {
    problems.push('There are no tables of Homing. Create them with homing serve or homing init.');
    return false;
  }
  if (found > NEWEST_VERSION) {
    problems.push(
      `The database was written by a newer Homing (schema version ${found}; this program supports up to ` +
        `${NEWEST_VERSION}). Use the newer version.`,
    );
  }
  const tables = new Set(
    await namesOf(
      client,
      `SELECT relname AS name FROM pg_class WHERE ${OF_SCHEMA} AND relkind IN ('r', 'p')`,
    ),
  );
  const missing = expectedTables(found).filter((name) => !tables.has(name));
  if (missing.length > 0) {
    problems.push(`These tables are missing: ${missing.join(', ')}. Restore a backup.`);
  }
  if (tables.has(COPY_TABLE)) {
    problems.push('The database has an incomplete copy. Run homing database migrate again to continue it.');
  }
  const { bytes } = await rowOf<{ bytes: number }>(client, SIZE);
  check.bytes = bytes;
  return missing.length === 0;
}

/** Returns the tables of a version of the schema. */
function expectedTables(version: number): string[] {
  const later = MIGRATIONS.filter(({ number }) => number > BASELINE_VERSION && number <= version);
  const texts = [BASELINE, ...later.flatMap(({ sql, postgres = '' }) => [sql, postgres])];
  const created = texts.flatMap((text) =>
    [...text.matchAll(/CREATE TABLE (\w+)/g)].map(([, name = '']) => name),
  );
  const dropped = new Set(
    texts.flatMap((text) => [...text.matchAll(/DROP TABLE (\w+)/g)].map(([, name]) => name)),
  );
  return created.filter((name) => !dropped.has(name));
}

async function checkRights(client: pg.Client, { facts, problems }: DatabaseCheck): Promise<void> {
  const denied = await namesOf(
    client,
    `SELECT relname AS name FROM pg_class WHERE ${OF_SCHEMA} AND relkind IN ('r', 'p') AND NOT relispartition
       AND NOT (has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT')
         AND has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE')) ORDER BY 1`,
  );
  if (denied.length > 0) {
    problems.push(
      `${facts.role} may not read and write these tables: ${denied.join(', ')}. Allow it: ` +
        `GRANT ALL ON ALL TABLES IN SCHEMA ${facts.schema} TO ${facts.role};`,
    );
  }
  const { may_create } = await rowOf<{ may_create: number }>(
    client,
    "SELECT has_schema_privilege(current_schema(), 'CREATE') AS may_create",
  );
  const foreign = await namesOf(
    client,
    `SELECT relname AS name FROM pg_class WHERE ${OF_SCHEMA} AND relname IN ('messages', 'timeline')
       AND NOT pg_has_role(relowner, 'USAGE')`,
  );
  if (may_create === 0 || foreign.length > 0) {
    problems.push(
      `${facts.role} may not create partitions, which the broker does every month. Make it the owner of the tables, ` +
        `and allow it: GRANT CREATE, USAGE ON SCHEMA ${facts.schema} TO ${facts.role};`,
    );
  }
}

async function checkIntegrity(client: pg.Client, { facts, problems }: DatabaseCheck): Promise<void> {
  const columns = await namesOf(
    client,
    `SELECT c.relname || '.' || a.attname AS name FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
     WHERE c.${OF_SCHEMA} AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0
       AND NOT a.attisdropped AND a.attcollation NOT IN (0, (SELECT oid FROM pg_collation WHERE collname = 'C'
         AND collnamespace = 'pg_catalog'::regnamespace)) ORDER BY 1`,
  );
  if (columns.length > 0) {
    problems.push(
      `These columns do not sort by bytes: ${columns.join(', ')}. Set COLLATE "C" for each, or restore a backup.`,
    );
  }
  const indexes = await namesOf(
    client,
    `SELECT c.relname AS name FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
     WHERE c.${OF_SCHEMA} AND NOT (i.indisvalid AND i.indisready) ORDER BY 1`,
  );
  if (indexes.length > 0)
    problems.push(`These indexes are invalid: ${indexes.join(', ')}. Run REINDEX INDEX for each.`);
  const constraints = await namesOf(
    client,
    `SELECT conrelid::regclass || '.' || conname AS name FROM pg_constraint
     WHERE connamespace = current_schema()::regnamespace AND NOT convalidated ORDER BY 1`,
  );
  if (constraints.length > 0) {
    problems.push(
      `These constraints are not validated: ${constraints.join(', ')}. Run VALIDATE CONSTRAINT for each.`,
    );
  }
  for (const table of Object.keys(PARTITIONED)) {
    const [other] = await namesOf(
      client,
      `SELECT c.relname AS name FROM pg_partitioned_table p JOIN pg_class c ON c.oid = p.partdefid
       WHERE p.partrelid = '${table}'::regclass`,
    );
    if (other === undefined) {
      problems.push(`The table ${table} has no default partition. Start the broker, which creates it.`);
      continue;
    }
    const { rows } = await rowOf<{ rows: number }>(client, `SELECT COUNT(*) AS rows FROM ${other}`);
    facts[`${other}_rows`] = rows;
  }
}

async function countRows(client: pg.Client, { rows }: DatabaseCheck): Promise<void> {
  for (const table of MAIN_TABLES) {
    rows[table] = (await rowOf<{ count: number }>(client, `SELECT COUNT(*) AS count FROM ${table}`)).count;
  }
}

/** Checks the pooler, if there is one, and the address without it. */
async function checkConnections(address: PostgresAddress, { facts, problems }: DatabaseCheck): Promise<void> {
  const { directUrl, usesPreparedStatements } = address;
  const { isPooled, preparedStatementsWork } = await checkPooler(address);
  facts.pooler = isPooled ? 'in transaction mode' : 'none found';
  facts.prepared_statements = usesPreparedStatements
    ? preparedStatementsWork
      ? 'work'
      : 'fail'
    : 'not used';
  if (!preparedStatementsWork) {
    problems.push(
      'Prepared statements do not work through the pooler. Set HOMING_DATABASE_PREPARED_STATEMENTS=0, or enable them in ' +
        'the pooler (PgBouncer: max_prepared_statements).',
    );
  }
  if (isPooled && directUrl === undefined) {
    problems.push(
      'DATABASE_URL leads to a pooler in transaction mode. Set DATABASE_DIRECT_URL to the address of the database ' +
        'itself, for the lock of the active broker.',
    );
  }
  if (directUrl !== undefined) {
    const direct = await checkPooler({ url: directUrl, usesPreparedStatements: true });
    if (direct.isPooled)
      problems.push('DATABASE_DIRECT_URL leads to a pooler too. Use the address of the database.');
  }
}
