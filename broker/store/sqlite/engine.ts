/**
 * SQLite behind the port, with group commit: transactions asked for in the same turn of the event loop run
 * one after the other between one BEGIN and one COMMIT, and all their promises settle after it; so an answer
 * that waits for its transaction is durable (`synchronous=FULL`), and sixteen of them cost one fsync.
 *
 * Work that throws before it wrote anything fails alone. Work that throws after it wrote rolls the batch
 * back, and each piece is run again in a transaction of its own: no savepoints, which are slow with FTS5.
 * Reads outside a transaction use a connection of their own and see only what is committed.
 */
import Database from 'better-sqlite3';
import { unavailable } from '../../core/model/errors.ts';
import type { Sql, Value } from '../database.ts';
import { withFixedPlan } from './parameters.ts';

interface Job {
  work: () => Promise<unknown>;
  /** Rolled back in the end, and alone, so that no other work is. */
  isRehearsal: boolean;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

type Outcome = { ok: true; value: unknown } | { ok: false; error: unknown };

/** Another process (the command line) may hold the write lock for a moment. */
const BUSY_TIMEOUT_MS = 5_000;
const LOOK_MS = 1;
/** A batch this large is worth its commit. */
const GATHER_MAX = 64;
/** So many turns without anything new end the gathering; an idle turn takes some microseconds. */
const GATHER_QUIET_TURNS = 8;
/** Bounds how long one batch keeps the event loop. */
const BATCH_MAX = 64;
const PAGE_CACHE_KIB = 64 * 1024;

export interface SqliteOptions {
  file: string;
  /** A cap on the file's size in bytes; beyond it writes answer `unavailable`, as on a full disk. */
  maxBytes?: number | undefined;
  /** Told after each commit that wrote something: of how many transactions, and how long the commit itself took. */
  onCommit?: ((transactions: number, milliseconds: number) => void) | undefined;
}

export class SqliteEngine {
  readonly read: Sql;
  /** What transactions are given; never used outside one. */
  readonly write: Sql;
  /** The write connection, for migrations, which run before anything else. */
  readonly writer: Database.Database;
  /** How many have been run. */
  transactions = 0;
  readonly #reader: Database.Database;
  readonly #sql: PreparedSql;
  readonly #begin: Database.Statement;
  readonly #commit: Database.Statement;
  readonly #rollback: Database.Statement;
  readonly #dataVersion: Database.Statement;
  readonly #reference = { version: 0 };
  readonly #outsideListeners: Array<() => void> = [];
  readonly #onCommit: SqliteOptions['onCommit'];
  /** Of the batch that is being run. */
  #afterCommit: Array<() => void> = [];
  #jobs: Job[] = [];
  #running: Promise<void> | undefined;
  #isScheduled = false;
  #isClosed = false;
  #lookedAt = 0;
  #seenVersion: unknown;

