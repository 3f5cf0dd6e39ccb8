/**
 * Runs searches on connections that nothing else uses, so that a slow search delays no read.
 *
 * Each search is one read-only transaction. Its settings are those of the transaction, because a pooler keeps no others.
 */
import pg from 'pg';
import type { NamedValues } from '../database.ts';
import { SEARCH_MAX_MS, tookTooLong } from '../search/serve-searches.ts';
import { clientConfig, type PostgresAddress } from './connection.ts';
import { retryReads } from './retry-reads.ts';
import { Statements } from './statements.ts';

/** Further searches wait. */
const ignore = () => {};
const CONNECTIONS = 2;
const IDLE_MS = 60_000;
const QUERY_CANCELLED = '57014';

// The plans depend on the words and on the range of ids. A scan of a partition is never faster than its index. A GIN index
// is read by bitmap scans, which also read all conversations of a tenant in the order of the table.
const BEGIN = `BEGIN READ ONLY;
SET LOCAL statement_timeout = ${SEARCH_MAX_MS};
SET LOCAL plan_cache_mode = force_custom_plan;
SET LOCAL enable_seqscan = off;
SET LOCAL enable_bitmapscan = on;
SET LOCAL random_page_cost = 4;
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off`;

type ReadAll = <Row>(sql: string, values: NamedValues) => Promise<Row[]>;

export class SearchConnections {
  readonly #pool: pg.Pool;
  readonly #statements = new Statements({ usesNames: false });

  constructor(address: PostgresAddress) {
    this.#pool = new pg.Pool({
      ...{ ...clientConfig(address), max: CONNECTIONS, idleTimeoutMillis: IDLE_MS },
      // Also limits the time for which a search waits for the others.
      connectionTimeoutMillis: SEARCH_MAX_MS,
      // Longer than the limit that the server applies.
      query_timeout: SEARCH_MAX_MS + 1_000,
    });
    // A lost idle connection: the next search opens another one.
    this.#pool.on('error', () => {});
  }

  /** @throws HomingError `unavailable` if the search takes more than 10 seconds, or the database cannot be read */
  run<T>(search: (all: ReadAll) => Promise<T>): Promise<T> {
    const until = performance.now() + SEARCH_MAX_MS;
    return retryReads(async () => {
      const client = await this.#pool.connect();
      // A lost connection rejects its queries; without a listener it would also end the process.
      client.on('error', ignore);
      try {
        await client.query(BEGIN);
        const result = await search(async <Row>(sql: string, values: NamedValues) => {
          if (performance.now() >= until) throw tookTooLong();
          const { text, values: valuesOf } = this.#statements.of(sql);
          return (await client.query({ text, values: valuesOf([values]) })).rows as Row[];
        });
        await client.query('COMMIT');
        client.off('error', ignore);
        client.release();
        return result;
      } catch (error) {
        client.release(true);
        throw (error as { code?: unknown }).code === QUERY_CANCELLED ? tookTooLong() : error;
      }
    });
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}
