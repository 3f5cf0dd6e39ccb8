/**
 * Begins, commits and rolls back transactions on the write connection, and connects again after a fault.
 *
 * Transactions of all processes are serial: each holds an advisory lock until its end. Every rule that is checked in a
 * transaction therefore holds exactly, as with the write lock of SQLite.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import type { TransactionConnection } from '../group-commit.ts';
import { connect, end } from './connection.ts';
import { connectionLost, DatabaseError, isStatementError, isStorageFault } from './errors.ts';

/** Time for the write lock of another process, and for a lost database. Later, transactions fail as `unavailable`. */
const WAIT_MS = 5_000;
const RETRY_MAX_MS = 250;

/** First keys of the advisory locks. The second key is the schema. */
export const WRITE_LOCK = 0x484d;
export const ACTIVE_LOCK = 0x484e;

const BEGIN = `BEGIN;
SET LOCAL lock_timeout = ${WAIT_MS};
SELECT pg_advisory_xact_lock(${WRITE_LOCK}, hashtext(current_schema()));
SELECT epoch, outside_changes FROM database_state`;

/** Written by every process but the active broker, whose caches depend on it. */
const TELL_OTHERS = `UPDATE database_state SET outside_changes = outside_changes + 1 RETURNING outside_changes;
SELECT pg_notify('homing', current_schema());
COMMIT`;

export interface DatabaseState {
  /** Increases when a broker becomes active. */
  epoch: number;
  /** Increases with each transaction of a process that is not the active broker. */
  outside_changes: number;
}

export interface PostgresTransactionsOptions {
  config: pg.ClientConfig;
  /** Whether the next transaction may begin on the same connection before the commit is confirmed; not with a pooler. */
  sendsAhead: boolean;
  /** The epoch of this broker while it is active; undefined in other processes. */
  epoch: number | undefined;
  /** Called with the write lock: from here on no other process can write. */
  onBegin: (state: DatabaseState) => void;
  /** Called when another broker has become active. */
  onReplaced: () => void;
  hasWritten: () => boolean;
  /** Sends the gathered rows. */
  writeGathered: () => Promise<void>;
  /** Called when a transaction of this process has increased `outside_changes`. */
  onOwnChange: (changes: number) => void;
}

export class PostgresTransactions implements TransactionConnection {
  readonly #options: PostgresTransactionsOptions;
  #client: pg.Client | undefined;
  /** Since when the database has not been reachable, on the clock of `performance.now()`. */
  #lostSince: number | undefined;
  #isInTransaction = false;
  /** The next transaction, begun together with the last commit to save a round trip. */
  #begun: Promise<unknown> | undefined;

  constructor(options: PostgresTransactionsOptions) {
    this.#options = options;
  }

  /** The connection of the current transaction. */
  get client(): pg.Client {
    if (this.#client === undefined) throw connectionLost();
    return this.#client;
  }

  async begin(): Promise<void> {
    for (let wait = 10; ; wait = Math.min(2 * wait, RETRY_MAX_MS)) {
      try {
        await this.#begin();
        this.#lostSince = undefined;
        return;
      } catch (error) {
        if (error instanceof ReplacedError) throw error;
        await this.rollback();
        this.#lostSince ??= performance.now();
        if (!isStorageFault(error) || performance.now() - this.#lostSince >= WAIT_MS) throw error;
      }
      await delay(wait);
    }
  }

  async commit(isFollowed: boolean): Promise<void> {
    const { epoch, hasWritten, writeGathered, onOwnChange } = this.#options;
    const tellsOthers = epoch === undefined && hasWritten();
    // Both are sent at once. If the rows are rejected, COMMIT rolls back.
    const written = writeGathered();
    const committed = this.client.query(tellsOthers ? TELL_OTHERS : 'COMMIT');
    committed.catch(() => {});
    if (isFollowed && this.#options.sendsAhead) {
      this.#begun = this.client.query(BEGIN);
      this.#begun.catch(() => {});
    }
    await written;
    const answer = (await committed) as unknown;
    this.#isInTransaction = false;
    const results = (Array.isArray(answer) ? answer : [answer]) as pg.QueryResult<DatabaseState>[];
    // After an error that the work caught, PostgreSQL answers COMMIT with a rollback.
    if (results.at(-1)?.command !== 'COMMIT') throw new Error('The transaction was rolled back.');
    const changes = results[0]?.rows[0]?.outside_changes;
    if (changes !== undefined) onOwnChange(changes);
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
    const begun = this.#begun ?? this.#client.query(BEGIN);
    this.#begun = undefined;
    const results = (await begun) as unknown as pg.QueryResult<DatabaseState>[];
    const state = results.at(-1)?.rows[0];
    if (state === undefined) throw new Error('The table database_state has no row.');
    if (this.#options.epoch !== undefined && state.epoch !== this.#options.epoch) {
      await this.rollback();
      this.#options.onReplaced();
      throw new ReplacedError();
    }
    this.#options.onBegin(state);
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

/** Another broker is active. This one must not write any more. */
class ReplacedError extends DatabaseError {
  constructor() {
    super('Another broker is active on this database.', { isTransient: true });
    this.name = 'ReplacedError';
  }
}
