/** Searches the messages of a number by words, best match first. Only the newest ones with the words are ranked. */
import { type Candidate, rankByRelevance } from '../../core/inbox/relevance.ts';
import { messagesOf } from './read-hits.ts';
import type { RankedSearch, SearchIndex } from './search-index.ts';

/** Returns message ids. */
export async function findRanked(
  index: SearchIndex,
  { tenantId, numberId, phrases, limit }: RankedSearch,
): Promise<string[]> {
  const ids = await index.newestWith({ tenantId, numberId, terms: { phrases, isLastBeginning: false } });
  const found = await messagesOf<Candidate>(index, {
    ...{ tenantId, ids },
    columns: 'm.id, m.content',
    condition: 'm.deleted_at IS NULL',
  });
  return rankByRelevance(found, phrases).slice(0, limit);
}
