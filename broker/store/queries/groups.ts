/** Stores group chats and their changes. */
import { type GroupChange, type GroupChat, groupIdentifier, membersId } from '../../core/model/group-chat.ts';
import type { GroupQueries } from '../../core/ports/groups.ts';
import type { NamedValues, Sql } from '../database.ts';
import type { MessageWatch } from '../message-watch.ts';

interface GroupRow {
  number_id: string;
  chat: string;
  world_id: number;
  conversation_id: string;
  guid: string | null;
  name: string | null;
  named_at: number;
  participants: string;
  members: string;
  listed_at: number;
  left_at: number | null;
  created_at: number;
  updated_at: number;
}

function groupFrom(row: GroupRow): GroupChat {
  return {
    numberId: row.number_id,
    tenantId: row.world_id,
    chat: row.chat,
    conversationId: row.conversation_id,
    guid: row.guid,
    name: row.name,
    namedAt: row.named_at,
    participants: JSON.parse(row.participants),
    members: JSON.parse(row.members),
    listedAt: row.listed_at,
    leftAt: row.left_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function valuesOf(group: GroupChat): NamedValues {
  const { participants, members, guid, ...values } = group;
  return {
    ...values,
    guid,
    identifier: guid === null ? null : (groupIdentifier(guid) ?? null),
    participants: JSON.stringify(participants),
    members: JSON.stringify(members),
    membersId: membersId(participants),
  };
}

/** `watch` receives the changed groups. */
export function groupQueries(sql: Sql, watch?: MessageWatch): GroupQueries {
  const one = async (query: string, ...values: (string | number)[]) => {
    const row = await sql.get<GroupRow>(query, ...values);
    return row && groupFrom(row);
  };
  return {
    async insert(group) {
      await sql.run(
        `INSERT INTO group_chats (number_id, chat, world_id, conversation_id, guid, identifier, name, named_at,
           participants, members, members_id, listed_at, left_at, created_at, updated_at)
         VALUES (@numberId, @chat, @tenantId, @conversationId, @guid, @identifier, @name, @namedAt,
           @participants, @members, @membersId, @listedAt, @leftAt, @createdAt, @updatedAt)`,
        valuesOf(group),
      );
    },
    async update(group) {
      await sql.post(
        `UPDATE group_chats SET guid = @guid, identifier = @identifier, name = @name, named_at = @namedAt,
           participants = @participants, members = @members, members_id = @membersId, listed_at = @listedAt,
           left_at = @leftAt, updated_at = @updatedAt
         WHERE number_id = @numberId AND chat = @chat`,
        valuesOf(group),
      );
      if (watch?.isActive) {
        const { tenantId, numberId, chat } = group;
        watch.changed({ tenantId, id: null, numberId, recipient: chat });
      }
    },
    find(numberId, chat) {
      return one('SELECT * FROM group_chats WHERE number_id = ? AND chat = ?', numberId, chat);
    },
    async findByGuid(numberId, guid) {
      const identifier = groupIdentifier(guid);
      if (identifier === undefined) return undefined;
      return one(
        `SELECT * FROM group_chats INDEXED BY group_chats_by_identifier
         WHERE number_id = ? AND identifier = ? AND identifier IS NOT NULL LIMIT 1`,
        numberId,
        identifier,
      );
    },
    findByConversation(tenantId, conversationId) {
      return one(
        'SELECT * FROM group_chats WHERE conversation_id = ? AND world_id = ?',
        conversationId,
        tenantId,
      );
    },
    findByParticipants(numberId, participants) {
      return one(
        `SELECT * FROM group_chats INDEXED BY group_chats_by_members
         WHERE number_id = ? AND members_id = ? AND left_at IS NULL ORDER BY updated_at DESC LIMIT 1`,
        numberId,
        membersId(participants),
      );
    },
    async ofConversations(conversationIds) {
      if (conversationIds.length === 0) return new Map();
      const rows = await sql.all<GroupRow>(
        `SELECT g.* ${sql.dialect.lookup('?', 'group_chats g', 'g', 'g.conversation_id = wanted.value')}`,
        JSON.stringify(conversationIds),
      );
      return new Map(rows.map((row) => [row.conversation_id, groupFrom(row)]));
    },
    async addChange({ conversationId, tenantId }, change) {
      const inserted = await sql.run(
        `INSERT INTO group_changes (conversation_id, guid, world_id, at, kind, actor, value)
         VALUES (@conversationId, @guid, @tenantId, @at, @kind, @actor, @value) ON CONFLICT DO NOTHING`,
        { ...change, conversationId, tenantId },
      );
      return inserted > 0;
    },
    changesOf(conversationId, limit) {
      return sql.all<GroupChange>(
        `SELECT guid, at, kind, actor, value FROM group_changes INDEXED BY group_changes_in_order
         WHERE conversation_id = ? ORDER BY at DESC LIMIT ?`,
        conversationId,
        limit,
      );
    },
    async purgeUnused(before, limit) {
      const rows = await sql.all<{ number_id: string; chat: string; conversation_id: string }>(
        `SELECT g.number_id, g.chat, g.conversation_id FROM group_chats g INDEXED BY group_chats_new
         WHERE g.guid IS NULL AND g.updated_at < ? AND NOT ${sql.dialect.exists(
           `SELECT 1 FROM messages m INDEXED BY messages_by_chat
            WHERE m.number_id = g.number_id AND m.chat = g.chat AND m.chat IS NOT NULL`,
         )} ORDER BY g.updated_at LIMIT ?`,
        before,
        limit,
      );
      for (const row of rows) {
        await sql.post('DELETE FROM conversations WHERE id = ?', row.conversation_id);
        await sql.post('DELETE FROM group_changes WHERE conversation_id = ?', row.conversation_id);
        await sql.post('DELETE FROM group_chats WHERE number_id = ? AND chat = ?', row.number_id, row.chat);
      }
      return rows.length;
    },
    purgeChanges(before, limit) {
      return sql.run(
        `DELETE FROM group_changes WHERE (conversation_id, guid) IN (
           SELECT conversation_id, guid FROM group_changes INDEXED BY group_changes_age WHERE at < ? LIMIT ?)`,
        before,
        limit,
      );
    },
  };
}
