/** SQL of conversations: one row each, which the projections keep. */
import type { Conversation } from '../../core/conversations.ts';
import type { ConversationQueries } from '../../core/store-port.ts';
import type { Sql, Value } from '../database.ts';
import { inboxQueries } from './inbox.ts';
import { messageReader } from './message-rows.ts';

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

/** Whoever wrote in a group, as far as it is worth showing. */
const PARTICIPANTS_MAX = 100;

export function conversationQueries(sql: Sql): ConversationQueries {
  const { one } = messageReader(sql);
  const { thread } = inboxQueries(sql);

  const conversationFrom = async (row: ConversationRow): Promise<Conversation> => ({
    id: row.id,
    worldId: row.world_id,
    numberId: row.number_id,
    peer: row.peer,
    isGroup: row.is_group === 1,
    participants: JSON.parse(row.participants),
    latest:
      row.latest_id === null
        ? null
        : ((await one('SELECT * FROM messages WHERE world_id = ? AND id = ?', row.world_id, row.latest_id)) ??
          null),
    unreadCount: row.unread_count,
    totalCount: row.total_count,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  });

  const rowOf = (id: string) => sql.get<ConversationRow>('SELECT * FROM conversations WHERE id = ?', id);

  return {
    async find(worldId, id) {
      const row = await sql.get<ConversationRow>(
        'SELECT * FROM conversations WHERE id = ? AND world_id = ?',
        id,
        worldId,
      );
      return row && conversationFrom(row);
    },
    async list({ worldId, numberId }, { limit, offset = 0, before }) {
      const params: Value[] = numberId === undefined ? [worldId] : [worldId, numberId];
      const index = numberId === undefined ? 'conversations_of_world' : 'conversations_of_number';
      const rows = await sql.all<ConversationRow>(
        `SELECT * FROM conversations INDEXED BY ${index} WHERE world_id = ? ${numberId === undefined ? '' : 'AND number_id = ?'}
           AND latest_id IS NOT NULL ${before === undefined ? '' : 'AND latest_id < ?'}
         ORDER BY latest_id DESC LIMIT ? OFFSET ?`,
        ...params,
        ...(before === undefined ? [] : [before]),
        limit,
        offset,
      );
      const found: Conversation[] = [];
      for (const row of rows) found.push(await conversationFrom(row));
      return found;
    },
    async countOf({ worldId, numberId }) {
      const row = await sql.get<{ n: number }>(
        `SELECT COUNT(*) AS n FROM conversations WHERE world_id = ? AND latest_id IS NOT NULL
         ${numberId === undefined ? '' : 'AND number_id = ?'}`,
        worldId,
        ...(numberId === undefined ? [] : [numberId]),
      );
      return row?.n ?? 0;
    },
    async add(id, { worldId, numberId, peer, isGroup, total, unread, latestId, participants }, at) {
      const known = await rowOf(id);
      if (known === undefined) {
        await sql.run(
          `INSERT INTO conversations (id, world_id, number_id, peer, is_group, participants, latest_id, unread_count,
             total_count, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          id,
          worldId,
          numberId,
          peer,
          isGroup ? 1 : 0,
          JSON.stringify(participants.slice(0, PARTICIPANTS_MAX)),
          latestId,
          unread,
          total,
          at,
          at,
        );
        return true;
      }
      const before: string[] = JSON.parse(known.participants);
      const all = [...new Set([...before, ...participants])].slice(0, PARTICIPANTS_MAX);
      const latest = latestId !== null && latestId > (known.latest_id ?? '') ? latestId : known.latest_id;
      await sql.run(
        `UPDATE conversations SET participants = ?, latest_id = ?, unread_count = unread_count + ?,
           total_count = total_count + ?, updated_at = ? WHERE id = ?`,
        all.length === before.length ? known.participants : JSON.stringify(all),
        latest,
        unread,
        total,
        at,
        id,
      );
      return false;
    },
    async count(id, { total, unread }, at) {
      await sql.run(
        `UPDATE conversations SET total_count = total_count + ?, unread_count = unread_count + ?, updated_at = ?
         WHERE id = ?`,
        total,
        unread,
        at,
        id,
      );
    },
    async recountUnread(id, at) {
      const row = await rowOf(id);
      if (row === undefined) return;
      const whose = row.is_group === 1 ? 'chat = ?' : 'remote = ? AND chat IS NULL';
      await sql.run(
        `UPDATE conversations SET updated_at = ?, unread_count = (
           SELECT COUNT(*) FROM messages INDEXED BY messages_unread
           WHERE number_id = ? AND is_unread = 1 AND deleted_at IS NULL AND projected_status IS NOT NULL AND ${whose})
         WHERE id = ?`,
        at,
        row.number_id,
        row.peer,
        id,
      );
    },
    async settle(id) {
      const row = await rowOf(id);
      if (row === undefined) return;
      if (row.total_count <= 0) await sql.run('DELETE FROM conversations WHERE id = ?', id);
      else await refreshLatest(row);
    },
    async refreshLatest(id) {
      const row = await rowOf(id);
      if (row !== undefined) await refreshLatest(row);
    },
  };

  async function refreshLatest(row: ConversationRow): Promise<void> {
    const key = {
      worldId: row.world_id,
      numberId: row.number_id,
      peer: row.peer,
      isGroup: row.is_group === 1,
    };
    const [latest] = await thread(key, { limit: 1 });
    await sql.run('UPDATE conversations SET latest_id = ? WHERE id = ?', latest?.id ?? null, row.id);
  }
}
