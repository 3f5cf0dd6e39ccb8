/**
 * The database port under the queries: SQL with positional `?` parameters, the same text for every engine.
 * Rows come back as the columns' names and plain values; times are epoch milliseconds, flags 0 or 1.
 */
export type Value = string | number | null;

export interface Sql {
  /** The number of rows changed. */
  run(sql: string, ...params: Value[]): Promise<number>;
  get<Row>(sql: string, ...params: Value[]): Promise<Row | undefined>;
  all<Row>(sql: string, ...params: Value[]): Promise<Row[]>;
}
