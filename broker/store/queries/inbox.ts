/**
 * SQL of the texts of a number and of its conversations. Pages are found in indexes that have all that decides about
 * a page, so that a page far back costs no look at the texts before it; what is queued is in the queue's own index
 * and joined in, one arm for each lane, each in order of id.
 */
import { type ConversationKey, conversationId } from '../../core/model/conversation.ts';
import type { InboxQueries, Page } from '../../core/ports/inbox.ts';
import type { Sql, Value } from '../database.ts';
import { listCounts, type Place } from './list-counts.ts';
import { messageReader } from './message-rows.ts';

/** So many are walked over rather than found by their count. */
const WALKED_MAX = 500;

interface Arm {
  sql: string;
  params: Value[];
}

const LANES = `WITH RECURSIVE lanes (lane) AS (
    SELECT MIN(lane) FROM messages WHERE number_id = ? AND status = 'queued'
    UNION ALL
    SELECT (SELECT MIN(lane) FROM messages
      WHERE number_id = ? AND status = 'queued' AND lane > lanes.lane)
    FROM lanes WHERE lane IS NOT NULL)
  SELECT lane FROM lanes WHERE lane IS NOT NULL`;

export function inboxQueries(sql: Sql): InboxQueries {
  const { many } = messageReader(sql);

  const queueArms = async (numberId: string, condition: string, params: readonly Value[]): Promise<Arm[]> => {
    const rows = await sql.all<{ lane: number }>(LANES, numberId, numberId);
    return rows.map(({ lane }) => ({
      sql: `SELECT id FROM messages INDEXED BY messages_queue
        WHERE number_id = ? AND status = 'queued' AND lane = ? AND deleted_at IS NULL${condition}`,
      params: [numberId, lane, ...params],
    }));
  };

  const page = (tenantId: number, arms: readonly Arm[], limit: number, offset: number) =>
    many(
      `SELECT m.* FROM (
         SELECT id FROM (${arms.map((arm) => arm.sql).join(' UNION ALL ')}) ORDER BY id DESC LIMIT ? OFFSET ?
       ) AS page CROSS JOIN messages m WHERE m.world_id = ? AND m.id = page.id ORDER BY m.id DESC`,
      ...arms.flatMap((arm) => arm.params),
      limit,
      offset,
      tenantId,
    );

  const counts = listCounts(sql);

  /** Where a page far back begins; undefined where the list ends before. */
  const placeOf = async (list: string, { offset = 0, before }: Page): Promise<Place | undefined> => {
    if (offset < WALKED_MAX || before !== undefined) return { before, offset };
    return (await counts.isCounted(list)) ? counts.seek(list, offset) : { before, offset };
  };

  return {
    async texts(tenantId, numberId, filter) {
      const { isUnread } = filter;
      const place = isUnread === undefined ? await placeOf(numberId, filter) : { offset: 0, ...filter };
      if (place === undefined) return [];
      const { before } = place;
      const [older, olderParams] = before === undefined ? ['', []] : [' AND id < ?', [before]];
      if (isUnread === true) {
        const arm = `SELECT id FROM messages INDEXED BY messages_unread
          WHERE number_id = ? AND is_unread = 1${older}`;
        return page(tenantId, [{ sql: arm, params: [numberId, ...olderParams] }], filter.limit, place.offset);
      }
      const read = isUnread === false ? ' AND is_unread = 0' : '';
      const past = `SELECT id FROM messages INDEXED BY messages_by_number
        WHERE number_id = ? AND status <> 'queued' AND deleted_at IS NULL${read}${older}`;
      const queued = await queueArms(numberId, `${read}${older}`, olderParams);
      const arms = [{ sql: past, params: [numberId, ...olderParams] }, ...queued];
      return page(tenantId, arms, filter.limit, place.offset);
    },
    async thread(key, filter) {
      const { tenantId, numberId, recipient, isGroup } = key;
      const place = await placeOf(conversationId(key), filter);
      if (place === undefined) return [];
      const { before } = place;
      const [older, olderParams] = before === undefined ? ['', []] : [' AND id < ?', [before]];
      if (isGroup) {
        const arm = `SELECT id FROM messages INDEXED BY messages_by_chat
          WHERE number_id = ? AND chat = ? AND chat IS NOT NULL AND deleted_at IS NULL${older}`;
        return page(
          tenantId,
          [{ sql: arm, params: [numberId, recipient, ...olderParams] }],
          filter.limit,
          place.offset,
        );
      }
      const past = `SELECT id FROM messages INDEXED BY messages_by_remote
        WHERE world_id = ? AND remote = ? AND number_id = ? AND chat IS NULL AND deleted_at IS NULL
          AND status <> 'queued'${older}`;
      const condition = ` AND remote = ? AND chat IS NULL${older}`;
      const queued = await queueArms(numberId, condition, [recipient, ...olderParams]);
      const arms = [{ sql: past, params: [tenantId, recipient, numberId, ...olderParams] }, ...queued];
      return page(tenantId, arms, filter.limit, place.offset);
    },
    async findMany(tenantId, ids) {
      const found = await many(
        'SELECT m.* FROM json_each(?) AS wanted CROSS JOIN messages m WHERE m.world_id = ? AND m.id = wanted.value',
        JSON.stringify(ids),
        tenantId,
      );
      const byId = new Map(found.map((message) => [message.id, message]));
      return ids.flatMap((id) => byId.get(id) ?? []);
    },
    async setUnread({ tenantId, id, isUnread }) {
      await sql.run(
        'UPDATE messages SET is_unread = ? WHERE world_id = ? AND id = ?',
        isUnread ? 1 : 0,
        tenantId,
        id,
      );
    },
    setUnreadIn(key, isUnread) {
      return isUnread ? markUnread(key) : markRead(key);
    },
    async setDeleted({ tenantId, id, deletedAt }) {
      await sql.run(
        'UPDATE messages SET deleted_at = ?, is_unread = 0 WHERE world_id = ? AND id = ?',
        deletedAt,
        tenantId,
        id,
      );
    },
    async hasInboundSince(tenantId, numberId, handle, service, sinceId) {
      const row = await sql.get(
        `SELECT 1 FROM messages INDEXED BY messages_by_remote
         WHERE world_id = ? AND remote = ? AND id > ? AND number_id = ? AND status <> 'queued'
           AND status = 'received' AND service = ? LIMIT 1`,
        tenantId,
        handle,
        sinceId,
        numberId,
        service,
      );
      return row !== undefined;
    },
  };

  function markRead({ tenantId, numberId, recipient, isGroup }: ConversationKey): Promise<number> {
    const ownerOf = isGroup ? 'chat = ?' : 'remote = ? AND chat IS NULL';
    return sql.run(
      `UPDATE messages SET is_unread = 0 WHERE world_id = ? AND id IN (
         SELECT id FROM messages INDEXED BY messages_unread
         WHERE number_id = ? AND is_unread = 1 AND ${ownerOf})`,
      tenantId,
      numberId,
      recipient,
    );
  }

  function markUnread({ tenantId, numberId, recipient, isGroup }: ConversationKey): Promise<number> {
    const which = isGroup
      ? 'SELECT id FROM messages INDEXED BY messages_by_chat WHERE number_id = ? AND chat = ? AND chat IS NOT NULL'
      : `SELECT id FROM messages INDEXED BY messages_by_remote
         WHERE number_id = ? AND remote = ? AND world_id = ${Number(tenantId)} AND chat IS NULL AND status <> 'queued'`;
    return sql.run(
      `UPDATE messages SET is_unread = 1 WHERE world_id = ? AND direction = 'inbound' AND is_unread = 0
         AND deleted_at IS NULL AND id IN (${which})`,
      tenantId,
      numberId,
      recipient,
    );
  }
}
