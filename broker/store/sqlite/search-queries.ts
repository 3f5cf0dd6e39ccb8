/**
 * Full text in SQLite: FTS5 keeps the words only. A row's number follows the time of its message, so that the newest
 * hits come without a sort; rows are written in that order, since FTS5 writes everything out where one goes back.
 */
import type { SearchQueries } from '../../core/ports/inbox.ts';
import type { Sql } from '../database.ts';
import { inboxQueries } from '../queries/inbox.ts';
import type { SearchThread } from './search-thread.ts';

/** Before there was an iPhone there was nothing to keep. Whole numbers of JavaScript last until 2076. */
const EPOCH = Date.UTC(2007, 0);
const PER_MILLISECOND = 4_096;

export function searchQueries(sql: Sql, thread: SearchThread): SearchQueries {
  const { findMany } = inboxQueries(sql);

  const firstPositionAt = (at: number) => Math.max(0, at - EPOCH) * PER_MILLISECOND;

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
        // Where a millisecond was full it went into one after it.
        first + 16 * PER_MILLISECOND,
        id,
      );
      if (row === undefined) return;
      await sql.run('DELETE FROM search_entries WHERE position = ?', row.position);
      await sql.run('DELETE FROM search_words WHERE rowid = ?', row.position);
    },
    async find(tenantId, numberId, phrases, limit) {
      const ids = await thread.find({ tenantId, scope: numberId, phrases, limit });
      const found = await findMany(tenantId, ids);
      return found.filter(({ deletedAt }) => deletedAt === null);
    },
  };
}
