/**
 * Runs Homing on PostgreSQL: one connection for transactions, a pool for reads.
 *
 * - Transactions are committed in batches (see group-commit.ts), one batch after the other.
 * - Other processes, such as the command line, send a notification with each commit. It may be lost, so the active broker
 *   also reads a counter every second, and with each batch.
 */
import pg from 'pg';
import { unavailable } from '../../core/model/errors.ts';
import type { Engine } from '../engine.ts';
import { GroupCommit, type GroupCommitOptions } from '../group-commit.ts';
import { clientConfig, connect, end, type PostgresAddress } from './connection.ts';
import type { ColumnTypes } from './gathered-rows.ts';
import { createMonthsAhead } from './partitions.ts';
import { ReadSql } from './read-sql.ts';
import { Statements } from './statements.ts';
import {
  type BrokerIdentity,
  type DatabaseState,
  type IdClock,
  PostgresTransactions,
  STATE,
} from './transactions.ts';
import { WriteSql } from './write-sql.ts';

const READERS = 4;
const READER_IDLE_MS = 60_000;
/**
 * Time for the answer to a statement of a broker. Without an answer the connection is closed: after a fail-over, a former
 * server may never answer. Other processes run longer statements, for example a restore.
 */
const READ_TIMEOUT_MS = 5_000;
/** Interval of the check for writes of other processes. */
const CHECK_INTERVAL_MS = 1_000;

/** Partitions and indexes included. */
export const SIZE = `SELECT COALESCE(SUM(pg_total_relation_size(oid)), 0) AS bytes FROM pg_class
  WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'`;

export interface PostgresEngineOptions extends Pick<GroupCommitOptions, 'onCommit'> {
  address: PostgresAddress;
  columnTypes: ColumnTypes;
  /** Undefined in processes that are not brokers. */
  broker?: BrokerIdentity | undefined;
  /** The ids of a process that is not a broker. */
  idClock?: IdClock | undefined;
  /** Called when another broker has removed this one. */
  onRemoved?: (() => void) | undefined;
}

export class PostgresEngine implements Engine {
  readonly read: ReadSql;
  readonly write: WriteSql;
  readonly #config: pg.ClientConfig;
  readonly #pool: pg.Pool;
  readonly #connection: PostgresTransactions;
  readonly #groupCommit: GroupCommit;
  readonly #reference = { version: 0 };
  readonly #outsideListeners: Array<() => void> = [];
  #seen: DatabaseState | undefined;
  #checkedAt = 0;
  #isChecking = false;
  /** A change was notified during the check, which may not have read it. */
  #isCheckWanted = false;
  #isClosed = false;

  constructor({ address, columnTypes, broker, idClock, onRemoved, onCommit }: PostgresEngineOptions) {
    const config = clientConfig(address);
    this.#config = config;
    const statements = new Statements({ usesNames: address.usesPreparedStatements });
    this.#pool = new pg.Pool({
      ...{ ...config, max: READERS, idleTimeoutMillis: READER_IDLE_MS },
      ...(broker !== undefined && { query_timeout: READ_TIMEOUT_MS }),
    });
    // A lost idle connection: the next read opens another one.
    this.#pool.on('error', () => {});
    let writesBefore = 0;
    this.#connection = new PostgresTransactions({
      ...{ config, broker, idClock, sendsAhead: address.usesPreparedStatements },
      onBegin: (state) => {
        writesBefore = this.write.writes;
        this.#see(state);
      },
      onRemoved: onRemoved ?? (() => {}),
      hasWritten: () => this.write.writes !== writesBefore,
      hasChangedReference: () => this.write.hasChangedReference,
      writeGathered: () => this.write.writeGathered(),
      // It was read in the same transaction, so no other process has written between.
      onOwnChange: (state) => {
        this.#seen = state;
      },
    });
    this.read = new ReadSql({ statements, pool: this.#pool, reference: this.#reference });
    this.write = new WriteSql({
      ...{ statements, columnTypes, reference: this.#reference },
      connection: () => this.#connection.client,
    });
    this.#groupCommit = new GroupCommit({ connection: this.#connection, sql: this.write, onCommit });
  }

  get transactions(): number {
    return this.#groupCommit.transactions;
  }

  transaction<T>(work: () => Promise<T>): Promise<T> {
    return this.#enqueue(work, false);
  }

  dryRun<T>(work: () => Promise<T>): Promise<T> {
    return this.#enqueue(work, true);
  }

  afterCommit(run: () => void): void {
    this.#groupCommit.afterCommit(run);
  }

  /** Creates the partitions of the next months. The server's autovacuum releases free space. */
  async maintain(now: number): Promise<boolean> {
    const client = await connect(this.#config);
    try {
      await createMonthsAhead(client, now);
    } finally {
      await end(client);
    }
    return false;
  }

  async bytes(): Promise<number> {
    const row = await this.read.get<{ bytes: number }>(SIZE);
    return row?.bytes ?? 0;
  }

  onOutsideChange(listener: () => void): void {
    this.#outsideListeners.push(listener);
  }

  /** Reads the counter of outside changes, at most once a second. */
  checkForOutsideChange(): void {
    if (performance.now() - this.#checkedAt >= CHECK_INTERVAL_MS) this.readOutsideChange();
  }

  /** Called after a notification. Cached rows of the reference tables are not used any more. */
  noticeOutsideChange(): void {
    this.#reference.version += 1;
    this.readOutsideChange();
  }

  /** Reads the counter of outside changes now. */
  readOutsideChange(): void {
    if (this.#isClosed) return;
    this.#isCheckWanted = this.#isChecking;
    if (this.#isChecking) return;
    this.#isChecking = true;
    this.#checkedAt = performance.now();
    this.#pool
      .query<DatabaseState>(`SELECT ${STATE} FROM database_state`)
      .then(({ rows: [state] }) => state && this.#see(state))
      // The next check reads it.
      .catch(() => {})
      .finally(() => {
        this.#isChecking = false;
        if (this.#isCheckWanted) this.readOutsideChange();
      });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    await this.#groupCommit.drain();
    this.#isClosed = true;
    await this.#connection.close();
    await this.#pool.end();
  }

  #enqueue<T>(work: () => Promise<T>, isDryRun: boolean): Promise<T> {
    if (this.#isClosed) return Promise.reject(unavailable('The store is closed.'));
    return this.#groupCommit.enqueue(work, { isDryRun });
  }

  #see(state: DatabaseState): void {
    const seen = this.#seen;
    const isOutside = seen !== undefined && state.outside_changes > seen.outside_changes;
    const isReference = seen === undefined || state.reference_changes > seen.reference_changes;
    if (!isOutside && !isReference) return;
    this.#seen = {
      outside_changes: Math.max(state.outside_changes, seen?.outside_changes ?? 0),
      reference_changes: Math.max(state.reference_changes, seen?.reference_changes ?? 0),
    };
    this.#reference.version += 1;
    if (isOutside) for (const listener of this.#outsideListeners) listener();
  }
}
