/**
 * Reads the messages of a number and of its conversations in pages.
 *
 * A page is read from indexes that contain every column of its conditions, so a page far back does not read the messages
 * before it. Queued messages are in the index of the queue only. A page joins them in with one SELECT for each lane,
 * because the queue is ordered by lane first and by id within a lane.
 *
 * Deleted messages, actions and messages of blocked senders have `deleted_at`. There may be many of them in a row, so a
 * page examines them in parts, and other requests are served between the parts.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { conversationId } from '../../core/model/conversation.ts';
import type { Message } from '../../core/model/message.ts';
import type { InboxQueries, Page } from '../../core/ports/inbox.ts';
import type { NamedValues, Sql } from '../database.ts';
import { type ListPosition, listCounts } from './list-counts.ts';
import { messageReader } from './message-rows.ts';

/** Up to this offset, SQL skips the rows. Beyond it, counts find the position. */
const SKIPPED_MAX = 500;

/** Maximum number of entries of an index that one statement examines beyond the first page. */
const EXAMINED_MAX = 2_000;

// Steps from one lane to the next in the index, so that a long queue costs no more than a short one.
const LANES = `WITH RECURSIVE lanes (lane) AS (
    SELECT MIN(lane) FROM messages WHERE number_id = @numberId AND status = 'queued'
    UNION ALL
    SELECT (SELECT MIN(lane) FROM messages
      WHERE number_id = @numberId AND status = 'queued' AND lane > lanes.lane)
    FROM lanes WHERE lane IS NOT NULL)
  SELECT lane FROM lanes WHERE lane IS NOT NULL`;

/** Returns a SELECT of ids with `deleted_at`, limited to the ids of a condition. */
type Select = (isBeyond: string) => string;

interface Range {
  order: 'ASC' | 'DESC';
  /** The page starts beyond this id. */
  from: string | undefined;
  offset: number;
  limit: number;
}

export function inboxPages(sql: Sql): Pick<InboxQueries, 'texts' | 'thread'> {
  const { many } = messageReader(sql);
  const counts = listCounts(sql);

  /** Returns one SELECT for each lane of the queue, and the values of the lanes. */
  const queuedIn = async (numberId: string, condition: string) => {
    const rows = await sql.all<{ lane: number }>(LANES, { numberId });
    return {
      selects: rows.map(
        (_, index): Select =>
          (isBeyond) =>
            `SELECT id, deleted_at FROM messages INDEXED BY messages_queue
        WHERE number_id = @numberId AND status = 'queued' AND lane = @lane${index}${condition}${isBeyond}`,
      ),
      lanes: Object.fromEntries(rows.map(({ lane }, index) => [`lane${index}`, lane])),
    };
  };

  /** Reads a page from the union of SELECTs. `values` has the parameters of all of them. Newest first. */
  const page = async (selects: readonly Select[], values: NamedValues, range: Range): Promise<Message[]> => {
    const { order, from, offset, limit } = range;
    const firstOf = (id: string | undefined) => {
      const isBeyond = id === undefined ? '' : ` AND id ${order === 'DESC' ? '<' : '>'} @from`;
      const parts = selects.map((select) => sql.dialect.firstOf(select(isBeyond), `id ${order}`, '@size'));
      return `SELECT id, deleted_at FROM (${parts.join(' UNION ALL ')}) AS selected ORDER BY id ${order} LIMIT @size`;
    };
    if (offset === 0) {
      const condition = 'm.world_id = @tenantId AND m.id = page.id';
      const first = await many(
        `SELECT m.* ${sql.dialect.lookupEach(`(${firstOf(from)}) AS page`, 'messages m', 'm', condition)}
         ORDER BY page.id DESC`,
        { ...values, from, size: limit },
      );
      const shown = first.filter(({ deletedAt }) => deletedAt === null);
      if (shown.length === first.length || first.length < limit) return shown;
    }
    const ids: string[] = [];
    let id = from;
    for (let size = Math.min(offset + limit, EXAMINED_MAX); ; size = EXAMINED_MAX) {
      const rows = await sql.all<{ id: string; deleted_at: number | null }>(firstOf(id), {
        ...values,
        from: id,
        size,
      });
      for (const row of rows) if (row.deleted_at === null) ids.push(row.id);
      if (ids.length >= offset + limit || rows.length < size) break;
      id = rows.at(-1)?.id;
      await nextTurn();
    }
    const found = await many(
      `SELECT m.* ${sql.dialect.lookup('@ids', 'messages m', 'm', 'm.world_id = @tenantId AND m.id = wanted.value')}`,
      { ...values, ids: JSON.stringify(ids.slice(offset, offset + limit)) },
    );
    return found.sort((a, b) => (a.id < b.id ? 1 : -1));
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
      const range = { order: 'DESC', from: position.before, offset: position.offset, limit } as const;
      const values = { tenantId, numberId };
      if (isUnread === true) {
        const unread: Select = (isBeyond) => `SELECT id, deleted_at FROM messages INDEXED BY messages_unread
          WHERE number_id = @numberId AND is_unread = 1${isBeyond}`;
        return page([unread], values, range);
      }
      const isRead = isUnread === false ? ' AND is_unread = 0' : '';
      const notQueued: Select = (
        isBeyond,
      ) => `SELECT id, deleted_at FROM messages INDEXED BY messages_by_number
        WHERE number_id = @numberId AND status <> 'queued' AND deleted_at IS NULL${isRead}${isBeyond}`;
      const queued = await queuedIn(numberId, isRead);
      return page([notQueued, ...queued.selects], { ...values, ...queued.lanes }, range);
    },
    async thread(key, filter) {
      const { tenantId, numberId, recipient, isGroup } = key;
      const { limit, after } = filter;
      const position = await positionOf(conversationId(key), filter);
      if (position === undefined) return [];
      const { before, offset } = position;
      const values = { tenantId, numberId, recipient, before };
      const range: Range =
        after === undefined
          ? { order: 'DESC', from: before, offset, limit }
          : { order: 'ASC', from: after, offset, limit };
      const isOlder = after === undefined || before === undefined ? '' : ' AND id < @before';
      if (isGroup) {
        const inGroup: Select = (isBeyond) => `SELECT id, deleted_at FROM messages INDEXED BY messages_by_chat
          WHERE number_id = @numberId AND chat = @recipient AND chat IS NOT NULL${isOlder}${isBeyond}`;
        return page([inGroup], values, range);
      }
      const notQueued: Select = (
        isBeyond,
      ) => `SELECT id, deleted_at FROM messages INDEXED BY messages_by_remote
        WHERE world_id = @tenantId AND remote = @recipient AND number_id = @numberId AND chat IS NULL
          AND status <> 'queued'${isOlder}${isBeyond}`;
      const queued = await queuedIn(numberId, ` AND remote = @recipient AND chat IS NULL${isOlder}`);
      return page([notQueued, ...queued.selects], { ...values, ...queued.lanes }, range);
    },
  };
}
