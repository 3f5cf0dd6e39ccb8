/**
 * Begins, commits and rolls back transactions on the write connection, and connects again after a fault.
 *
 * - Transactions of all processes are serial: each holds an advisory lock until its end. Every rule that is checked in a
 *   transaction therefore holds exactly, as with the write lock of SQLite.
 * - The ids of each transaction sort after those of all earlier ones, so readers that continue after an id miss nothing.
 * - The transactions of a broker fail from the moment at which another broker has removed it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import type { TransactionConnection } from '../group-commit.ts';
import { connect, end } from './connection.ts';
import { connectionLost, DatabaseError, isStatementError, isStorageFault } from './errors.ts';

/** Time for the write lock of another process, and for a lost database. Later, transactions fail as `unavailable`. */
const WAIT_MS = 5_000;
/** Time for the write lock after which a paused broker may be the one that has it. */
const LOCK_WAIT_MS = 2_000;
const RETRY_MAX_MS = 250;
/** Time for the answer to the beginning of a transaction; the wait for the write lock is shorter. */
const BEGIN_TIMEOUT_MS = 5_000;
/** Time for the answer to a statement of a broker, which may write many rows to a slow disk. */
const STATEMENT_TIMEOUT_MS = 10_000;

/** First keys of the advisory locks. The second key is the schema. */
export const WRITE_LOCK = 0x484d;
export const ACTIVE_LOCK = 0x484e;
/** `application_name` of the connections on which brokers write. */
const BROKER_NAME = 'homing broker writes';

/** Columns of `DatabaseState`. */
export const STATE = 'outside_changes, reference_changes';
const NOTIFY = "SELECT pg_notify('homing', current_schema())";
/** Written by every process that is not a broker. The brokers read everything again. */
const TELL_OTHERS = `UPDATE database_state SET outside_changes = outside_changes + 1 RETURNING ${STATE}`;
/** Written by a broker that changed rows which the others cache. */
const TELL_BROKERS = `UPDATE database_state SET reference_changes = reference_changes + 1 RETURNING ${STATE}`;

/** Ends the session of a broker that was paused within its transaction. The server would end it after 15 seconds. */
const END_PAUSED = `SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
  WHERE l.locktype = 'advisory' AND l.granted AND l.classid = ${WRITE_LOCK} AND l.objsubid = 2
    AND l.objid::bigint = hashtext(current_schema())::bigint & 4294967295
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND a.application_name = '${BROKER_NAME}' AND a.state = 'idle in transaction'
    AND a.state_change < clock_timestamp() - interval '${LOCK_WAIT_MS - 500} ms'`;

export interface DatabaseState {
  /** Increases with each transaction of a process that is not a broker. */
  outside_changes: number;
  /** Increases with each transaction of a broker that changed rows which brokers cache. */
  reference_changes: number;
}

interface BeginState extends DatabaseState {
  /** Time of the newest id (epoch ms). */
  id_time: number;
  is_member: number;
}

/** The ids of this process, which continue after those of the other brokers. */
export interface IdClock {
  /** Further ids have a later time (epoch ms). */
  continueAfterTime(time: number): void;
  /** Returns the time of the newest id (epoch ms). */
  newestTime(): number;
}

/** A broker among others on the database. */
export interface BrokerIdentity {
  id: string;
  idClock: IdClock;
}

export interface PostgresTransactionsOptions {
  config: pg.ClientConfig;
  /** Whether the next transaction may begin on the same connection before the commit is confirmed; not with a pooler. */
  sendsAhead: boolean;
  /** Undefined in processes that are not brokers. */
  broker: BrokerIdentity | undefined;
  /** The ids of a process that is not a broker; undefined if it creates none. */
  idClock?: IdClock | undefined;
  /** Called with the write lock: from here on no other process can write. */
  onBegin: (state: DatabaseState) => void;
  /** Called when another broker has removed this one. */
  onRemoved: () => void;
  hasWritten: () => boolean;
  /** Whether the transaction changed rows that brokers cache. */
  hasChangedReference: () => boolean;
  /** Sends the gathered rows. */
  writeGathered: () => Promise<void>;
  /** Called when a transaction of this process has increased a counter. */
  onOwnChange: (state: DatabaseState) => void;
}

export class PostgresTransactions implements TransactionConnection {
  readonly #options: PostgresTransactionsOptions;
  #client: pg.Client | undefined;
  /** Since when the database has not been reachable, on the clock of `performance.now()`. */
  #lostSince: number | undefined;
  #isInTransaction = false;
  /** The next transaction, begun together with the last commit to save a round trip. */
  #begun: Promise<unknown> | undefined;
  readonly #idClock: IdClock | undefined;
  readonly #beginText: string;
  /** Time of the newest id that the database knows (epoch ms). */
  #idTime = 0;

  constructor(options: PostgresTransactionsOptions) {
    const { broker, config } = options;
    this.#options =
      broker === undefined
        ? options
        : {
            ...options,
            config: { ...config, application_name: BROKER_NAME, query_timeout: STATEMENT_TIMEOUT_MS },
          };
    this.#idClock = broker?.idClock ?? options.idClock;
    this.#beginText = beginText(broker?.id, this.#idClock !== undefined);
  }

