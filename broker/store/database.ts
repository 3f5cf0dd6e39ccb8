/**
 * The database port under the queries: SQL with positional `?` parameters, the same text for every engine (one
 * that has no `INDEXED BY` leaves it out).
 * Rows come back as the columns' names and plain values; times are epoch milliseconds, flags 0 or 1.
 */
export type Value = string | number | Uint8Array | null;

export interface Sql {
  /** The number of rows changed. */
  run(sql: string, ...params: Value[]): Promise<number>;
  get<Row>(sql: string, ...params: Value[]): Promise<Row | undefined>;
  all<Row>(sql: string, ...params: Value[]): Promise<Row[]>;
  /**
   * Adds one to a counter by a statement whose last parameter is by how much. Within one commit the additions
   * to the same counter are written once, at the end; who reads a counter calls `writeGathered` first.
   */
  increment(sql: string, ...key: Value[]): void;
  /**
   * Adds an item to what a statement writes at the end of the commit: all items, each once, one a line, as its only
   * parameter.
   */
  gather(sql: string, item: string): void;
  writeGathered(): void;
  /**
   * Moves whenever rows of the reference tables (accounts, credentials, numbers) may have changed, also by
   * another process. What was read at a version holds as long as the version does.
   */
  referenceVersion(): number;
}
