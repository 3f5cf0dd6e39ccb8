/** Reads committed rows outside of transactions, on a pool of connections. */
import type pg from 'pg';
import type { Parameters, Sql } from '../database.ts';
import { POSTGRES } from '../dialect.ts';
import { retryReads } from './retry-reads.ts';
import type { Statements } from './statements.ts';

export interface ReadSqlOptions {
  statements: Statements;
  pool: pg.Pool;
  reference: { version: number };
}

export class ReadSql implements Sql {
  readonly dialect = POSTGRES;
  readonly #options: ReadSqlOptions;

  constructor(options: ReadSqlOptions) {
    this.#options = options;
  }

  async get<Row>(sql: string, ...params: Parameters): Promise<Row | undefined> {
    return (await this.#query(sql, params)).rows[0] as Row | undefined;
  }

  async all<Row>(sql: string, ...params: Parameters): Promise<Row[]> {
    return (await this.#query(sql, params)).rows as Row[];
  }

  run(): Promise<number> {
    return Promise.reject(readOnly());
  }

  post(): Promise<void> {
    return Promise.reject(readOnly());
  }

  insert(): Promise<void> {
    return Promise.reject(readOnly());
  }

  increment(): void {
    throw readOnly();
  }

  gather(): void {
    throw readOnly();
  }

  /** Nothing is gathered outside of a transaction. */
  async writeGathered(): Promise<void> {}

  referenceVersion(): number {
    return this.#options.reference.version;
  }

  #query(sql: string, params: Parameters): Promise<pg.QueryResult> {
    const { name, text, values } = this.#options.statements.of(sql);
    return retryReads(() =>
      this.#options.pool.query({ ...(name && { name }), text, values: values(params) }),
    );
  }
}

const readOnly = () => new Error('Rows are changed in a transaction only.');
