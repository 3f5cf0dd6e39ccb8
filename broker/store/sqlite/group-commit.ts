/**
 * Commits transactions in batches. Transactions that are waiting at the same time run one after the other between one
 * BEGIN and one COMMIT.
 *
 * - Promises settle after the commit, so a result is durable (`synchronous=FULL`). Sixteen transactions cost one fsync.
 * - A transaction that throws before it has written fails alone.
 * - If a transaction throws after it has written, the batch is rolled back and each of its transactions runs again in a
 *   batch of one. Savepoints would avoid that, but they are slow with FTS5.
 * - A dry run is a batch of one that is always rolled back.
 *
 * The queue:
 *
 *            enqueue             64 waiting, or 8 turns without a new one
 *   ┌──────┐        ┌───────────┐                        ┌─────────┐
 *   │ idle │ ─────▶ │ gathering │ ─────────────────────▶ │ running │
 *   └──────┘        └───────────┘                        └─────────┘
 *       ▲                 ▲          some are waiting        │  │
 *       │                 └──────────────────────────────────┘  │
 *       └───────────────────────────────────────────────────────┘
 *                            none is waiting
 *
 * A batch in the state `running`:
 *
 *   BEGIN (repeated while another process has the write lock)
 *     │
 *     └────▶ transaction 1 … n ──▶ COMMIT ──▶ settle all, run the after-commit functions
 *                │
 *                ├─ throws before a write: rejected after the COMMIT; the batch continues
 *                ├─ throws after a write: ROLLBACK; a batch of one is rejected, a larger one runs again one by one
 *                └─ storage fault (also in BEGIN and COMMIT): ROLLBACK; all are rejected as `unavailable`
 */
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { unavailable } from '../../core/model/errors.ts';
import type { PreparedSql } from './prepared-sql.ts';

/** A batch of this size is committed without waiting for more. */
const GATHER_MAX = 64;
/** Turns of the event loop without a new transaction after which a batch runs. An idle turn takes a few microseconds. */
const GATHER_QUIET_TURNS = 8;
/** Limits how long one batch blocks the event loop. */
const BATCH_MAX = 64;
/** Another process (the command line) may have the write lock for a moment. Later, transactions fail at once. */
const LOCK_WAIT_MS = 5_000;
const LOCK_RETRY_MAX_MS = 25;

/** A transaction that waits for its commit. */
interface Pending {
  work: () => Promise<unknown>;
  isDryRun: boolean;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

type Outcome = { ok: true; value: unknown } | { ok: false; error: unknown };

interface Finished {
  pending: Pending;
  outcome: Outcome;
}

export interface GroupCommitOptions {
  connection: Database.Database;
  sql: PreparedSql;
  /** Maximum time for the write lock of another process, in milliseconds. */
  lockWaitMs?: number | undefined;
  /** Called when a batch has the write lock, before its first transaction. */
  onBegin: () => void;
  /** Called after each commit that wrote something, with the number of transactions and the duration of the COMMIT. */
  onCommit?: ((transactions: number, milliseconds: number) => void) | undefined;
}

export class GroupCommit {
  /** Number of transactions run so far, without dry runs. */
  transactions = 0;
  readonly #options: GroupCommitOptions;
  readonly #begin: Database.Statement;
  readonly #commit: Database.Statement;
  readonly #rollback: Database.Statement;
  /** Since when another process has had the write lock, on the clock of `performance.now()`. */
  #lockedSince: number | undefined;
  #waiting: Pending[] = [];
  #isGathering = false;
  /** The batch in the state `running`. */
  #running: Promise<void> | undefined;
  /** Functions to run after the commit of the running batch. */
  #afterCommit: Array<() => void> = [];

  constructor(options: GroupCommitOptions) {
    this.#options = options;
    this.#begin = options.connection.prepare('BEGIN IMMEDIATE');
    this.#commit = options.connection.prepare('COMMIT');
    this.#rollback = options.connection.prepare('ROLLBACK');
  }

