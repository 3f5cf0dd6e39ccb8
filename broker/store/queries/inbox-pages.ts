/**
 * Reads the messages of a number and of its conversations in pages.
 *
 * A page is read from indexes that contain every column of its conditions, so a page far back does not read the messages
 * before it. Queued messages are in the index of the queue only. A page joins them in with one SELECT for each lane,
 * because the queue is ordered by lane first and by id within a lane.
 */
import { conversationId } from '../../core/model/conversation.ts';
import type { InboxQueries, Page } from '../../core/ports/inbox.ts';
import type { NamedValues, Sql } from '../database.ts';
import { type ListPosition, listCounts } from './list-counts.ts';
import { messageReader } from './message-rows.ts';

/** Up to this offset, SQL skips the rows. Beyond it, counts find the position. */
const SKIPPED_MAX = 500;

// Steps from one lane to the next in the index, so that a long queue costs no more than a short one.
const LANES = `WITH RECURSIVE lanes (lane) AS (
    SELECT MIN(lane) FROM messages WHERE number_id = @numberId AND status = 'queued'
    UNION ALL
    SELECT (SELECT MIN(lane) FROM messages
      WHERE number_id = @numberId AND status = 'queued' AND lane > lanes.lane)
    FROM lanes WHERE lane IS NOT NULL)
  SELECT lane FROM lanes WHERE lane IS NOT NULL`;

export function inboxPages(sql: Sql): Pick<InboxQueries, 'texts' | 'thread'> {
  const { many } = messageReader(sql);
  const counts = listCounts(sql);

  /** Returns one SELECT of message ids for each lane of the queue, and the values of the lanes. */
  const queuedIn = async (numberId: string, condition: string) => {
    const rows = await sql.all<{ lane: number }>(LANES, { numberId });
    return {
      selects: rows.map(
        (_, index) => `SELECT id FROM messages INDEXED BY messages_queue
        WHERE number_id = @numberId AND status = 'queued' AND lane = @lane${index} AND deleted_at IS NULL${condition}`,
      ),
      lanes: Object.fromEntries(rows.map(({ lane }, index) => [`lane${index}`, lane])),
    };
  };

  /** Reads a page from the union of SELECTs of message ids. `values` has the parameters of all of them. */
  const page = (
    selects: readonly string[],
    values: NamedValues & { limit: number; offset: number },
    order: 'ASC' | 'DESC' = 'DESC',
  ) => {
    const parts = selects.map((select) => sql.dialect.firstOf(select, `id ${order}`, '@reach'));
    const ids = `(
      SELECT id FROM (${parts.join(' UNION ALL ')}) AS selected ORDER BY id ${order} LIMIT @limit OFFSET @offset
    ) AS page`;
    const condition = 'm.world_id = @tenantId AND m.id = page.id';
    return many(
      `SELECT m.* ${sql.dialect.lookupEach(ids, 'messages m', 'm', condition)} ORDER BY page.id DESC`,
      { ...values, reach: values.limit + values.offset },
    );
  };

  /** Returns the position at which a page begins, or undefined if the list ends before it. */
  const positionOf = async (
    list: string,
    { offset = 0, before }: Page,
  ): Promise<ListPosition | undefined> => {
    if (offset < SKIPPED_MAX || before !== undefined) return { before, offset };
    return (await counts.isCounted(list)) ? counts.seek(list, offset) : { before, offset };
  };

  return {
    async texts(tenantId, numberId, filter) {
      const { isUnread, limit } = filter;
      const position =
        isUnread === undefined
          ? await positionOf(numberId, filter)
          : { before: filter.before, offset: filter.offset ?? 0 };
      if (position === undefined) return [];
      const values = { tenantId, numberId, limit, ...position };
      const isOlder = position.before === undefined ? '' : ' AND id < @before';
      if (isUnread === true) {
        const unread = `SELECT id FROM messages INDEXED BY messages_unread
          WHERE number_id = @numberId AND is_unread = 1${isOlder}`;
        return page([unread], values);
      }
      const isRead = isUnread === false ? ' AND is_unread = 0' : '';
      const notQueued = `SELECT id FROM messages INDEXED BY messages_by_number
        WHERE number_id = @numberId AND status <> 'queued' AND deleted_at IS NULL${isRead}${isOlder}`;
      const queued = await queuedIn(numberId, `${isRead}${isOlder}`);
      return page([notQueued, ...queued.selects], { ...values, ...queued.lanes });
    },
    async thread(key, filter) {
      const { tenantId, numberId, recipient, isGroup } = key;
      const { limit, after } = filter;
      const position = await positionOf(conversationId(key), filter);
      if (position === undefined) return [];
      const values = { tenantId, numberId, recipient, limit, after, ...position };
      const order = after === undefined ? 'DESC' : 'ASC';
      const isNewer = after === undefined ? '' : ' AND id > @after';
      const isOlder = position.before === undefined ? isNewer : `${isNewer} AND id < @before`;
      if (isGroup) {
        const inGroup = `SELECT id FROM messages INDEXED BY messages_by_chat
          WHERE number_id = @numberId AND chat = @recipient AND chat IS NOT NULL AND deleted_at IS NULL${isOlder}`;
        return page([inGroup], values, order);
      }
      const notQueued = `SELECT id FROM messages INDEXED BY messages_by_remote
        WHERE world_id = @tenantId AND remote = @recipient AND number_id = @numberId AND chat IS NULL
          AND deleted_at IS NULL AND status <> 'queued'${isOlder}`;
      const queued = await queuedIn(numberId, ` AND remote = @recipient AND chat IS NULL${isOlder}`);
      return page([notQueued, ...queued.selects], { ...values, ...queued.lanes }, order);
    },
  };
}
