/** Stores the read state and the deletion of messages. */
import { type ConversationKey, conversationOf } from '../../core/model/conversation.ts';
import { changeOf } from '../../core/model/message-change.ts';
import type { InboxQueries } from '../../core/ports/inbox.ts';
import { onOneState, type Sql } from '../database.ts';
import type { MessageWatch } from '../message-watch.ts';
import { inboxPages } from './inbox-pages.ts';
import { messageReader } from './message-rows.ts';

interface BlockedRow {
  id: string;
  number_id: string;
  remote: string;
  chat: string | null;
  created_at: number;
}

export function inboxQueries(sql: Sql, watch?: MessageWatch): InboxQueries {
  const { many } = messageReader(sql);

  return {
    texts: onOneState(sql, (state) => inboxPages(state).texts),
    thread: onOneState(sql, (state) => inboxPages(state).thread),
    async findMany(tenantId, ids) {
      const found = await many(
        `SELECT m.* ${sql.dialect.lookup('?', 'messages m', 'm', 'm.world_id = ? AND m.id = wanted.value')}`,
        JSON.stringify(ids),
        tenantId,
      );
      const byId = new Map(found.map((message) => [message.id, message]));
      return ids.flatMap((id) => byId.get(id) ?? []);
    },
    async setUnread(message) {
      const { tenantId, id, isUnread } = message;
      await sql.post(
        'UPDATE messages SET is_unread = ? WHERE world_id = ? AND id = ?',
        isUnread ? 1 : 0,
        tenantId,
        id,
      );
      if (watch?.isActive) watch.changed(changeOf(message));
    },
    markRead,
    async setDeleted(message) {
      const { tenantId, id, deletedAt } = message;
      await sql.post(
        'UPDATE messages SET deleted_at = ?, is_unread = 0 WHERE world_id = ? AND id = ?',
        deletedAt,
        tenantId,
        id,
      );
      if (watch?.isActive) watch.changed(changeOf(message));
    },
    async blocked(tenantId, { limit, before = '~' }) {
      const rows = await sql.all<BlockedRow>(
        `SELECT id, number_id, remote, chat, created_at FROM messages INDEXED BY messages_blocked
         WHERE world_id = ? AND is_blocked = 1 AND id < ? ORDER BY id DESC LIMIT ?`,
        tenantId,
        before,
        limit,
      );
      return rows.map(({ id, number_id: numberId, remote, chat, created_at: createdAt }) => ({
        id,
        conversation: conversationOf({ tenantId, numberId, handle: remote, chat }),
        createdAt,
      }));
    },
    async hasInboundSince(tenantId, numberId, handle, service, sinceId) {
      const row = await sql.get(
        `SELECT 1 FROM messages INDEXED BY messages_by_remote
         WHERE world_id = @tenantId AND remote = @handle AND id > @sinceId AND number_id = @numberId
           AND status <> 'queued' AND status = 'received' AND service = @service LIMIT 1`,
        { tenantId, numberId, handle, service, sinceId },
      );
      return row !== undefined;
    },
  };

  async function markRead(key: ConversationKey, limit: number) {
    const { tenantId, numberId, recipient, isGroup } = key;
    const rows = await sql.all<{ id: string; is_counted: number }>(
      `SELECT id, projected_status IS NOT NULL AS is_counted FROM messages INDEXED BY messages_unread_in
       WHERE number_id = @numberId AND COALESCE(chat, remote) = @recipient AND is_unread = 1
         AND chat IS ${isGroup ? 'NOT ' : ''}NULL ORDER BY id DESC LIMIT @limit`,
      { numberId, recipient, limit },
    );
    const changed = await sql.run(
      `UPDATE messages SET is_unread = 0 WHERE world_id = ? AND ${sql.dialect.isIn('id', '?')}`,
      tenantId,
      JSON.stringify(rows.map(({ id }) => id)),
    );
    if (watch?.isActive) for (const { id } of rows) watch.changed({ tenantId, id, numberId, recipient });
    return { changed, counted: rows.filter(({ is_counted }) => is_counted === 1).length };
  }
}
