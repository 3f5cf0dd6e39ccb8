/**
 * Runs the statements of transactions on the write connection.
 *
 * - Gathers inserted rows and counters. They are written before a statement that names one of their tables, and before the
 *   commit.
 * - Sends statements without waiting for the results of earlier ones (pipelining).
 */
import type pg from 'pg';
import type { NamedValues, Parameters, Sql, Value } from '../database.ts';
import { POSTGRES } from '../dialect.ts';
import { Gathered } from '../gathered.ts';
import type { GatheredSql } from '../group-commit.ts';
import { type ColumnTypes, GatheredRows, gatheringStatement } from './gathered-rows.ts';
import type { Statements } from './statements.ts';

export interface WriteSqlOptions {
  statements: Statements;
  /** Returns the connection of the current transaction. */
  connection: () => pg.Client;
  columnTypes: ColumnTypes;
  reference: { version: number };
}

export class WriteSql implements Sql, GatheredSql {
  readonly dialect = POSTGRES;
  writes = 0;
  readonly #options: WriteSqlOptions;
  /** By statement text. */
  readonly #rows = new Map<string, GatheredRows>();
  readonly #gathered = new Gathered();
  /** Statements with gathered rows, in the order of their first row: a later row may refer to an earlier one. */
  #waiting: GatheredRows[] = [];
  /** Statements whose results are not awaited. */
  #posted: Promise<unknown>[] = [];
  /** Whether the current transactions changed rows that brokers cache. */
  hasChangedReference = false;

  constructor(options: WriteSqlOptions) {
    this.#options = options;
  }

  async run(sql: string, ...params: Parameters): Promise<number> {
    this.writes += 1;
    return (await this.#query(sql, params)).rowCount ?? 0;
  }

  async get<Row>(sql: string, ...params: Parameters): Promise<Row | undefined> {
    return (await this.#query(sql, params)).rows[0] as Row | undefined;
  }

  async all<Row>(sql: string, ...params: Parameters): Promise<Row[]> {
    return (await this.#query(sql, params)).rows as Row[];
  }

  async post(sql: string, ...params: Parameters): Promise<void> {
    this.writes += 1;
    this.#keep(this.#query(sql, params));
  }

  async insert(sql: string, values: NamedValues): Promise<void> {
    this.writes += 1;
    const rows = this.#rowsOf(sql);
    if (rows.isEmpty) this.#waiting.push(rows);
    rows.add([values]);
  }

  increment(sql: string, ...key: Value[]): void {
    this.writes += 1;
    this.#gathered.count(sql, key);
  }

  gather(sql: string, item: string): void {
    this.writes += 1;
    this.#gathered.add(sql, item);
  }

  async writeGathered(): Promise<void> {
    this.#sendRows();
    this.#gathered.take(
      (sql, counters) => {
        const rows = this.#rowsOf(sql);
        for (const { key, by } of counters) rows.add([...key, by]);
        this.#send(rows);
      },
      (sql, lines) => this.#keep(this.#query(sql, [lines])),
    );
    const posted = this.#posted;
    this.#posted = [];
    await Promise.all(posted);
  }

  /** No other transaction writes, because this one has the write lock. */
  snapshot<T>(read: (state: Sql) => Promise<T>): Promise<T> {
    return read(this);
  }

  referenceVersion(): number {
    return this.#options.reference.version;
  }

  endTransaction(): void {
    for (const rows of this.#rows.values()) rows.clear();
    this.#gathered.clear();
    this.#waiting = [];
    this.#posted = [];
    if (!this.hasChangedReference) return;
    this.hasChangedReference = false;
    this.#options.reference.version += 1;
  }

  async #query(sql: string, params: Parameters): Promise<pg.QueryResult> {
    const statement = this.#options.statements.of(sql);
    if (statement.changesReference) {
      this.hasChangedReference = true;
      this.#options.reference.version += 1;
    }
    const { name, text } = statement;
    if (this.#namesWaitingTable(statement.words)) this.#sendRows();
    return this.#options
      .connection()
      .query({ ...(name && { name }), text, values: statement.values(params) });
  }

  #namesWaitingTable(words: ReadonlySet<string>): boolean {
    return this.#waiting.some(({ statement }) => words.has(statement.table));
  }

  #sendRows(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const rows of waiting) this.#send(rows);
  }

  #send(rows: GatheredRows): void {
    const { name, text } = this.#options.statements.of(rows.statement.text);
    this.#keep(this.#options.connection().query({ ...(name && { name }), text, values: rows.take() }));
  }

  /** The error of a statement that is not awaited ends the transaction: the commit throws it. */
  #keep(result: Promise<unknown>): void {
    result.catch(() => {});
    this.#posted.push(result);
  }

  #rowsOf(sql: string): GatheredRows {
    let rows = this.#rows.get(sql);
    if (rows === undefined) {
      rows = new GatheredRows(gatheringStatement(sql, this.#options.columnTypes));
      this.#rows.set(sql, rows);
    }
    return rows;
  }
}
