/**
 * Commits transactions in batches. Transactions that are waiting at the same time run one after the other between one
 * BEGIN and one COMMIT. The longer the write lock of another process delays a batch, the larger it is.
 *
 * - Promises settle after the commit, so a result is durable. Sixteen transactions cost one fsync.
 * - A transaction that throws before it has written fails alone.
 * - If a transaction throws after it has written, or if the database cannot continue after its error, the batch is
 *   rolled back and each of its transactions runs again in a batch of one. Savepoints would avoid that, but they are slow
 *   with FTS5.
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
import { unavailable } from '../core/model/errors.ts';

/** A batch of this size is committed without waiting for more. */
const GATHER_MAX = 64;
/** Turns of the event loop without a new transaction after which a batch runs. An idle turn takes a few microseconds. */
const GATHER_QUIET_TURNS = 8;
/** Limits how long one batch blocks the event loop. */
const BATCH_MAX = 64;

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

/** The connection of all transactions of one process. */
export interface TransactionConnection {
  /** Begins a transaction and takes the write lock. Lets the event loop run while another process has the lock. */
  begin(): Promise<void>;
  /** Writes the gathered rows and commits. `isFollowed`: another transaction begins right after the commit. */
  commit(isFollowed: boolean): Promise<void>;
  /** Ends the transaction, if the fault of the storage has not ended it. */
  rollback(): Promise<void>;
  /** Whether the storage failed, not the statement: full, unreadable, unreachable or locked by another process. */
  isStorageFault(error: unknown): boolean;
  /** Whether the transaction cannot continue after this error of a statement. */
  endsTransaction(error: unknown): boolean;
}

/** What the group commit needs of the statements of the connection. */
export interface GatheredSql {
  /** Number of writes so far, including gathered ones. */
  readonly writes: number;
  /** Ends a transaction, after its commit or rollback. */
  endTransaction(): void;
}

export interface GroupCommitOptions {
  connection: TransactionConnection;
  sql: GatheredSql;
  /** Called after each commit that wrote something, with the number of transactions and the duration of the commit. */
  onCommit?: ((transactions: number, milliseconds: number) => void) | undefined;
}

export class GroupCommit {
  /** Number of transactions run so far, without dry runs. */
  transactions = 0;
  readonly #options: GroupCommitOptions;
  #waiting: Pending[] = [];
  #isGathering = false;
  /** The batch in the state `running`. */
  #running: Promise<void> | undefined;
  /** Functions to run after the commit of the running batch. */
  #afterCommit: Array<() => void> = [];

  constructor(options: GroupCommitOptions) {
    this.#options = options;
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
    const batch: Pending[] = [];
    await this.#runBatch(batch, () => this.#fill(batch));
  }

  /** Takes the waiting transactions of the next batch. */
  #fill(batch: Pending[]): void {
    const dryRun = this.#waiting.findIndex(({ isDryRun }) => isDryRun);
    batch.push(...this.#waiting.splice(0, dryRun < 0 ? BATCH_MAX : Math.min(dryRun, BATCH_MAX)));
    this.transactions += batch.length;
  }

  async #runBatch(batch: readonly Pending[], fill: () => void = () => {}): Promise<void> {
    const finished = await this.#tryBatch(batch, fill);
    if (finished === undefined) {
      for (const pending of batch) await this.#runBatch([pending]);
      return;
    }
    for (const each of finished) settle(each);
    this.#runAfterCommit();
  }

  /** Returns undefined if the batch was rolled back because one of several transactions failed. */
  async #tryBatch(batch: readonly Pending[], fill: () => void): Promise<Finished[] | undefined> {
    const { connection, sql, onCommit } = this.#options;
    const finished: Finished[] = [];
    const writesBefore = sql.writes;
    try {
      // Transactions that arrive while another process has the write lock share the batch.
      await connection.begin().finally(fill);
      for (const pending of batch) {
        const before = sql.writes;
        try {
          finished.push({ pending, outcome: { ok: true, value: await pending.work() } });
        } catch (error) {
          if (connection.isStorageFault(error)) throw error;
          const failed: Finished = { pending, outcome: { ok: false, error } };
          if (sql.writes !== before || connection.endsTransaction(error)) {
            await this.#abandon();
            return batch.length === 1 ? [failed] : undefined;
          }
          finished.push(failed);
        }
      }
      const startedAt = performance.now();
      await connection.commit(this.#waiting.length > 0);
      sql.endTransaction();
      if (onCommit !== undefined && sql.writes !== writesBefore) {
        const milliseconds = performance.now() - startedAt;
        this.afterCommit(() => onCommit(batch.length, milliseconds));
      }
      return finished;
    } catch (error) {
      await this.#abandon();
      // Only one of them may be the cause, for example by a row that is written before the commit.
      if (batch.length > 1 && !connection.isStorageFault(error)) return undefined;
      // A client retries its request: nothing of the batch is stored, or the answer to the COMMIT was lost.
      const outcome: Outcome = {
        ok: false,
        error: connection.isStorageFault(error) ? cannotWrite(error) : error,
      };
      return batch.map((pending) => ({ pending, outcome }));
    }
  }

  async #dryRun({ work }: Pending): Promise<Outcome> {
    const { connection } = this.#options;
    try {
      await connection.begin();
      return { ok: true, value: await work() };
    } catch (error) {
      return { ok: false, error: connection.isStorageFault(error) ? cannotWrite(error) : error };
    } finally {
      await this.#abandon();
    }
  }

  #runAfterCommit(): void {
    const functions = this.#afterCommit;
    if (functions.length === 0) return;
    this.#afterCommit = [];
    for (const run of functions) run();
  }

  async #abandon(): Promise<void> {
    await this.#options.connection.rollback();
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
