/**
 * Looks for words in a thread of its own, so that a search, however common its words, holds up nobody: its own
 * connection reads what is committed. It ranks the newest hits only, since ranking looks at the text of each.
 */
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { type Candidate, rankByRelevance } from '../../core/inbox/relevance.ts';

export interface SearchRequest {
  id: number;
  tenantId: number;
  scope: string;
  phrases: readonly (readonly string[])[];
  limit: number;
}

export interface SearchResponse {
  id: number;
  /** Best first. */
  found?: string[];
  error?: string;
}

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

/** The words are letters and digits only, so nothing of them can be read as syntax. */
function matchFor({ scope, phrases }: SearchRequest): string {
  return `scope : "${scope}" AND words : (${phrases.map((words) => `"${words.join(' ')}"`).join(' AND ')})`;
}

parentPort!.on('message', (request: SearchRequest) => {
  const answer: SearchResponse = { id: request.id };
  try {
    const found = candidates.all(matchFor(request), request.tenantId) as Candidate[];
    answer.found = rankByRelevance(found, request.phrases).slice(0, request.limit);
  } catch (error) {
    answer.error = String(error);
  }
  parentPort!.postMessage(answer);
});