  constructor(options: SqliteOptions) {
    this.#onCommit = options.onCommit;
    this.writer = open(options.file);
    this.writer.pragma('journal_mode = WAL');
    if (options.maxBytes !== undefined) {
      const pageBytes = this.writer.pragma('page_size', { simple: true }) as number;
      this.writer.pragma(`max_page_count = ${Math.max(1, Math.floor(options.maxBytes / pageBytes))}`);
    }
    this.#reader = open(options.file);
    this.#reader.pragma('query_only = ON');
    const checkForOutsideChange = () => this.#noticeSoon();
    this.#sql = new PreparedSql(this.writer, this.#reference, checkForOutsideChange);
    this.write = this.#sql;
    this.read = new PreparedSql(this.#reader, this.#reference, checkForOutsideChange);
    this.#begin = this.writer.prepare('BEGIN IMMEDIATE');
    this.#commit = this.writer.prepare('COMMIT');
    this.#rollback = this.writer.prepare('ROLLBACK');
    this.#dataVersion = this.writer.prepare('PRAGMA data_version').pluck();
    this.#seenVersion = this.#dataVersion.get();
  }

  transaction<T>(work: () => Promise<T>): Promise<T> {
    return this.#enqueue(work, false);
  }

  /** Runs the work in a transaction that is rolled back, and gives what it gave. */
  dryRun<T>(work: () => Promise<T>): Promise<T> {
    return this.#enqueue(work, true);
  }

  #enqueue<T>(work: () => Promise<T>, isRehearsal: boolean): Promise<T> {
    if (this.#isClosed) return Promise.reject(unavailable('The store is closed.'));
    return new Promise<T>((resolve, reject) => {
      this.#jobs.push({ work, isRehearsal, resolve: resolve as (value: unknown) => void, reject });
      this.#schedule();
    });
  }

  /** Within a transaction: runs this once it is committed, and never if it is rolled back. */
  afterCommit(run: () => void): void {
    this.#afterCommit.push(run);
  }

  onOutsideChange(listener: () => void): void {
    this.#outsideListeners.push(listener);
  }

  /** `data_version` moves only when another connection wrote; our reader never does, so it was a process outside. */
  checkForOutsideChange(): void {
    if (this.#isClosed) return;
    const version = this.#dataVersion.get();
    if (version === this.#seenVersion) return;
    this.#seenVersion = version;
    this.#reference.version += 1;
    for (const listener of this.#outsideListeners) listener();
  }

  /** The look takes some microseconds of locks, so all who ask within a millisecond share one. */
  #noticeSoon(): void {
    const now = performance.now();
    if (now - this.#lookedAt < LOOK_MS) return;
    this.#lookedAt = now;
    this.checkForOutsideChange();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    while (this.#jobs.length > 0 || this.#running !== undefined) {
      await (this.#running ?? new Promise<void>((resolve) => setImmediate(resolve)));
    }
    this.#isClosed = true;
    this.#reader.close();
    this.writer.close();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#running !== undefined) return;
    this.#isScheduled = true;
    this.#gather(0, 0);
  }

  /**
   * Waits as long as each turn of the event loop brings more, since a commit costs the same for one as for
   * many: requests that are on their way, such as the answers of the last batch have set off, come along.
   */
  #gather(seen: number, quietTurns: number): void {
    setImmediate(() => {
      const waiting = this.#jobs.length;
      const turns = waiting > seen ? 0 : quietTurns + 1;
      if (waiting < GATHER_MAX && turns < GATHER_QUIET_TURNS) {
        this.#gather(waiting, turns);
        return;
      }
      this.#isScheduled = false;
      this.#running = this.#flush().finally(() => {
        this.#running = undefined;
        if (this.#jobs.length > 0) this.#schedule();
      });
    });
  }

  async #flush(): Promise<void> {
    const first = this.#jobs[0];
    if (first?.isRehearsal) {
      this.#jobs.shift();
      settle(first, await this.#dryRun(first));
      return;
    }
    const rehearsal = this.#jobs.findIndex(({ isRehearsal }) => isRehearsal);
    const batch = this.#jobs.splice(0, rehearsal < 0 ? BATCH_MAX : Math.min(rehearsal, BATCH_MAX));
    this.transactions += batch.length;
    const outcomes = await this.#runBatch(batch);
    if (outcomes !== undefined) {
      for (const [index, job] of batch.entries()) settle(job, outcomes[index]!);
      this.#runAfterCommit();
      return;
    }
    for (const job of batch) {
      const alone = await this.#runBatch([job]);
      settle(job, alone![0]!);
      this.#runAfterCommit();
    }
  }

  async #dryRun(job: Job): Promise<Outcome> {
    try {
      this.#begin.run();
      this.checkForOutsideChange();
      return { ok: true, value: await job.work() };
    } catch (error) {
      return { ok: false, error: isStorageFault(error) ? cannotWrite(error) : error };
    } finally {
      this.#abandon();
    }
  }

  #runAfterCommit(): void {
    const waiting = this.#afterCommit;
    if (waiting.length === 0) return;
    this.#afterCommit = [];
    for (const run of waiting) run();
  }

  #abandon(): void {
    if (this.writer.inTransaction) this.#rollback.run();
    this.#sql.settle();
    this.#afterCommit = [];
  }

  /** Undefined when the batch was rolled back because one of several failed after it had written. */
  async #runBatch(batch: readonly Job[]): Promise<Outcome[] | undefined> {
    const outcomes: Outcome[] = [];
    const writesBefore = this.#sql.writes;
    try {
      this.#begin.run();
      // From here on nobody else can write, so what is seen now holds for the whole batch.
      this.checkForOutsideChange();
      for (const job of batch) {
        const before = this.#sql.writes;
        try {
          outcomes.push({ ok: true, value: await job.work() });
        } catch (error) {
          if (isStorageFault(error)) throw error;
          if (this.#sql.writes !== before) {
            this.#abandon();
            return batch.length === 1 ? [{ ok: false, error }] : undefined;
          }
          outcomes.push({ ok: false, error });
        }
      }
      this.#sql.writeGathered();
      const beganAt = performance.now();
      this.#commit.run();
      this.#sql.settle();
      if (this.#onCommit !== undefined && this.#sql.writes !== writesBefore) {
        const milliseconds = performance.now() - beganAt;
        this.afterCommit(() => this.#onCommit?.(batch.length, milliseconds));
      }
      return outcomes;
    } catch (error) {
      this.#abandon();
      // Nothing of the batch was kept, so every one of them may be tried again by its client.
      const failure = isStorageFault(error) ? cannotWrite(error) : error;
      return batch.map(() => ({ ok: false, error: failure }));
    }
  }
}

const cannotWrite = (cause: unknown) => unavailable('The store cannot write at the moment.', cause);

interface Counter {
  key: Value[];
  by: number;
}

interface Prepared {
  statement: Database.Statement;
  changesReference: boolean;
}

const CHANGES_REFERENCE =
  /^\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+(?:accounts|worlds|credentials|numbers|suppressions|webhooks|event_streams)\b/i;

class PreparedSql implements Sql {
  writes = 0;
  readonly #connection: Database.Database;
  readonly #statements = new Map<string, Prepared>();
  /** By statement, then by key. */
  readonly #counters = new Map<string, Map<string, Counter>>();
  /** By statement. */
  readonly #gathered = new Map<string, Set<string>>();
  readonly #reference: { version: number };
  readonly #checkForOutsideChange: () => void;
  #changedReference = false;

