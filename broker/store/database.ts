/**
 * Defines the database port under the queries: SQL text with parameters, the same text for every engine.
 *
 * - A statement has positional `?` parameters or named `@name` parameters, never both. More than four values are named.
 * - Rows are objects with the column names and plain values. Times are epoch milliseconds, flags are 0 or 1.
 * - An engine without `INDEXED BY` removes it from the text.
 *
 * Tables and columns keep the names of the first version, because a released migration is never edited. Each file in
 * `queries/` converts rows to domain values: `worlds` and `world_id` are the tenant, `remote` and `peer` the handle of
 * the other party, `lane` the priority and the deferral, `not_before` and `hold_reason` the time and the reason of a
 * deferral.
 *
 * What the engines write differently is in `dialect`, and nowhere else.
 */
import type { Dialect } from './dialect.ts';

export type Value = string | number | Uint8Array | null;

/** Values by parameter name. Names that the statement does not use are ignored. */
export type NamedValues = Readonly<Record<string, Value | undefined>>;

/** The values of `?` parameters in order, or one object with the values of `@name` parameters. */
export type Parameters = readonly Value[] | readonly [NamedValues];

/** Returns a query that runs all its reads on one state of the database. */
export function onOneState<Args extends unknown[], T>(
  sql: Sql,
  bind: (state: Sql) => (...args: Args) => Promise<T>,
): (...args: Args) => Promise<T> {
  const own = bind(sql);
  return (...args) => sql.snapshot((state) => (state === sql ? own : bind(state))(...args));
}

export interface Sql {
  readonly dialect: Dialect;
  /** Returns the number of changed rows. */
  run(sql: string, ...params: Parameters): Promise<number>;
  get<Row>(sql: string, ...params: Parameters): Promise<Row | undefined>;
  all<Row>(sql: string, ...params: Parameters): Promise<Row[]>;
  /**
   * Writes like `run`, and does not wait for the result. Later statements of the transaction see the change. An error ends
   * the transaction: a later statement or the commit throws it.
   */
  post(sql: string, ...params: Parameters): Promise<void>;
  /**
   * Inserts a row. An engine may write it later, together with other rows of the same statement: before the next statement
   * that names one of their tables, and before the commit. The statement is `INSERT INTO table (columns) VALUES (…)` with
   * named parameters and literals.
   */
  insert(sql: string, values: NamedValues): Promise<void>;
  /**
   * Adds 1 to a counter. The last `?` of the statement is the amount. The additions of one commit to one counter are
   * written together before the commit. Call `writeGathered` before reading a counter.
   */
  increment(sql: string, ...key: Value[]): void;
  /**
   * Adds an item to a row that is written before the commit. The only parameter of the statement is the text of all
   * distinct items, one per line.
   */
  gather(sql: string, item: string): void;
  /** Writes the rows, counters and items gathered so far. */
  writeGathered(): Promise<void>;
  /**
   * Runs several reads on one state of the database. Changes of other transactions during the reads are not seen, so a row
   * that moves from one index to another is read once. The reads may run again after a lost connection.
   */
  snapshot<T>(read: (state: Sql) => Promise<T>): Promise<T>;
  /**
   * Returns a number that increases when rows of the reference tables (accounts, credentials, numbers, suppressions,
   * webhooks, event streams) may have changed, also by another process. Rows read at one version are valid while the
   * version stays the same.
   */
  referenceVersion(): number;
}
