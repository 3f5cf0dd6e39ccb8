/** Searches messages by words, newest first, with the filters of the message list. */
import { restOf } from '../queries/message-browse.ts';
import { messagesOf } from './read-hits.ts';
import { type FilteredResult, type FilteredSearch, HITS_MAX, type SearchIndex } from './search-index.ts';
import { searchTerms } from './search-terms.ts';

/** One page examines up to `HITS_MAX` messages with the words. */
export async function findFiltered(
  index: SearchIndex,
  { tenantId, text, filter, before, limit }: FilteredSearch,
): Promise<FilteredResult> {
  const terms = searchTerms(text);
  if (terms === undefined) return { ids: [], next: undefined };
  const { numberId, since, until } = filter;
  const hits = await index.newestWith({ tenantId, numberId, terms, since, until, before });
  const matching = await messagesOf<{ id: string }>(index, {
    ...{ tenantId, ids: hits, columns: 'm.id' },
    condition: `1 = 1${restOf(filter)}`,
    values: { ...filter },
  });
  const ids = matching.slice(0, limit).map(({ id }) => id);
  if (matching.length > limit) return { ids, next: ids.at(-1) };
  return { ids, next: hits.length === HITS_MAX ? hits.at(-1) : undefined };
}
