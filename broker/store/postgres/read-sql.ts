/**
 * Reads committed rows outside of transactions, on a pool of connections. A read that meets a lost connection runs again,
 * so a restart of the database delays reads for some seconds and fails none of them.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { unavailable } from '../../core/model/errors.ts';
import type { Parameters, Sql } from '../database.ts';
import { POSTGRES } from '../dialect.ts';
import { isStorageFault } from './errors.ts';
import type { Statements } from './statements.ts';

const WAIT_MS = 5_000;
const RETRY_MAX_MS = 250;

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

  async #query(sql: string, params: Parameters): Promise<pg.QueryResult> {
    const { name, text, values } = this.#options.statements.of(sql);
    const until = performance.now() + WAIT_MS;
    for (let wait = 10; ; wait = Math.min(2 * wait, RETRY_MAX_MS)) {
      try {
        return await this.#options.pool.query({ ...(name && { name }), text, values: values(params) });
      } catch (error) {
        if (!isStorageFault(error)) throw error;
        if (performance.now() >= until) throw cannotRead(error);
      }
      await delay(wait);
    }
  }
}

const readOnly = () => new Error('Rows are changed in a transaction only.');

const cannotRead = (cause: unknown) =>
  unavailable('The store cannot read at the moment. Retry the request later.', cause);
