/** Creates the database of a broker or store under test, for the engine of the run, and opens it beside the broker. */
import { statSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import Database from 'better-sqlite3';
import type { Store } from '../../broker/core/ports/store.ts';
import { databaseFile } from '../../broker/data-folder.ts';
import type { Value } from '../../broker/store/database.ts';
import { type DatabaseAddress, openStore } from '../../broker/store/open.ts';
import { clientConfig, connect, type PostgresAddress } from '../../broker/store/postgres/connection.ts';
import { WRITE_LOCK } from '../../broker/store/postgres/transactions.ts';

/** Selected by the project of vitest. */
export const ENGINE = process.env.HOMING_TEST_ENGINE === 'postgres' ? 'postgres' : 'sqlite';

export interface BrokerDatabase {
  address: DatabaseAddress;
  /** Settings of a program that uses the database. */
  settings: Record<string, string>;
  /** Deletes the database, except a file in the data folder. */
  drop(): Promise<void>;
}

interface WithDatabase {
  database: Pick<BrokerDatabase, 'address'>;
}

const NO_DATABASE_LEFT = async () => {};
const BUSY_TIMEOUT_MS = 5_000;
/** Time in which a broker on a busy machine receives a notification that this process has received. */
const NOTICE_MS = 100;

/** `environment`: settings of the test. A given `DATABASE_URL` is used and not deleted. */
export async function newBrokerDatabase(
  dataDir: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<BrokerDatabase> {
  const given = environment.DATABASE_URL;
  if (given !== undefined) return onPostgres(given, NO_DATABASE_LEFT);
  if (ENGINE === 'sqlite') {
    const settings = { HOMING_DATA_DIR: dataDir };
    return { address: { engine: 'sqlite', file: databaseFile(dataDir) }, settings, drop: NO_DATABASE_LEFT };
  }
  // Only in the project `postgres`, which provides the server.
  const { newDatabase } = await import('./postgres/databases.ts');
  const { url, drop } = await newDatabase();
  return onPostgres(url, drop);

  function onPostgres(url: string, drop: () => Promise<void>): BrokerDatabase {
    const settings = { HOMING_DATA_DIR: dataDir, DATABASE_URL: url };
    return { address: { engine: 'postgres', url, usesPreparedStatements: true }, settings, drop };
  }
}

/** Opens the database of a running broker a second time, like the command line. The broker detects the changes. */
export async function openStoreOf({ database }: WithDatabase): Promise<Store> {
  return (await openStore(database.address)).store;
}

/** Opens the database of a running broker, and closes it after the work. */
export async function withStoreOf<T>(broker: WithDatabase, work: (store: Store) => Promise<T>): Promise<T> {
  const { address } = broker.database;
  const notice = address.engine === 'postgres' ? await followNotices(address) : undefined;
  const store = await openStoreOf(broker);
  try {
    return await work(store);
  } finally {
    await store.close();
    await notice?.reachBroker();
  }
}

/** `reachBroker` waits until the broker, if one runs, has received the notifications of changes since the call. */
async function followNotices(address: PostgresAddress) {
  const client = await connect(clientConfig(address));
  let notices = 0;
  client.on('notification', () => {
    notices += 1;
  });
  await client.query('LISTEN homing');
  return {
    async reachBroker() {
      // The server sends the notifications of earlier commits before the answer.
      await client.query('SELECT 1');
      if (notices > 0) await wait(NOTICE_MS);
      await client.end();
    },
  };
}

/** Runs a statement of the test, with `?` parameters, on the database of a running broker. Returns its rows. */
export async function rowsOf<Row = Record<string, unknown>>(
  { database: { address } }: WithDatabase,
  sql: string,
  ...values: Value[]
): Promise<Row[]> {
  return address.engine === 'sqlite'
    ? sqliteRows<Row>(address.file, sql, values)
    : postgresRows<Row>(address, sql, values);
}

/** Size of a running broker's database, with the write-ahead log of SQLite. */
export async function databaseBytes(broker: WithDatabase): Promise<number> {
  const { address } = broker.database;
  if (address.engine === 'sqlite') return statSync(address.file).size + statSync(`${address.file}-wal`).size;
  const [row] = await rowsOf<{ bytes: number }>(
    broker,
    'SELECT pg_database_size(current_database()) AS bytes',
  );
  return row?.bytes ?? 0;
}

/** Takes the write lock of a running broker's database, like another program. Returns a function that releases it. */
export async function lockWrites({ database: { address } }: WithDatabase): Promise<() => Promise<void>> {
  if (address.engine === 'sqlite') {
    const database = new Database(address.file);
    database.exec('BEGIN IMMEDIATE');
    return async () => {
      database.exec('ROLLBACK');
      database.close();
    };
  }
  const client = await connect(clientConfig(address));
  await client.query('BEGIN');
  await client.query(`SELECT pg_advisory_xact_lock(${WRITE_LOCK}, hashtext(current_schema()))`);
  return () => client.end();
}

function sqliteRows<Row>(file: string, sql: string, values: readonly Value[]): Row[] {
  const database = new Database(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    const statement = database.prepare<Value[], Row>(sql);
    if (statement.reader) return statement.all(...values);
    statement.run(...values);
    return [];
  } finally {
    database.close();
  }
}

async function postgresRows<Row>(
  address: PostgresAddress,
  sql: string,
  values: readonly Value[],
): Promise<Row[]> {
  const client = await connect(clientConfig(address));
  try {
    let index = 0;
    const text = sql.replace(/\?/g, () => `$${++index}`);
    return (await client.query(text, [...values])).rows as Row[];
  } finally {
    await client.end();
  }
}
