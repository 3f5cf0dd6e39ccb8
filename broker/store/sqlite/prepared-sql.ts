/**
 * Runs SQL on one SQLite connection.
 *
 * - Prepares each statement text once.
 * - Gathers counters and items, and writes them before the commit.
 * - Increases the reference version when a statement changes a reference table.
 */
import type Database from 'better-sqlite3';
import type { NamedValues, Parameters, Sql, Value } from '../database.ts';
import { SQLITE } from '../dialect.ts';
import { Gathered } from '../gathered.ts';
import { type PositionalSql, positionalSql, positionalValues } from '../named-parameters.ts';
import { changesReference } from '../reference-cache.ts';

interface Prepared extends Pick<PositionalSql, 'names'> {
  statement: Database.Statement<Value[]>;
  changesReference: boolean;
}

export interface PreparedSqlOptions {
  connection: Database.Database;
  /** Shared by all connections to the file. */
  reference: { version: number };
  /** Increases the reference version if another process has written. */
  checkForOutsideChange: () => void;
}

/**
 * Keeps SQLite from preparing a statement again for each new value. better-sqlite3 compiles SQLite with STAT4, where the
 * plan may depend on a `?` that is compared with an indexed column. Each time a value is bound to such a statement (most
 * statements with ORDER BY), SQLite prepares it again. That takes 40 µs for a table as wide as messages, twenty times as
 * long as the lookup itself. `+?` is the same value, but no plan depends on it. (Measured with SQLite 3.54.)
 */
export function withFixedPlan(sql: string): string {
  return sql.replaceAll('?', '+?');
}

export class PreparedSql implements Sql {
  readonly dialect = SQLITE;
  /** Number of writes so far, including gathered ones. */
  writes = 0;
  readonly #options: PreparedSqlOptions;
  readonly #statements = new Map<string, Prepared>();
  readonly #gathered = new Gathered();
  #hasChangedReference = false;

  constructor(options: PreparedSqlOptions) {
    this.#options = options;
  }

  async run(sql: string, ...params: Parameters): Promise<number> {
    this.writes += 1;
    const prepared = this.#prepared(sql);
    if (prepared.changesReference) {
      this.#hasChangedReference = true;
      this.#options.reference.version += 1;
    }
    return prepared.statement.run(...positionalValues(prepared, params)).changes;
  }

  async get<Row>(sql: string, ...params: Parameters): Promise<Row | undefined> {
    const prepared = this.#prepared(sql);
    return prepared.statement.get(...positionalValues(prepared, params)) as Row | undefined;
  }

  async all<Row>(sql: string, ...params: Parameters): Promise<Row[]> {
    const prepared = this.#prepared(sql);
    return prepared.statement.all(...positionalValues(prepared, params)) as Row[];
  }

  /** There is no round trip to wait for. */
  async post(sql: string, ...params: Parameters): Promise<void> {
    await this.run(sql, ...params);
  }

  /** Inserts at once: nothing is gained by waiting. */
  async insert(sql: string, values: NamedValues): Promise<void> {
    await this.run(sql, values);
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
    this.#gathered.take(
      (sql, counters) => {
        const { statement } = this.#prepared(sql);
        for (const { key, by } of counters) statement.run(...key, by);
      },
      (sql, lines) => void this.#prepared(sql).statement.run(lines),
    );
  }

  /** Reads do not wait, so no other transaction runs between them. */
  snapshot<T>(read: (state: Sql) => Promise<T>): Promise<T> {
    return read(this);
  }

  referenceVersion(): number {
    this.#options.checkForOutsideChange();
    return this.#options.reference.version;
  }

  /**
   * Ends a transaction, after its commit or rollback. Drops everything gathered but not written. Increases the reference
   * version again, because other connections still read the old reference rows during the transaction.
   */
  endTransaction(): void {
    this.#gathered.clear();
    if (!this.#hasChangedReference) return;
    this.#hasChangedReference = false;
    this.#options.reference.version += 1;
  }

  #prepared(sql: string): Prepared {
    let prepared = this.#statements.get(sql);
    if (prepared === undefined) {
      const { text, names } = positionalSql(sql);
      const statement = this.#options.connection.prepare<Value[]>(withFixedPlan(text));
      prepared = { statement, names, changesReference: changesReference(sql) };
      this.#statements.set(sql, prepared);
    }
    return prepared;
  }
}
