/** Tests the limits of a search on PostgreSQL: the rows that it reads, its time, and a pooler. */
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPostgresStore } from '../../../../broker/store/postgres/open.ts';
import { createPartition, monthAt } from '../../../../broker/store/postgres/partitions.ts';
import { SearchConnections } from '../../../../broker/store/postgres/search-connections.ts';
import { searchIndex } from '../../../../broker/store/postgres/search-index.ts';
import { HITS_MAX } from '../../../../broker/store/search/search-index.ts';
import { searchTerms } from '../../../../broker/store/search/search-terms.ts';
import { firstIdAt } from '../../../../shared/ids.ts';
import { newDatabase, type TestDatabase } from '../../../support/postgres/databases.ts';
import { rowsExamined } from '../../../support/postgres/explained.ts';
import { startPooler } from '../../../support/postgres/pooler.ts';

let database: TestDatabase;
let client: pg.Client;
beforeEach(async () => {
  database = await newDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterEach(async () => {
  await client.end();
  await database.drop();
});

const address = () => ({ url: database.url, usesPreparedStatements: true });

describe('a search in 40,000 messages of two months', () => {
  const OCTOBER = Date.UTC(2026, 9, 2);
  const NOVEMBER = Date.UTC(2026, 10, 2);
  const EACH = 20_000;

  async function fill() {
    for (const at of [OCTOBER, NOVEMBER]) {
      await createPartition(client, monthAt(at));
      await client.query(
        `INSERT INTO search_entries SELECT 1, '${firstIdAt(at).slice(0, 20)}' || LPAD(n::text, 6, '0'),
           array_to_tsvector(ARRAY['#t1', '#n' || n % 2, 'common', '${at === OCTOBER ? 'old' : 'new'}', 'word' || n,
             CASE WHEN n % 4000 = 0 THEN 'rare' ELSE 'other' END])
         FROM generate_series(1, ${EACH}) n`,
      );
    }
    await client.query('ANALYZE search_entries');
  }

  it('reads as few rows for a common word as for a rare one', async () => {
    await fill();
    const connections = new SearchConnections(address());
    const search = (text: string, numberId?: string) =>
      connections.run(async (all) => {
        let examined = 0;
        const index = searchIndex(async (sql, values) => {
          examined += rowsExamined(await all(`EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`, values));
          return all(sql, values);
        });
        const terms = searchTerms(text);
        const ids = await index.newestWith({ tenantId: 1, numberId, terms: terms! });
        expect(ids).toEqual([...ids].sort().reverse());
        return { hits: ids.length, isCheap: examined <= 1_100 + (HITS_MAX + 5_000) * 2, examined };
      });
    expect(await search('common ')).toMatchObject({ hits: HITS_MAX, isCheap: true });
    expect((await search('common ')).examined).toBeLessThanOrEqual(1_100);
    expect(await search('common ', '1')).toMatchObject({ hits: HITS_MAX, isCheap: true });
    for (const [text, hits] of [
      ['rare ', 10],
      ['rare', 10],
      ['common rare ', 10],
      ['word19999 ', 2],
      ['word1999', 22],
      ['nothing', 0],
      ['old new ', 0],
    ] as const) {
      const found = await search(text);
      expect([text, found.hits]).toEqual([text, hits]);
      expect([text, found.examined <= 1_100 + hits * 2]).toEqual([text, true]);
    }
    expect(await search('old ')).toMatchObject({ hits: HITS_MAX, isCheap: true });
    expect(await search('wo')).toMatchObject({ hits: HITS_MAX, isCheap: true });
    await connections.close();
  });
});

it('a search that takes more than 10 seconds is rejected, and delays no read', async () => {
  const { store } = await openPostgresStore(address());
  await client.query('BEGIN; LOCK TABLE search_entries IN ACCESS EXCLUSIVE MODE');
  const search = () => store.read.search.find(1, 'n', [['friday']], 10);
  const slow = Promise.allSettled([search(), search(), search()]);
  for (let reads = 0; reads < 20; reads += 1) {
    expect(await store.read.messages.find(1, 'unknown')).toBeUndefined();
  }
  for (const result of await slow) {
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } });
    expect((result as PromiseRejectedResult).reason.message).toContain('took too long');
  }
  await client.query('ROLLBACK');
  expect(await search()).toEqual([]);
  await store.close();
});

it('a search runs through a pooler in transaction mode', async () => {
  const pooler = await startPooler({ server: database.url, poolSize: 5 });
  const url = pooler.url(new URL(database.url).pathname.slice(1));
  const { store } = await openPostgresStore({ url, usesPreparedStatements: false });
  await client.query(
    `INSERT INTO search_entries SELECT 1, LPAD(n::text, 26, '0'), '''#t1'' ''#nn'' ''friday'':1' FROM generate_series(1, 3000) n`,
  );
  expect(await store.read.search.find(1, 'n', [['friday']], 10)).toEqual([]);
  expect(await store.read.search.messages(1, 'fri', {}, { limit: 10 })).toMatchObject({ messages: [] });
  await store.close();
  await pooler.close();
});
