/** Stores the versions of edited messages, receipts of participants, and items that wait for their message. */
import type { MessageEdit } from '../../core/model/message-edit.ts';
import type {
  MessageEditQueries,
  PendingItemQueries,
  Receipt,
  ReceiptQueries,
} from '../../core/ports/message-edits.ts';
import type { Sql } from '../database.ts';

export function messageEditQueries(sql: Sql): MessageEditQueries {
  return {
    async insert({ id: messageId, tenantId }, edit) {
      const inserted = await sql.run(
        `INSERT INTO message_edits (message_id, at, kind, world_id, content)
         VALUES (@messageId, @at, @kind, @tenantId, @content) ON CONFLICT DO NOTHING`,
        { ...edit, messageId, tenantId },
      );
      return inserted > 0;
    },
    async remove({ id }, { at, kind }) {
      await sql.post('DELETE FROM message_edits WHERE message_id = ? AND at = ? AND kind = ?', id, at, kind);
    },
    ofMessage(messageId) {
      return sql.all<MessageEdit>(
        'SELECT at, kind, content FROM message_edits WHERE message_id = ? ORDER BY at, kind',
        messageId,
      );
    },
  };
}

/** Maximum number of items that wait for one message. They are applied together when it arrives. */
const PENDING_MAX = 1_000;

interface ReceiptRow {
  message_id: string;
  handle: string;
  delivered_at: number | null;
  read_at: number | null;
}

function receiptFrom(row: ReceiptRow): Receipt {
  return { handle: row.handle, deliveredAt: row.delivered_at, readAt: row.read_at };
}

export function receiptQueries(sql: Sql): ReceiptQueries {
  return {
    async put({ id: messageId, tenantId }, { handle, deliveredAt, readAt }) {
      const known = await sql.get<ReceiptRow>(
        'SELECT * FROM message_receipts WHERE message_id = ? AND handle = ?',
        messageId,
        handle,
      );
      const values = {
        ...{ messageId, handle, tenantId },
        deliveredAt: earliest(known?.delivered_at ?? null, deliveredAt),
        readAt: earliest(known?.read_at ?? null, readAt),
      };
      if (known?.delivered_at === values.deliveredAt && known?.read_at === values.readAt) return false;
      await sql.run(
        `INSERT INTO message_receipts (message_id, handle, world_id, delivered_at, read_at)
         VALUES (@messageId, @handle, @tenantId, @deliveredAt, @readAt)
         ON CONFLICT (message_id, handle) DO UPDATE
           SET delivered_at = excluded.delivered_at, read_at = excluded.read_at`,
        values,
      );
      return true;
    },
    async ofMessages(messageIds) {
      const rows = await sql.all<ReceiptRow>(
        `SELECT r.* ${sql.dialect.lookup('?', 'message_receipts r', 'r', 'r.message_id = wanted.value')}`,
        JSON.stringify(messageIds),
      );
      const byMessage = Map.groupBy(rows, (row) => row.message_id);
      const inOrder = (own: readonly ReceiptRow[]) =>
        own.map(receiptFrom).toSorted((one, other) => (one.handle < other.handle ? -1 : 1));
      return new Map([...byMessage].map(([id, own]) => [id, inOrder(own)]));
    },
  };
}

function earliest(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}

export function pendingItemQueries(sql: Sql): PendingItemQueries {
  return {
    async put(numberId, target, guid, item, at) {
      await sql.run(
        `INSERT INTO pending_items (number_id, target, guid, item, at)
         SELECT @numberId, @target, @guid, @item, CAST(@at AS BIGINT)
         WHERE (SELECT COUNT(*) FROM pending_items WHERE number_id = @numberId AND target = @target) < ${PENDING_MAX}
         ON CONFLICT DO NOTHING`,
        { numberId, target, guid, item: JSON.stringify(item), at },
      );
    },
    async take(numberId, targets) {
      const values = { numberId, targets: JSON.stringify(targets) };
      const rows = await sql.all<{ item: string; at: number }>(
        `SELECT p.item, p.at ${sql.dialect.lookup(
          '@targets',
          'pending_items p',
          'p',
          'p.number_id = @numberId AND p.target = wanted.value',
        )}`,
        values,
      );
      if (rows.length === 0) return [];
      await sql.post(
        `DELETE FROM pending_items WHERE number_id = @numberId AND ${sql.dialect.isIn('target', '@targets')}`,
        values,
      );
      return rows.toSorted((one, other) => one.at - other.at).map(({ item }) => JSON.parse(item));
    },
    purge(before, limit) {
      return sql.run(
        `DELETE FROM pending_items WHERE (number_id, target, guid) IN (
           SELECT number_id, target, guid FROM pending_items INDEXED BY pending_items_age WHERE at < ? LIMIT ?)`,
        before,
        limit,
      );
    },
  };
}