  /** The connection of the current transaction. */
  get client(): pg.Client {
    if (this.#client === undefined) throw connectionLost();
    return this.#client;
  }

  async begin(): Promise<void> {
    for (let wait = 10; ; wait = Math.min(2 * wait, RETRY_MAX_MS)) {
      const startedAt = performance.now();
      try {
        await this.#begin();
        this.#lostSince = undefined;
        return;
      } catch (error) {
        if (error instanceof RemovedError) throw error;
        await this.rollback();
        if (isLockTimeout(error)) await this.#endPaused();
        // A server that does not answer has been lost since the question.
        this.#lostSince ??= isLockTimeout(error) ? performance.now() : startedAt;
        if (!isStorageFault(error) || performance.now() - this.#lostSince >= WAIT_MS) throw error;
      }
      await delay(wait);
    }
  }

  async commit(isFollowed: boolean): Promise<void> {
    const { writeGathered, onOwnChange } = this.#options;
    // Both are sent at once. If the rows are rejected, COMMIT rolls back.
    const written = writeGathered();
    // Without a connection the next line throws, and nothing would handle this rejection.
    written.catch(() => {});
    const committed = this.client.query([...this.#lastStatements(), 'COMMIT'].join(';\n'));
    committed.catch(() => {});
    if (isFollowed && this.#options.sendsAhead) {
      this.#begun = this.#sendBegin(this.client);
      this.#begun.catch(() => {});
    }
    await written;
    const answer = (await committed) as unknown;
    this.#isInTransaction = false;
    const results = (Array.isArray(answer) ? answer : [answer]) as pg.QueryResult<DatabaseState>[];
    // After an error that the work caught, PostgreSQL answers COMMIT with a rollback.
    if (results.at(-1)?.command !== 'COMMIT') throw new Error('The transaction was rolled back.');
    const state = results.find(({ command }) => command === 'UPDATE')?.rows[0];
    if (state !== undefined) onOwnChange(state);
  }

  /** Returns what other processes must know of the transaction. */
  #lastStatements(): string[] {
    const { broker, hasWritten, hasChangedReference } = this.#options;
    if (!hasWritten()) return [];
    const statements =
      broker === undefined ? [TELL_OTHERS, NOTIFY] : hasChangedReference() ? [TELL_BROKERS, NOTIFY] : [];
    const idTime = this.#idClock?.newestTime() ?? 0;
    if (idTime <= this.#idTime) return statements;
    this.#idTime = idTime;
    return [...statements, `SELECT setval('id_clock', ${idTime})`];
  }

  async rollback(): Promise<void> {
    const client = this.#client;
    if (client === undefined || !this.#isInTransaction) return;
    this.#isInTransaction = false;
    // The rollback also ends a transaction that was begun with a failed commit.
    this.#begun = undefined;
    try {
      await client.query('ROLLBACK');
    } catch {
      // The server rolls back a transaction whose connection ends.
      this.#drop(client);
    }
  }

  isStorageFault(error: unknown): boolean {
    return isStorageFault(error);
  }

  endsTransaction(error: unknown): boolean {
    return isStatementError(error);
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    if (client !== undefined) await end(client);
  }

  async #begin(): Promise<void> {
    this.#client ??= await this.#connect();
    this.#isInTransaction = true;
    const begun = this.#begun ?? this.#sendBegin(this.#client);
    this.#begun = undefined;
    const results = (await begun) as unknown as pg.QueryResult<BeginState>[];
    const state = results.at(-1)?.rows[0];
    if (state === undefined) throw new Error('The table database_state has no row.');
    const { broker, onRemoved, onBegin } = this.#options;
    if (broker !== undefined && state.is_member !== 1) {
      await this.rollback();
      onRemoved();
      throw new RemovedError();
    }
    // Ids of another broker: the ones of this transaction sort after them.
    if (this.#idClock !== undefined && state.id_time > this.#idTime) {
      this.#idClock.continueAfterTime(state.id_time);
      this.#idTime = state.id_time;
    }
    onBegin(state);
  }

  #sendBegin(client: pg.Client): Promise<unknown> {
    if (this.#options.broker === undefined) return client.query(this.#beginText);
    // The driver reads the time of a query from it; its types do not know that.
    const begin: pg.QueryConfig & { query_timeout: number } = {
      ...{ text: this.#beginText, query_timeout: BEGIN_TIMEOUT_MS },
    };
    return client.query(begin);
  }

  async #endPaused(): Promise<void> {
    if (this.#options.broker === undefined) return;
    try {
      const client = await connect(this.#options.config);
      await client.query(END_PAUSED).finally(() => end(client));
    } catch {
      // The server ends the session later.
    }
  }

  async #connect(): Promise<pg.Client> {
    const client = await connect({ ...this.#options.config, pipeline: true });
    client.once('end', () => this.#drop(client));
    client.once('error', () => this.#drop(client));
    return client;
  }

  #drop(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    this.#begun = undefined;
    this.#isInTransaction = false;
    void end(client).catch(() => {});
  }
}

/** Another broker removed this one, which must not write any more. */
class RemovedError extends DatabaseError {
  constructor() {
    super('The other brokers on this database have taken over the work of this one.', { isTransient: true });
    this.name = 'RemovedError';
  }
}

function beginText(brokerId: string | undefined, hasIdClock: boolean): string {
  const idTime = hasIdClock ? ', (SELECT last_value FROM id_clock) AS id_time' : '';
  const isMember =
    brokerId === undefined ? '' : `, EXISTS (SELECT FROM brokers WHERE id = '${brokerId}') AS is_member`;
  const state = `SELECT ${STATE}${idTime}${isMember} FROM database_state`;
  return `BEGIN;
SET LOCAL lock_timeout = ${LOCK_WAIT_MS};
SELECT pg_advisory_xact_lock(${WRITE_LOCK}, hashtext(current_schema()));
${state}`;
}

function isLockTimeout(error: unknown): boolean {
  return (error as { code?: unknown }).code === '55P03';
}
