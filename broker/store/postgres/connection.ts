/**
 * Connects to PostgreSQL. Reads the address, names the reason of a failed connection, and converts values.
 *
 * - `sslmode` and `sslrootcert` of the address have the meaning of libpq: `require` encrypts, `verify-full` also checks the
 *   certificate.
 * - `schema` selects a schema other than that of the role.
 */
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { explainConnectError } from './connect-errors.ts';
import { DatabaseError, isStorageFault } from './errors.ts';

export interface PostgresAddress {
  /** postgres:// URL. */
  url: string;
  /** Address without a pooler, for the lock of the active broker and for notifications. Default: `url`. */
  directUrl?: string | undefined;
  /** False behind a pooler in transaction mode without support for prepared statements. */
  usesPreparedStatements: boolean;
}

/** Oldest supported version, as in `server_version_num`. */
const OLDEST_VERSION = 150_000;
const CONNECT_TIMEOUT_MS = 5_000;
const START_WAIT_MS = 30_000;
const START_RETRY_MS = 500;
/** A process that stops within a transaction keeps the write lock for this time. A loaded machine may need some seconds. */
const IDLE_TRANSACTION_MS = 15_000;
/** Interval of the reports of a wait. */
const REPORT_INTERVAL_MS = 5_000;
/** Limits a statement; no statement of Homing takes as long. */
const STATEMENT_MS = 60_000;
/** Idle time after which the system asks whether the machine of the server is still there. */
const KEEP_ALIVE_MS = 3_000;
/** The modes of libpq that always or never encrypt. */
export const TLS_MODES: readonly string[] = ['disable', 'require', 'verify-ca', 'verify-full'];
const SCHEMA = /^[a-z_][a-z0-9_]{0,62}$/;

const INT8 = 20;
const NUMERIC = 1700;
const BOOL = 16;

/** Counts and sums are numbers, and flags 0 or 1, as in SQLite. */
const types = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === INT8 || oid === NUMERIC) return Number;
    if (oid === BOOL) return (value: string) => (value === 't' ? 1 : 0);
    return pg.types.getTypeParser(oid, format);
  },
};

/** @throws DatabaseError if the address is not usable */
export function clientConfig({ url, usesPreparedStatements }: PostgresAddress): pg.ClientConfig {
  const address = readUrl(url);
  const schema = address.searchParams.get('schema');
  address.searchParams.delete('schema');
  if (!address.searchParams.has('uselibpqcompat')) address.searchParams.set('uselibpqcompat', 'true');
  if (schema !== null && !SCHEMA.test(schema)) {
    throw new DatabaseError(
      `The schema of DATABASE_URL is '${schema}'; allowed: up to 63 lower-case letters, digits and underscores.`,
    );
  }
  if (schema !== null && !usesPreparedStatements) {
    throw new DatabaseError(
      'A pooler in transaction mode does not keep the schema of DATABASE_URL. Remove ?schema= and set the schema for the ' +
        `role: ALTER ROLE ${address.username || '<role>'} SET search_path = ${schema};`,
    );
  }
  assertTlsMode(address);
  const given = address.searchParams.get('options');
  address.searchParams.delete('options');
  const options = usesPreparedStatements ? sessionOptions(schema) : [];
  const all = [...(given === null ? [] : [given]), ...options].join(' ');
  return {
    connectionString: address.href,
    types,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    application_name: 'homing',
    ...(all === '' ? {} : { options: all }),
  };
}

/** @throws DatabaseError if a part is not encoded, as in a password with a percent sign */
function readUrl(url: string): URL {
  const address = new URL(url);
  try {
    for (const part of [address.username, address.password, address.pathname]) decodeURIComponent(part);
  } catch {
    throw new DatabaseError(
      'The name, password or database of DATABASE_URL has a percent sign that is not encoded. Write %25 instead of it.',
    );
  }
  return address;
}

/** The driver ignores a mode that it does not know. @throws DatabaseError */
function assertTlsMode({ searchParams }: URL): void {
  const mode = searchParams.get('sslmode');
  if (mode !== null && !TLS_MODES.includes(mode)) {
    throw new DatabaseError(`The sslmode of DATABASE_URL is '${mode}'; allowed: ${TLS_MODES.join(', ')}.`);
  }
  if (mode === 'verify-ca' && !searchParams.has('sslrootcert')) {
    throw new DatabaseError('The sslmode verify-ca of DATABASE_URL needs &sslrootcert=<file>.');
  }
}

