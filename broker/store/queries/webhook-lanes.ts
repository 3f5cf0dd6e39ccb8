/** Stores which broker sends the deliveries of a webhook. */
import type { WebhookLaneQueries } from '../../core/ports/webhooks.ts';
import type { Sql } from '../database.ts';

export function webhookLaneQueries(sql: Sql): WebhookLaneQueries {
  return {
    async owners(webhookIds) {
      const rows = await sql.all<{ webhook_id: string; broker_id: string }>(
        `SELECT webhook_id, broker_id FROM webhook_lanes WHERE ${sql.dialect.isIn('webhook_id', '?')}`,
        JSON.stringify(webhookIds),
      );
      return new Map(rows.map(({ webhook_id, broker_id }) => [webhook_id, broker_id]));
    },
    async claim(webhookIds, brokerId) {
      // SQLite needs the WHERE before ON CONFLICT.
      await sql.post(
        `INSERT INTO webhook_lanes (webhook_id, broker_id)
         SELECT wanted.value, @brokerId FROM ${sql.dialect.elements('@webhookIds', 'wanted')} WHERE true
         ON CONFLICT DO NOTHING`,
        { webhookIds: JSON.stringify(webhookIds), brokerId },
      );
    },
    async release(webhookIds, brokerId) {
      const pending = `SELECT 1 FROM webhook_deliveries d INDEXED BY webhook_deliveries_due
        WHERE d.webhook_id = webhook_lanes.webhook_id AND d.status = 'pending'`;
      const rows = await sql.all<{ webhook_id: string }>(
        `DELETE FROM webhook_lanes WHERE ${sql.dialect.isIn('webhook_id', '@webhookIds')} AND broker_id = @brokerId
           AND NOT ${sql.dialect.exists(pending)} RETURNING webhook_id`,
        { webhookIds: JSON.stringify(webhookIds), brokerId },
      );
      return rows.map(({ webhook_id }) => webhook_id);
    },
  };
}