  constructor(
    connection: Database.Database,
    reference: { version: number },
    checkForOutsideChange: () => void,
  ) {
    this.#connection = connection;
    this.#reference = reference;
    this.#checkForOutsideChange = checkForOutsideChange;
  }

  async run(sql: string, ...params: Value[]): Promise<number> {
    this.writes += 1;
    const { statement, changesReference } = this.#prepared(sql);
    if (changesReference) {
      this.#changedReference = true;
      this.#reference.version += 1;
    }
    return statement.run(...params).changes;
  }

  async get<Row>(sql: string, ...params: Value[]): Promise<Row | undefined> {
    return this.#prepared(sql).statement.get(...params) as Row | undefined;
  }

  async all<Row>(sql: string, ...params: Value[]): Promise<Row[]> {
    return this.#prepared(sql).statement.all(...params) as Row[];
  }

  increment(sql: string, ...key: Value[]): void {
    this.writes += 1;
    let counters = this.#counters.get(sql);
    if (counters === undefined) {
      counters = new Map();
      this.#counters.set(sql, counters);
    }
    const name = key.join(' ');
    const counter = counters.get(name);
    if (counter === undefined) counters.set(name, { key, by: 1 });
    else counter.by += 1;
  }

  referenceVersion(): number {
    this.#checkForOutsideChange();
    return this.#reference.version;
  }

  gather(sql: string, item: string): void {
    this.writes += 1;
    let items = this.#gathered.get(sql);
    if (items === undefined) {
      items = new Set();
      this.#gathered.set(sql, items);
    }
    items.add(item);
  }

  writeGathered(): void {
    for (const [sql, counters] of this.#counters) {
      const { statement } = this.#prepared(sql);
      for (const { key, by } of counters.values()) statement.run(...key, by);
      counters.clear();
    }
    for (const [sql, items] of this.#gathered) {
      if (items.size > 0) this.#prepared(sql).statement.run([...items].join('\n'));
      items.clear();
    }
  }

  /** After a commit or a rollback: what others read meanwhile may be of before. */
  settle(): void {
    for (const counters of this.#counters.values()) counters.clear();
    for (const items of this.#gathered.values()) items.clear();
    if (!this.#changedReference) return;
    this.#changedReference = false;
    this.#reference.version += 1;
  }

  #prepared(sql: string): Prepared {
    let prepared = this.#statements.get(sql);
    if (prepared === undefined) {
      const statement = this.#connection.prepare<Value[]>(withFixedPlan(sql));
      prepared = { statement, changesReference: CHANGES_REFERENCE.test(sql) };
      this.#statements.set(sql, prepared);
    }
    return prepared;
  }
}

function open(file: string): Database.Database {
  const connection = new Database(file, { timeout: BUSY_TIMEOUT_MS });
  connection.pragma('synchronous = FULL');
  connection.pragma('foreign_keys = ON');
  connection.pragma('temp_store = MEMORY');
  connection.pragma(`cache_size = -${PAGE_CACHE_KIB}`);
  return connection;
}

function settle(job: Job, outcome: Outcome): void {
  if (outcome.ok) job.resolve(outcome.value);
  else job.reject(outcome.error);
}

/** The disk or the file, not the statement: full, unreadable, locked by another for too long. */
function isStorageFault(error: unknown): boolean {
  if (!(error instanceof Database.SqliteError)) return false;
  return /^SQLITE_(FULL|IOERR|BUSY|READONLY|CANTOPEN|CORRUPT|NOTADB|NOMEM|PROTOCOL)/.test(error.code);
}
