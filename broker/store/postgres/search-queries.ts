/**
 * Stores the full-text index on PostgreSQL: the words of each message as a `tsvector`, which has the tenant and the number
 * of the message as further words. The index has one partition a month, as the messages.
 */
import type { SearchQueries } from '../../core/ports/inbox.ts';
import type { Sql } from '../database.ts';
import { searchReads } from '../search/search-reads.ts';
import type { SearchThread } from '../search/search-thread.ts';
import { vectorOf } from './search-vector.ts';

export function searchQueries(sql: Sql, thread: SearchThread): SearchQueries {
  return {
    ...searchReads(sql, thread),
    async insert(message, words) {
      const { tenantId, id } = message;
      await sql.insert(
        'INSERT INTO search_entries (world_id, message_id, words) VALUES (@tenantId, @id, @words)',
        { tenantId, id, words: vectorOf(message, words) },
      );
    },
    async remove({ tenantId, id }) {
      await sql.post('DELETE FROM search_entries WHERE world_id = ? AND message_id = ?', tenantId, id);
    },
  };
}
