/**
 * Opens a SQLite file with one connection for transactions and one for reads, and detects writes of other processes.
 *
 * - Transactions are committed in batches (see group-commit.ts).
 * - Reads outside a transaction see committed rows only.
 */
import Database from 'better-sqlite3';
import { unavailable } from '../../core/model/errors.ts';
import type { Sql } from '../database.ts';
import type { Engine } from '../engine.ts';
import { GroupCommit, type GroupCommitOptions } from '../group-commit.ts';
import { sizeOf } from './database-file.ts';
import { PreparedSql } from './prepared-sql.ts';
import { SqliteTransactions } from './transactions.ts';

/** SQLite blocks the event loop for this time while another process opens or migrates the file. */
const OPEN_TIMEOUT_MS = 5_000;
/** Readers of a write-ahead log wait only while another process recovers the log. */
const READ_TIMEOUT_MS = 250;
/** A check for writes of other processes takes some microseconds for locks, so callers within this time share one. */
const CHECK_INTERVAL_MS = 1;
/** After a larger transaction the write-ahead log is truncated to this size. */
const WAL_MAX_BYTES = 64 * 1024 * 1024;
const PAGE_CACHE_KIB = 64 * 1024;
const FREE_PAGES_KEPT = 1_000;
const VACUUM_STEP_PAGES = 256;

export interface SqliteOptions extends Pick<GroupCommitOptions, 'onCommit'> {
  file: string;
  /** Maximum file size in bytes. Writes beyond it fail as `unavailable`, as on a full disk. */
  maxBytes?: number | undefined;
  /** Maximum time for the write lock of another process, in milliseconds. */
  lockWaitMs?: number | undefined;
}

export class SqliteEngine implements Engine {
  readonly read: Sql;
  /** For use within a transaction only. */
  readonly write: Sql;
  /** The write connection, for migrations, which run before the first transaction. */
  readonly writer: Database.Database;
  readonly #reader: Database.Database;
  readonly #groupCommit: GroupCommit;
  readonly #reference = { version: 0 };
  readonly #dataVersion: Database.Statement;
  readonly #outsideListeners: Array<() => void> = [];
  #seenDataVersion: unknown;
  /** On the clock of `performance.now()`. */
  #checkedAt = 0;
  #isClosed = false;

  constructor({ file, maxBytes, lockWaitMs, onCommit }: SqliteOptions) {
    this.writer = open(file);
    // Takes effect in a new database only. `homing backup` converts the copy of an older one.
    this.writer.pragma('auto_vacuum = INCREMENTAL');
    this.writer.pragma('journal_mode = WAL');
    this.writer.pragma(`journal_size_limit = ${WAL_MAX_BYTES}`);
    if (maxBytes !== undefined) {
      const pageBytes = this.writer.pragma('page_size', { simple: true }) as number;
      this.writer.pragma(`max_page_count = ${Math.max(1, Math.floor(maxBytes / pageBytes))}`);
    }
    this.#reader = open(file);
    this.#reader.pragma('query_only = ON');
    const shared = { reference: this.#reference, checkForOutsideChange: () => this.#checkAtIntervals() };
    const sql = new PreparedSql({ connection: this.writer, ...shared });
    this.write = sql;
    this.read = new PreparedSql({ connection: this.#reader, ...shared });
    const connection = new SqliteTransactions({
      connection: this.writer,
      sql,
      lockWaitMs,
      onBegin: () => this.checkForOutsideChange(),
    });
    this.#groupCommit = new GroupCommit({ connection, sql, onCommit });
    this.#dataVersion = this.writer.prepare('PRAGMA data_version').pluck();
    this.#seenDataVersion = this.#dataVersion.get();
  }

  /** Call when the file is migrated. From now on no lock of another process blocks the event loop. */
  endBlocking(): void {
    this.writer.pragma('busy_timeout = 0');
    this.#reader.pragma(`busy_timeout = ${READ_TIMEOUT_MS}`);
  }

  /** Number of transactions run so far. */
  get transactions(): number {
    return this.#groupCommit.transactions;
  }

  transaction<T>(work: () => Promise<T>): Promise<T> {
    return this.#enqueue(work, false);
  }

  /** Runs the work in a transaction that is rolled back. Returns the result of the work. */
  dryRun<T>(work: () => Promise<T>): Promise<T> {
    return this.#enqueue(work, true);
  }

  /**
   * Returns free pages to the file system, beyond a reserve for later writes. Returns true if more are left: one call
   * moves about a megabyte.
   */
  async maintain(): Promise<boolean> {
    const freePages = () => this.writer.pragma('freelist_count', { simple: true }) as number;
    return this.transaction(async () => {
      const before = freePages();
      if (before <= FREE_PAGES_KEPT) return false;
      this.writer.pragma(`incremental_vacuum(${Math.min(VACUUM_STEP_PAGES, before - FREE_PAGES_KEPT)})`);
      const left = freePages();
      // An older database without incremental vacuum keeps its pages.
      return left < before && left > FREE_PAGES_KEPT;
    });
  }

  async bytes(): Promise<number> {
    return sizeOf(this.writer.name);
  }

  /** Within a transaction: runs the function after the commit, and never if the transaction is rolled back. */
  afterCommit(run: () => void): void {
    this.#groupCommit.afterCommit(run);
  }

  onOutsideChange(listener: () => void): void {
    this.#outsideListeners.push(listener);
  }

  /**
   * Calls the listeners if another process has written. `data_version` changes only when another connection writes. The
   * reader of this process never writes, so that connection belongs to another process.
   */
  checkForOutsideChange(): void {
    if (this.#isClosed) return;
    const version = this.#dataVersion.get();
    if (version === this.#seenDataVersion) return;
    this.#seenDataVersion = version;
    this.#reference.version += 1;
    for (const listener of this.#outsideListeners) listener();
  }

  /** Finishes all transactions, then closes the file. Later transactions fail as `unavailable`. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    await this.#groupCommit.drain();
    this.#isClosed = true;
    this.#reader.close();
    this.writer.close();
  }

  #enqueue<T>(work: () => Promise<T>, isDryRun: boolean): Promise<T> {
    if (this.#isClosed) return Promise.reject(unavailable('The store is closed.'));
    return this.#groupCommit.enqueue(work, { isDryRun });
  }

  #checkAtIntervals(): void {
    const now = performance.now();
    if (now - this.#checkedAt < CHECK_INTERVAL_MS) return;
    this.#checkedAt = now;
    this.checkForOutsideChange();
  }
}

function open(file: string): Database.Database {
  const connection = new Database(file, { timeout: OPEN_TIMEOUT_MS });
  connection.pragma('synchronous = FULL');
  connection.pragma('foreign_keys = ON');
  connection.pragma('temp_store = MEMORY');
  connection.pragma(`cache_size = -${PAGE_CACHE_KIB}`);
  return connection;
}
