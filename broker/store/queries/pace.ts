/** Stores the recent dispatches of each number, and the slots reserved for deferred messages to new contacts. */
import type { LimitSubject } from '../../core/model/pace.ts';
import type { PaceQueries } from '../../core/ports/pace.ts';
import type { Sql } from '../database.ts';

// SQLite uses a partial index only if the query repeats the condition of the index literally.
const CONDITIONS = { messages: '', new_contacts: 'AND is_new_contact = 1' } as const;

function latestSql(of: LimitSubject, counting: 'dispatched' | 'reserved'): string {
  const counted =
    counting === 'dispatched' ? 'at <= @now AND is_reserved = 0' : '(at <= @now OR is_reserved = 1)';
  return `SELECT at FROM pace_log WHERE number_id = @numberId AND ${counted} ${CONDITIONS[of]}
    ORDER BY at DESC LIMIT @limit OFFSET @skipped`;
}

export function paceQueries(sql: Sql): PaceQueries {
  return {
    async used(numberId, of, since, now) {
      const row = await sql.get<{ n: number }>(
        `SELECT COUNT(*) AS n FROM pace_log WHERE number_id = ? AND at > ? AND at <= ? AND is_reserved = 0
           ${CONDITIONS[of]}`,
        numberId,
        since,
        now,
      );
      return row?.n ?? 0;
    },
    async nthLatest(numberId, of, counting, n, now) {
      const row = await sql.get<{ at: number }>(latestSql(of, counting), {
        numberId,
        now,
        limit: 1,
        skipped: n - 1,
      });
      return row?.at;
    },
    async latest(numberId, of, counting, limit, now) {
      const rows = await sql.all<{ at: number }>(latestSql(of, counting), {
        numberId,
        now,
        limit,
        skipped: 0,
      });
      return rows.map(({ at }) => at);
    },
    async write(numberId, at, messageId, isNewContact) {
      await sql.post(
        `INSERT INTO pace_log (number_id, at, message_id, is_new_contact, is_reserved) VALUES (?, ?, ?, ?, 0)
         ON CONFLICT (number_id, at, message_id) DO UPDATE SET is_reserved = 0`,
        numberId,
        at,
        messageId,
        isNewContact ? 1 : 0,
      );
    },
    async reserve(numberId, at, messageId) {
      await sql.post(
        'INSERT INTO pace_log (number_id, at, message_id, is_new_contact, is_reserved) VALUES (?, ?, ?, 1, 1)',
        numberId,
        at,
        messageId,
      );
    },
    async unreserve(numberId, at, messageId) {
      await sql.post(
        'DELETE FROM pace_log WHERE number_id = ? AND at = ? AND message_id = ? AND is_reserved = 1',
        numberId,
        at,
        messageId,
      );
    },
    dropReserved(numberId, after, limit) {
      return sql.run(
        `DELETE FROM pace_log WHERE (number_id, at, message_id) IN (
           SELECT number_id, at, message_id FROM pace_log
           WHERE number_id = ? AND at > ? AND is_reserved = 1 LIMIT ?)`,
        numberId,
        after,
        limit,
      );
    },
    async forget(numberId, messageId, since) {
      await sql.post(
        'DELETE FROM pace_log WHERE number_id = ? AND at >= ? AND message_id = ?',
        numberId,
        since,
        messageId,
      );
    },
    async numbersAhead(now, { afterId, limit }) {
      const rows = await sql.all<{ id: string; is_ahead: number }>(
        `SELECT id, COALESCE(sends_since, 0) > @now OR EXISTS (
           SELECT 1 FROM pace_log WHERE number_id = n.id AND at > @now AND is_reserved = 0) AS is_ahead
         FROM numbers n WHERE id > @afterId ORDER BY id LIMIT @limit`,
        { now, afterId, limit },
      );
      return {
        numberIds: rows.filter(({ is_ahead }) => is_ahead === 1).map(({ id }) => id),
        lastId: rows.length === limit ? rows.at(-1)?.id : undefined,
      };
    },
    dropFuture(numberId, now, limit) {
      return sql.run(
        `DELETE FROM pace_log WHERE (number_id, at, message_id) IN (
           SELECT number_id, at, message_id FROM pace_log
           WHERE number_id = ? AND at > ? AND is_reserved = 0 LIMIT ?)`,
        numberId,
        now,
        limit,
      );
    },
    purgeAll(before, limit) {
      return sql.run(
        `DELETE FROM pace_log WHERE (number_id, at, message_id) IN (
           SELECT p.number_id, p.at, p.message_id FROM numbers n CROSS JOIN pace_log p
           WHERE p.number_id = n.id AND p.at < ? LIMIT ?)`,
        before,
        limit,
      );
    },
    async purge(numberId, before, limit) {
      await sql.post(
        `DELETE FROM pace_log WHERE (number_id, at, message_id) IN (
           SELECT number_id, at, message_id FROM pace_log WHERE number_id = ? AND at < ? LIMIT ?)`,
        numberId,
        before,
        limit,
      );
    },
  };
}
