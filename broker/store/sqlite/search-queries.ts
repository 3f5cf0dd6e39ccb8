/**
 * Stores the full-text index in SQLite. FTS5 stores the words only, not the messages.
 *
 * The rowid of an entry (its position) follows the time of the message, so that FTS5 returns the newest hits without a
 * sort. Entries are inserted in that order, because FTS5 flushes its pending data when a rowid is lower than the last.
 */
import type { SearchQueries } from '../../core/ports/inbox.ts';
import type { Sql } from '../database.ts';
import { searchReads } from '../search/search-reads.ts';
import type { SearchThread } from '../search/search-thread.ts';
import { firstPositionAt, PER_MILLISECOND } from './search-positions.ts';

export function searchQueries(sql: Sql, thread: SearchThread): SearchQueries {
  const freePosition = async (at: number): Promise<number> => {
    for (let first = firstPositionAt(at); ; first += PER_MILLISECOND) {
      const row = await sql.get<{ last: number | null }>(
        'SELECT MAX(position) AS last FROM search_entries WHERE position >= ? AND position < ?',
        first,
        first + PER_MILLISECOND,
      );
      const last = row?.last ?? null;
      if (last === null) return first;
      if (last < first + PER_MILLISECOND - 1) return last + 1;
    }
  };

  return {
    ...searchReads(sql, thread),
    async insert({ id, numberId, createdAt }, words) {
      const position = await freePosition(createdAt);
      await sql.run('INSERT INTO search_entries (position, message_id) VALUES (?, ?)', position, id);
      await sql.run(
        'INSERT INTO search_words (rowid, scope, words) VALUES (?, ?, ?)',
        position,
        numberId,
        words.join(' '),
      );
    },
    async remove({ id, createdAt }) {
      const first = firstPositionAt(createdAt);
      const row = await sql.get<{ position: number }>(
        'SELECT position FROM search_entries WHERE position >= ? AND position < ? AND message_id = ?',
        first,
        // If the positions of a millisecond were used up, the entry is in one of the next milliseconds.
        first + 16 * PER_MILLISECOND,
        id,
      );
      if (row === undefined) return;
      await sql.run('DELETE FROM search_entries WHERE position = ?', row.position);
      await sql.run('DELETE FROM search_words WHERE rowid = ?', row.position);
    },
  };
}
