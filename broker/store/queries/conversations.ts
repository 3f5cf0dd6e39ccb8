/**
 * Stores conversations, one row each. The projections update the rows. The column `peer` is the handle of the recipient,
 * or the key of a group chat.
 */
import type { Conversation, ConversationKey } from '../../core/model/conversation.ts';
import type { ConversationQueries } from '../../core/ports/inbox.ts';
import type { Sql } from '../database.ts';
import { listOf } from './conversation-lists.ts';
import { groupQueries } from './groups.ts';
import { inboxQueries } from './inbox.ts';
import { listCounts } from './list-counts.ts';

interface ConversationRow {
  id: string;
  world_id: number;
  number_id: string;
  peer: string;
  is_group: number;
  participants: string;
  latest_id: string | null;
  unread_count: number;
  total_count: number;
  created_at: number;
  updated_at: number;
}

/** Below this number of messages, reading a thread is faster than keeping counts of it. */
const COUNTED_MIN = 2_000;

function keyOf(row: ConversationRow): ConversationKey {
  return {
    tenantId: row.world_id,
    numberId: row.number_id,
    recipient: row.peer,
    isGroup: row.is_group === 1,
  };
}

/** Maximum number of stored participants of a group. */
const PARTICIPANTS_MAX = 100;

export function conversationQueries(sql: Sql): ConversationQueries {
  const { thread, findMany } = inboxQueries(sql);
  const { ofConversations } = groupQueries(sql);
  const counts = listCounts(sql);

  /** Reads the latest messages and the groups of all rows together. The rows belong to one tenant. */
  const conversationsFrom = async (rows: readonly ConversationRow[]): Promise<Conversation[]> => {
    const [first] = rows;
    if (first === undefined) return [];
    const ids = rows.flatMap(({ latest_id }) => latest_id ?? []);
    const latest = new Map((await findMany(first.world_id, ids)).map((message) => [message.id, message]));
    const groups = await ofConversations(rows.filter((row) => row.is_group === 1).map(({ id }) => id));
    return rows.map((row) => ({
      ...keyOf(row),
      id: row.id,
      group: groups.get(row.id) ?? null,
      participants: groups.get(row.id)?.participants ?? JSON.parse(row.participants),
      latest: latest.get(row.latest_id ?? '') ?? null,
      unreadCount: row.unread_count,
      totalCount: row.total_count,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
    }));
  };

  const rowOf = (id: string) => sql.get<ConversationRow>('SELECT * FROM conversations WHERE id = ?', id);

  return {
    async find(tenantId, id) {
      const row = await sql.get<ConversationRow>(
        'SELECT * FROM conversations WHERE id = ? AND world_id = ?',
        id,
        tenantId,
      );
      if (row === undefined) return undefined;
      return (await conversationsFrom([row]))[0];
    },
    async list(filter, { limit, offset = 0, before }) {
      const { tenantId, numberId } = filter;
      const { index, condition } = listOf(filter);
      const isOlder = before === undefined ? '' : ' AND latest_id < @before';
      const page = `FROM conversations INDEXED BY ${index} WHERE ${condition}${isOlder}
        ORDER BY latest_id DESC LIMIT @limit`;
      // Behind an offset, the inner query reads the index only. The table is read for the rows of the page.
      const select =
        offset === 0
          ? `SELECT * ${page}`
          : `SELECT c.* FROM (SELECT id ${page} OFFSET @offset) AS page CROSS JOIN conversations c
             WHERE c.id = page.id ORDER BY c.latest_id DESC`;
      const rows = await sql.all<ConversationRow>(select, { tenantId, numberId, before, limit, offset });
      return conversationsFrom(rows.filter(({ world_id }) => world_id === tenantId));
    },
    async findMany(filter, ids, { limit, before = '~' }) {
      const { tenantId, numberId } = filter;
      const rows = await sql.all<ConversationRow>(
        `SELECT c.* ${sql.dialect.lookup(
          '@ids',
          'conversations c',
          'c',
          `c.id = wanted.value AND ${listOf(filter).condition} AND c.world_id = @tenantId
             AND c.latest_id < @before`,
        )} ORDER BY c.latest_id DESC LIMIT @limit`,
        { ids: JSON.stringify(ids), tenantId, numberId, before, limit },
      );
      return conversationsFrom(rows);
    },
    async countUnread(tenantId, limit) {
      const { index, condition } = listOf({ only: 'unread' });
      const row = await sql.get<{ n: number }>(
        `SELECT COUNT(*) AS n FROM (
           SELECT 1 FROM conversations INDEXED BY ${index} WHERE ${condition} LIMIT @limit) AS unread`,
        { tenantId, limit },
      );
      return row?.n ?? 0;
    },
    async countOf({ tenantId, numberId }) {
      const row = await sql.get<{ n: number }>(
        `SELECT COUNT(*) AS n FROM conversations WHERE world_id = ? AND latest_id IS NOT NULL
         ${numberId === undefined ? '' : 'AND number_id = ?'}`,
        tenantId,
        ...(numberId === undefined ? [] : [numberId]),
      );
      return row?.n ?? 0;
    },
    async add(id, change, at) {
      const { tenantId, numberId, recipient, isGroup, unread, participants } = change;
      const total = change.ids.length;
      const newestId = change.ids.at(-1) ?? null;
      const known = await rowOf(id);
      if (known === undefined) {
        await sql.post(
          `INSERT INTO conversations (id, world_id, number_id, peer, is_group, participants, latest_id, unread_count,
             total_count, created_at, updated_at)
           VALUES (@id, @tenantId, @numberId, @recipient, @isGroup, @participants, @newestId, @unread, @total, @at, @at)`,
          {
            id,
            tenantId,
            numberId,
            recipient,
            isGroup: isGroup ? 1 : 0,
            participants: JSON.stringify(participants.slice(0, PARTICIPANTS_MAX)),
            newestId,
            unread,
            total,
            at,
          },
        );
        return true;
      }
      const before: string[] = JSON.parse(known.participants);
      const all = [...new Set([...before, ...participants])].slice(0, PARTICIPANTS_MAX);
      const isNewer = newestId !== null && newestId > (known.latest_id ?? '');
      await countThread(known, change.ids);
      await sql.post(
        `UPDATE conversations SET participants = @participants, latest_id = @latestId,
           unread_count = unread_count + @unread, total_count = total_count + @total, updated_at = @at WHERE id = @id`,
        {
          id,
          participants: all.length === before.length ? known.participants : JSON.stringify(all),
          latestId: isNewer ? newestId : known.latest_id,
          unread,
          total,
          at,
        },
      );
      return false;
    },
    async remove(id, { ids, unread }, at) {
      await sql.post(
        `UPDATE conversations SET total_count = total_count + ?, unread_count = unread_count + ?, updated_at = ?
         WHERE id = ?`,
        -ids.length,
        -unread,
        at,
        id,
      );
      if (await counts.isCounted(id)) await counts.add(id, ids, -1);
    },
    async addUnread(id, by, at) {
      await sql.post(
        'UPDATE conversations SET unread_count = unread_count + ?, updated_at = ? WHERE id = ?',
        by,
        at,
        id,
      );
    },
    async removeIfEmpty(id) {
      const row = await rowOf(id);
      if (row === undefined) return;
      if (row.total_count > 0) {
        // Reading the thread takes long beside a long queue. Retention deletes the oldest messages, not the latest one.
        if (!(await isLatestPresent(row))) await refreshLatest(row);
        return;
      }
      await sql.post('DELETE FROM conversations WHERE id = ?', id);
      await counts.drop(id);
    },
    async refreshLatest(id) {
      const row = await rowOf(id);
      if (row !== undefined) await refreshLatest(row);
    },
  };

  /** Adds new messages to the counts of a thread. The first time that the thread is long enough, counts all of it. */
  async function countThread(row: ConversationRow, ids: readonly string[]): Promise<void> {
    if (await counts.isCounted(row.id)) {
      await counts.add(row.id, ids);
      return;
    }
    if (row.total_count + ids.length < COUNTED_MIN) return;
    const all = await thread(keyOf(row), { limit: Number.MAX_SAFE_INTEGER });
    // Messages without a projected status are counted when the projections process them.
    const projected = await sql.all<{ id: string }>(
      `SELECT m.id ${sql.dialect.lookup(
        '?',
        'messages m',
        'm',
        'm.world_id = ? AND m.id = wanted.value AND m.projected_status IS NOT NULL',
      )}`,
      JSON.stringify(all.map((message) => message.id)),
      row.world_id,
    );
    await counts.add(row.id, [...projected.map((message) => message.id), ...ids]);
  }

  async function isLatestPresent({ world_id, latest_id }: ConversationRow): Promise<boolean> {
    if (latest_id === null) return false;
    const row = await sql.get(
      'SELECT 1 FROM messages WHERE world_id = ? AND id = ? AND deleted_at IS NULL',
      world_id,
      latest_id,
    );
    return row !== undefined;
  }

  async function refreshLatest(row: ConversationRow): Promise<void> {
    const [latest] = await thread(keyOf(row), { limit: 1 });
    await sql.post('UPDATE conversations SET latest_id = ? WHERE id = ?', latest?.id ?? null, row.id);
  }
}