/**
 * Plans are made once for each prepared statement, and do not depend on values or on the number of rows: a plan of an empty
 * table is also used when it has a million rows. So rows are read by an index, in its order and as far as needed.
 */
const PLANS = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_bitmapscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  enable_material: 'off',
  random_page_cost: '1.1',
  max_parallel_workers_per_gather: '0',
  jit: 'off',
};

function sessionOptions(schema: string | null): string[] {
  return [
    ...Object.entries(PLANS).map(([name, value]) => `-c ${name}=${value}`),
    `-c idle_in_transaction_session_timeout=${IDLE_TRANSACTION_MS}`,
    `-c statement_timeout=${STATEMENT_MS}`,
    '-c idle_session_timeout=0',
    // The server ends the session of a machine that is gone, and releases its locks, after 7 seconds.
    '-c tcp_keepalives_idle=3 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=4',
    ...(schema === null ? [] : [`-c search_path=${schema}`]),
  ];
}

/** @throws DatabaseError that names the reason and the next step */
export async function connect(config: pg.ClientConfig & { pipeline?: boolean }): Promise<pg.Client> {
  const client = newClient(config);
  // A lost connection rejects its queries; without a listener it would also end the process.
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    // The server waits for the rest of an interrupted authentication, and the socket would keep this process running.
    void client.end().catch(() => {});
    throw explainConnectError(error, config.connectionString ?? '');
  }
  return client;
}

/** Reads the files of the certificates. */
function newClient(config: pg.ClientConfig): pg.Client {
  try {
    return new pg.Client(config);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new DatabaseError(`A certificate of DATABASE_URL cannot be read: ${message}.`, { cause: error });
  }
}

/** Called while the database is starting or not reachable yet. */
export type OnWait = (reason: string, secondsLeft: number) => void;

/**
 * Connects at the start of a program. Waits up to 30 seconds while the database is starting, and checks its version.
 *
 * @throws DatabaseError
 */
export async function connectAtStart(config: pg.ClientConfig, onWait: OnWait = () => {}): Promise<pg.Client> {
  const until = performance.now() + START_WAIT_MS;
  let reported: { reason: string; at: number } | undefined;
  for (;;) {
    try {
      const client = await connect(config);
      await assertUsableServer(client);
      return client;
    } catch (error) {
      const left = until - performance.now();
      if (!(error instanceof DatabaseError) || !error.isTransient || left <= 0) throw error;
      const isNew = reported === undefined || reported.reason !== error.message;
      if (isNew || performance.now() - (reported?.at ?? 0) >= REPORT_INTERVAL_MS) {
        reported = { reason: error.message, at: performance.now() };
        onWait(error.message, Math.ceil(left / 1000));
      }
      await delay(START_RETRY_MS);
    }
  }
}

/** @throws DatabaseError if the server is too old, or the database cannot store every character */
export async function assertUsableServer(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ number: string; name: string; encoding: string }>(
    `SELECT current_setting('server_version_num') AS number, current_setting('server_version') AS name,
       current_setting('server_encoding') AS encoding`,
  );
  const [row] = rows;
  if (row !== undefined && Number(row.number) >= OLDEST_VERSION) {
    if (row.encoding === 'UTF8') return;
    await client.end();
    throw new DatabaseError(
      `The encoding of the database is ${row.encoding}, which cannot store every message. Create a database with ` +
        "ENCODING 'UTF8' TEMPLATE template0.",
    );
  }
  await client.end();
  throw new DatabaseError(
    `The database server is PostgreSQL ${row?.name}. Homing needs PostgreSQL ${OLDEST_VERSION / 10_000} or later. ` +
      'Upgrade the server, or use another one.',
  );
}

/** Ends a connection that may be lost already. */
export async function end(client: pg.Client): Promise<void> {
  try {
    await client.end();
  } catch (error) {
    if (!isStorageFault(error)) throw error;
  }
}
