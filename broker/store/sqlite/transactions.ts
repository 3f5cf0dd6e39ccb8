/** Begins, commits and rolls back the transactions of a SQLite connection. */
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import type { Sql } from '../database.ts';
import type { TransactionConnection } from '../group-commit.ts';

/** Another process (the command line) may have the write lock for a moment. Later, transactions fail at once. */
const LOCK_WAIT_MS = 5_000;
const LOCK_RETRY_MAX_MS = 25;

export interface SqliteTransactionsOptions {
  connection: Database.Database;
  sql: Pick<Sql, 'writeGathered'>;
  /** Maximum time for the write lock of another process, in milliseconds. */
  lockWaitMs?: number | undefined;
  /** Called with the write lock: from here on no other process can write. */
  onBegin: () => void;
}

export class SqliteTransactions implements TransactionConnection {
  readonly #connection: Database.Database;
  readonly #sql: Pick<Sql, 'writeGathered'>;
  readonly #lockWaitMs: number;
  readonly #onBegin: () => void;
  readonly #begin: Database.Statement;
  readonly #commit: Database.Statement;
  readonly #rollback: Database.Statement;
  /** Since when another process has had the write lock, on the clock of `performance.now()`. */
  #lockedSince: number | undefined;

  constructor({ connection, sql, lockWaitMs = LOCK_WAIT_MS, onBegin }: SqliteTransactionsOptions) {
    this.#connection = connection;
    this.#sql = sql;
    this.#lockWaitMs = lockWaitMs;
    this.#onBegin = onBegin;
    this.#begin = connection.prepare('BEGIN IMMEDIATE');
    this.#commit = connection.prepare('COMMIT');
    this.#rollback = connection.prepare('ROLLBACK');
  }

  async begin(): Promise<void> {
    for (let wait = 1; ; wait = Math.min(2 * wait, LOCK_RETRY_MAX_MS)) {
      try {
        this.#begin.run();
        this.#lockedSince = undefined;
        this.#onBegin();
        return;
      } catch (error) {
        this.#lockedSince ??= performance.now();
        if (!isLocked(error) || performance.now() - this.#lockedSince >= this.#lockWaitMs) throw error;
      }
      await delay(wait);
    }
  }

  async commit(): Promise<void> {
    await this.#sql.writeGathered();
    this.#commit.run();
  }

  /** SQLite itself rolls back on some faults, such as a full disk. */
  async rollback(): Promise<void> {
    if (this.#connection.inTransaction) this.#rollback.run();
  }

  isStorageFault(error: unknown): boolean {
    if (!(error instanceof Database.SqliteError)) return false;
    return /^SQLITE_(FULL|IOERR|BUSY|READONLY|CANTOPEN|CORRUPT|NOTADB|NOMEM|PROTOCOL)/.test(error.code);
  }

  endsTransaction(): boolean {
    return false;
  }
}

function isLocked(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
}
