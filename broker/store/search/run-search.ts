/** Runs a search on the full-text index of an engine. */
import { findConversations } from './find-conversations.ts';
import { findFiltered } from './find-filtered.ts';
import { findRanked } from './find-ranked.ts';
import type { Found, Search, SearchIndex } from './search-index.ts';

export function runSearch(index: SearchIndex, request: Search): Promise<Found> {
  switch (request.kind) {
    case 'ranked':
      return findRanked(index, request.search);
    case 'filtered':
      return findFiltered(index, request.search);
    case 'conversations':
      return findConversations(index, request.search);
  }
}
