/**
 * Stores the full-text index on PostgreSQL: the words of each message as a `tsvector`, with the number of the message as
 * one more word.
 *
 * - `simple`: the words are those of core/inbox/search-words.ts, as with SQLite.
 * - The position of an entry follows the time of its message, so the newest hits are found without reading all of them.
 * - A search has a connection and a time limit of its own, and never runs in a transaction of the broker.
 */
import type pg from 'pg';
import { rankByRelevance } from '../../core/inbox/relevance.ts';
import { searchWords } from '../../core/inbox/search-words.ts';
import type { SearchQueries } from '../../core/ports/inbox.ts';
import type { Sql } from '../database.ts';
import { inboxQueries } from '../queries/inbox.ts';

export function searchQueries(sql: Sql, pool: pg.Pool): SearchQueries {
  void [sql, pool, searchWords, rankByRelevance, inboxQueries];
  throw new Error('not here yet');
}
