/** Stores the recent dispatches of each number, and the slots reserved for deferred messages to new contacts. */
import type { PaceQueries } from '../../core/ports/pace.ts';
import type { Sql } from '../database.ts';

// SQLite uses a partial index only if the query repeats the condition of the index literally.
const CONDITIONS = { messages: '', new_contacts: 'AND is_new_contact = 1' } as const;

export function paceQueries(sql: Sql): PaceQueries {
  return {
    async used(numberId, of, since) {
      const row = await sql.get<{ n: number }>(
        `SELECT COUNT(*) AS n FROM pace_log WHERE number_id = ? AND at > ? AND is_reserved = 0 ${CONDITIONS[of]}`,
        numberId,
        since,
      );
      return row?.n ?? 0;
    },
    async nthLatest(numberId, of, counting, n) {
      const dispatchedOnly = counting === 'dispatched' ? 'AND is_reserved = 0' : '';
      const row = await sql.get<{ at: number }>(
        `SELECT at FROM pace_log WHERE number_id = ? ${dispatchedOnly} ${CONDITIONS[of]} ORDER BY at DESC LIMIT 1 OFFSET ?`,
        numberId,
        n - 1,
      );
      return row?.at;
    },
    async write(numberId, at, messageId, isNewContact) {
      await sql.run(
        `INSERT INTO pace_log (number_id, at, message_id, is_new_contact, is_reserved) VALUES (?, ?, ?, ?, 0)
         ON CONFLICT (number_id, at, message_id) DO UPDATE SET is_reserved = 0`,
        numberId,
        at,
        messageId,
        isNewContact ? 1 : 0,
      );
    },
    async reserve(numberId, at, messageId) {
      await sql.run(
        'INSERT INTO pace_log (number_id, at, message_id, is_new_contact, is_reserved) VALUES (?, ?, ?, 1, 1)',
        numberId,
        at,
        messageId,
      );
    },
    async unreserve(numberId, at, messageId) {
      await sql.run(
        'DELETE FROM pace_log WHERE number_id = ? AND at = ? AND message_id = ? AND is_reserved = 1',
        numberId,
        at,
        messageId,
      );
    },
    async dropReserved(numberId, after) {
      await sql.run(
        'DELETE FROM pace_log WHERE number_id = ? AND at > ? AND is_reserved = 1',
        numberId,
        after,
      );
    },
    async forget(numberId, messageId, since) {
      await sql.run(
        'DELETE FROM pace_log WHERE number_id = ? AND at >= ? AND message_id = ?',
        numberId,
        since,
        messageId,
      );
    },
    async purge(numberId, before) {
      await sql.run('DELETE FROM pace_log WHERE number_id = ? AND at < ?', numberId, before);
    },
  };
}
