/** Tests the limits of the search thread with a real database. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { searchPhrases } from '../../../broker/core/inbox/search-words.ts';
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts';

let base: TemporaryStore;
beforeEach(async () => {
  base = await temporaryStore();
});
afterEach(() => base.close());

it('more than 100 waiting searches are rejected, and later ones are accepted again', async () => {
  const find = () => base.store.read.search.find(base.live.id, 'n', searchPhrases('friday'), 10);
  const results = await Promise.allSettled(Array.from({ length: 150 }, find));
  const rejected = results.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
  expect(rejected).toHaveLength(50);
  expect(rejected[0]!.reason).toMatchObject({ code: 'unavailable' });
  expect(await find()).toEqual([]);
});
