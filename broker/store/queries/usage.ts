/** Stores message counters and idempotency keys. */

import type { UsageQueries } from '../../core/ports/billing.ts';
import type { IdempotencyQueries } from '../../core/ports/messages.ts';
import type { Sql } from '../database.ts';

export function usageQueries(sql: Sql): UsageQueries {
  return {
    async countMessage(tenantId, month, numberId, day) {
      sql.increment(
        `INSERT INTO usage_months (world_id, month, messages) VALUES (?, ?, ?)
         ON CONFLICT (world_id, month) DO UPDATE SET messages = usage_months.messages + excluded.messages`,
        tenantId,
        month,
      );
      sql.increment(
        `INSERT INTO usage_days (number_id, day, messages) VALUES (?, ?, ?)
         ON CONFLICT (number_id, day) DO UPDATE SET messages = usage_days.messages + excluded.messages`,
        numberId,
        day,
      );
    },
    purgeDays(beforeDay, limit) {
      return sql.run(
        `DELETE FROM usage_days WHERE (number_id, day) IN (
           SELECT number_id, day FROM usage_days INDEXED BY usage_days_age WHERE day < ? LIMIT ?)`,
        beforeDay,
        limit,
      );
    },
    async hasMessages(tenantId) {
      await sql.writeGathered();
      return (await sql.get('SELECT 1 FROM usage_months WHERE world_id = ? LIMIT 1', tenantId)) !== undefined;
    },
    async messagesInMonth(tenantId, month) {
      await sql.writeGathered();
      const row = await sql.get<{ messages: number }>(
        'SELECT messages FROM usage_months WHERE world_id = ? AND month = ?',
        tenantId,
        month,
      );
      return row?.messages ?? 0;
    },
  };
}

interface IdempotencyRow {
  fingerprint: string;
  message_id: string;
  created_at: number;
}

const NO_MESSAGE =
  'NOT EXISTS (SELECT 1 FROM messages WHERE messages.world_id = idempotency_keys.world_id AND id = message_id)';

export function idempotencyQueries(sql: Sql): IdempotencyQueries {
  const purge = (condition: string, before: number, limit: number) =>
    sql.run(
      `DELETE FROM idempotency_keys WHERE (world_id, key) IN (
         SELECT world_id, key FROM idempotency_keys WHERE ${condition} AND created_at < ?
         ORDER BY created_at LIMIT ?)`,
      before,
      limit,
    );
  return {
    async find(tenantId, key) {
      const row = await sql.get<IdempotencyRow>(
        'SELECT fingerprint, message_id, created_at FROM idempotency_keys WHERE world_id = ? AND key = ?',
        tenantId,
        key,
      );
      return row && { fingerprint: row.fingerprint, messageId: row.message_id, createdAt: row.created_at };
    },
    async put(tenantId, key, record) {
      await sql.insert(
        `INSERT INTO idempotency_keys (world_id, key, fingerprint, message_id, created_at)
         VALUES (@tenantId, @key, @fingerprint, @messageId, @createdAt)
         ON CONFLICT (world_id, key) DO UPDATE SET fingerprint = excluded.fingerprint,
           message_id = excluded.message_id, created_at = excluded.created_at`,
        { ...record, tenantId, key },
      );
    },
    purgeExpiring: (before, limit) => purge("fingerprint <> ''", before, limit),
    purgeLasting: (before, limit) => purge(`fingerprint = '' AND ${NO_MESSAGE}`, before, limit),
  };
}
