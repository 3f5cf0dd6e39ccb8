/**
 * Searches messages and conversations in a worker thread with a separate connection, so that a search never blocks the broker.
 *
 * Only the newest messages are ranked, because ranking reads the text of each message.
 */
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { type Candidate, rankByRelevance } from '../../core/inbox/relevance.ts';
import {
  type ConversationSearch,
  conversationSearch,
  type FoundConversation,
} from './search-conversations.ts';
import { type FilteredResult, type FilteredSearch, messageSearch } from './search-messages.ts';

export interface MessageSearch {
  tenantId: number;
  scope: string;
  phrases: readonly (readonly string[])[];
  limit: number;
}

export type Search =
  | { kind: 'messages'; search: MessageSearch }
  | { kind: 'conversations'; search: ConversationSearch }
  | { kind: 'filtered'; search: FilteredSearch };
export type SearchRequest = Search & { id: number };

/** `found`: message ids, best match first, or conversations, latest activity first. */
export interface SearchResponse {
  id: number;
  found?: string[] | FoundConversation[] | FilteredResult;
  error?: string;
}

/** Maximum number of hits that are ranked. */
const RANKED_MAX = 1_000;
const PAGE_CACHE_KIB = 32 * 1024;

const connection = new Database(workerData.file as string, { readonly: true });
connection.pragma(`cache_size = -${PAGE_CACHE_KIB}`);
const candidates = connection.prepare(
  `SELECT m.id, m.content FROM (
     SELECT rowid AS position FROM search_words WHERE search_words MATCH ? ORDER BY rowid DESC LIMIT ${RANKED_MAX}
   ) AS hit CROSS JOIN search_entries e CROSS JOIN messages m
   WHERE e.position = hit.position AND m.world_id = ? AND m.id = e.message_id AND m.deleted_at IS NULL`,
);

/** Words contain letters and digits only, so FTS5 cannot read them as syntax. */
function matchExpression({ scope, phrases }: MessageSearch): string {
  return `scope : "${scope}" AND words : (${phrases.map((words) => `"${words.join(' ')}"`).join(' AND ')})`;
}

function findMessages(search: MessageSearch): string[] {
  const found = candidates.all(matchExpression(search), search.tenantId) as Candidate[];
  return rankByRelevance(found, search.phrases).slice(0, search.limit);
}

const findConversations = conversationSearch(connection);
const findFiltered = messageSearch(connection);

function find(request: SearchRequest): SearchResponse['found'] {
  switch (request.kind) {
    case 'messages':
      return findMessages(request.search);
    case 'conversations':
      return findConversations(request.search);
    case 'filtered':
      return findFiltered(request.search);
  }
}

if (parentPort === null) throw new Error('search-worker.ts runs only in a worker thread.');
const port = parentPort;

port.on('message', (request: SearchRequest) => {
  const response: SearchResponse = { id: request.id };
  try {
    response.found = find(request);
  } catch (error) {
    response.error = String(error);
  }
  port.postMessage(response);
});