  enqueue<T>(work: () => Promise<T>, { isDryRun }: { isDryRun: boolean }): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ work, isDryRun, resolve: resolve as (value: unknown) => void, reject });
      this.#startGathering();
    });
  }

  /** Within a transaction: runs the function after the commit, and never if the transaction is rolled back. */
  afterCommit(run: () => void): void {
    this.#afterCommit.push(run);
  }

  /** Resolves when no transaction is waiting or running. */
  async drain(): Promise<void> {
    while (this.#waiting.length > 0 || this.#running !== undefined) {
      await (this.#running ?? new Promise<void>((resolve) => setImmediate(resolve)));
    }
  }

  #startGathering(): void {
    if (this.#isGathering || this.#running !== undefined) return;
    this.#isGathering = true;
    this.#gather(0, 0);
  }

  /**
   * Waits while turns of the event loop bring new transactions, because a commit costs the same for one as for many.
   * Clients that just received the responses of the last batch send their next requests in these turns.
   */
  #gather(lastCount: number, quietTurns: number): void {
    setImmediate(() => {
      const count = this.#waiting.length;
      const turns = count > lastCount ? 0 : quietTurns + 1;
      if (count < GATHER_MAX && turns < GATHER_QUIET_TURNS) {
        this.#gather(count, turns);
        return;
      }
      this.#isGathering = false;
      this.#running = this.#runNext().finally(() => {
        this.#running = undefined;
        if (this.#waiting.length > 0) this.#startGathering();
      });
    });
  }

  async #runNext(): Promise<void> {
    const first = this.#waiting[0];
    if (first?.isDryRun) {
      this.#waiting.shift();
      settle({ pending: first, outcome: await this.#dryRun(first) });
      return;
    }
    const dryRun = this.#waiting.findIndex(({ isDryRun }) => isDryRun);
    const batch = this.#waiting.splice(0, dryRun < 0 ? BATCH_MAX : Math.min(dryRun, BATCH_MAX));
    this.transactions += batch.length;
    await this.#runBatch(batch);
  }

  async #runBatch(batch: readonly Pending[]): Promise<void> {
    const finished = await this.#tryBatch(batch);
    if (finished === undefined) {
      for (const pending of batch) await this.#runBatch([pending]);
      return;
    }
    for (const each of finished) settle(each);
    this.#runAfterCommit();
  }

  /** Returns undefined if the batch was rolled back because one of several transactions failed after a write. */
  async #tryBatch(batch: readonly Pending[]): Promise<Finished[] | undefined> {
    const { sql, onBegin, onCommit } = this.#options;
    const finished: Finished[] = [];
    const writesBefore = sql.writes;
    try {
      await this.#beginTransaction();
      // No other process can write from here on, so a change is detected before the first read of the batch.
      onBegin();
      for (const pending of batch) {
        const before = sql.writes;
        try {
          finished.push({ pending, outcome: { ok: true, value: await pending.work() } });
        } catch (error) {
          if (isStorageFault(error)) throw error;
          const failed: Finished = { pending, outcome: { ok: false, error } };
          if (sql.writes !== before) {
            this.#abandon();
            return batch.length === 1 ? [failed] : undefined;
          }
          finished.push(failed);
        }
      }
      sql.writeGathered();
      const startedAt = performance.now();
      this.#commit.run();
      sql.endTransaction();
      if (onCommit !== undefined && sql.writes !== writesBefore) {
        const milliseconds = performance.now() - startedAt;
        this.afterCommit(() => onCommit(batch.length, milliseconds));
      }
      return finished;
    } catch (error) {
      this.#abandon();
      // Nothing of the batch is stored, so each client can retry its request.
      const outcome: Outcome = { ok: false, error: isStorageFault(error) ? cannotWrite(error) : error };
      return batch.map((pending) => ({ pending, outcome }));
    }
  }

  async #dryRun({ work }: Pending): Promise<Outcome> {
    try {
      await this.#beginTransaction();
      this.#options.onBegin();
      return { ok: true, value: await work() };
    } catch (error) {
      return { ok: false, error: isStorageFault(error) ? cannotWrite(error) : error };
    } finally {
      this.#abandon();
    }
  }

  /** Lets the event loop run while another process has the write lock. */
  async #beginTransaction(): Promise<void> {
    const { lockWaitMs = LOCK_WAIT_MS } = this.#options;
    for (let wait = 1; ; wait = Math.min(2 * wait, LOCK_RETRY_MAX_MS)) {
      try {
        this.#begin.run();
        this.#lockedSince = undefined;
        return;
      } catch (error) {
        this.#lockedSince ??= performance.now();
        if (!isLocked(error) || performance.now() - this.#lockedSince >= lockWaitMs) throw error;
      }
      await delay(wait);
    }
  }

  #runAfterCommit(): void {
    const functions = this.#afterCommit;
    if (functions.length === 0) return;
    this.#afterCommit = [];
    for (const run of functions) run();
  }

  #abandon(): void {
    // SQLite itself rolls back on some faults, such as a full disk.
    if (this.#options.connection.inTransaction) this.#rollback.run();
    this.#options.sql.endTransaction();
    this.#afterCommit = [];
  }
}

const cannotWrite = (cause: unknown) =>
  unavailable('The store cannot write at the moment. Retry the request later.', cause);

function settle({ pending, outcome }: Finished): void {
  if (outcome.ok) pending.resolve(outcome.value);
  else pending.reject(outcome.error);
}

function isLocked(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
}

/** Whether the disk or the file failed, not the statement: full, unreadable, or locked by another process. */
function isStorageFault(error: unknown): boolean {
  if (!(error instanceof Database.SqliteError)) return false;
  return /^SQLITE_(FULL|IOERR|BUSY|READONLY|CANTOPEN|CORRUPT|NOTADB|NOMEM|PROTOCOL)/.test(error.code);
}
