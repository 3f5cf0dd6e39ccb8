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

const BEGIN_SNAPSHOT = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';

export class ReadSql implements Sql {
  readonly dialect = POSTGRES;
  readonly #options: ReadSqlOptions;
  /** The connection of a snapshot; undefined: any of the pool. */
  readonly #client: pg.PoolClient | undefined;

  constructor(options: ReadSqlOptions, client?: pg.PoolClient) {
    this.#options = options;
    this.#client = client;
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

  async snapshot<T>(read: (state: Sql) => Promise<T>): Promise<T> {
    if (this.#client !== undefined) return read(this);
    return retryReads(async () => {
      const client = await this.#options.pool.connect();
      // A lost connection rejects its queries; without a listener it would also end the process.
      client.on('error', ignore);
      try {
        await client.query(BEGIN_SNAPSHOT);
        const result = await read(new ReadSql(this.#options, client));
        await client.query('COMMIT');
        client.off('error', ignore);
        client.release();
        return result;
      } catch (error) {
        client.release(true);
        throw error;
      }
    });
  }

  referenceVersion(): number {
    return this.#options.reference.version;
  }

  #query(sql: string, params: Parameters): Promise<pg.QueryResult> {
    const { name, text, values } = this.#options.statements.of(sql);
    const query = { ...(name && { name }), text, values: values(params) };
    if (this.#client !== undefined) return this.#client.query(query);
    return retryReads(() => this.#options.pool.query(query));
  }
}

const ignore = () => {};
const readOnly = () => new Error('Rows are changed in a transaction only.');
