/** Stores webhooks. A callback (the address for the events of single messages) is a webhook that no list returns. */

import type { Webhook, WebhookDialect } from '../../core/model/webhook.ts';
import type { WebhookQueries } from '../../core/ports/webhooks.ts';
import type { NamedValues, Sql } from '../database.ts';

interface WebhookRow {
  id: string;
  world_id: number;
  dialect: string;
  number_id: string | null;
  name: string | null;
  url: string;
  events: string;
  secret: string;
  previous_secret: string | null;
  previous_secret_until: number | null;
  is_active: number;
  failed_in_a_row: number;
  created_at: number;
  updated_at: number;
}

function webhookFrom(row: WebhookRow): Webhook {
  return {
    id: row.id,
    tenantId: row.world_id,
    dialect: row.dialect as WebhookDialect,
    numberId: row.number_id,
    name: row.name,
    url: row.url,
    events: JSON.parse(row.events),
    secret: row.secret,
    previousSecret: row.previous_secret,
    previousSecretUntil: row.previous_secret_until,
    isActive: row.is_active === 1,
    consecutiveFailures: row.failed_in_a_row,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function valuesOf(webhook: Webhook): NamedValues {
  return { ...webhook, events: JSON.stringify(webhook.events), isActive: webhook.isActive ? 1 : 0 };
}

const FIND = `SELECT * FROM webhooks
  WHERE id = ? AND world_id = ? AND dialect = ? AND is_callback = 0 AND deleted_at IS NULL`;

export function webhookQueries(sql: Sql): WebhookQueries {
  return {
    async insert(webhook) {
      await sql.post(
        `INSERT INTO webhooks (id, world_id, dialect, number_id, name, url, events, secret, is_active, failed_in_a_row,
           created_at, updated_at)
         VALUES (@id, @tenantId, @dialect, @numberId, @name, @url, @events, @secret, @isActive, 0,
           @createdAt, @updatedAt)`,
        valuesOf(webhook),
      );
    },
    async update(webhook) {
      await sql.post(
        `UPDATE webhooks SET number_id = @numberId, name = @name, url = @url, events = @events, secret = @secret,
           previous_secret = @previousSecret, previous_secret_until = @previousSecretUntil, is_active = @isActive,
           failed_in_a_row = @consecutiveFailures, updated_at = @updatedAt
         WHERE id = @id AND world_id = @tenantId`,
        valuesOf(webhook),
      );
    },
    async get(id) {
      const row = await sql.get<WebhookRow>('SELECT * FROM webhooks WHERE id = ? AND deleted_at IS NULL', id);
      return row && webhookFrom(row);
    },
    async find(tenantId, dialect, id) {
      const row = await sql.get<WebhookRow>(FIND, id, tenantId, dialect);
      return row && webhookFrom(row);
    },
    async list(tenantId, dialect) {
      const rows = await sql.all<WebhookRow>(
        `SELECT * FROM webhooks WHERE world_id = ? AND dialect = ? AND is_callback = 0 AND deleted_at IS NULL
         ORDER BY id`,
        tenantId,
        dialect,
      );
      return rows.map(webhookFrom);
    },
    async ofTenant(tenantId) {
      const rows = await sql.all<WebhookRow>(
        'SELECT * FROM webhooks WHERE world_id = ? AND is_callback = 0 AND deleted_at IS NULL ORDER BY id',
        tenantId,
      );
      return rows.map(webhookFrom);
    },
    async activeOf(tenantId) {
      const rows = await sql.all<WebhookRow>(
        `SELECT * FROM webhooks WHERE world_id = ? AND is_active = 1 AND is_callback = 0 AND deleted_at IS NULL
         ORDER BY id`,
        tenantId,
      );
      return rows.map(webhookFrom);
    },
    async findCallback(tenantId, url) {
      const row = await sql.get<WebhookRow>(
        'SELECT * FROM webhooks WHERE world_id = ? AND url = ? AND is_callback = 1',
        tenantId,
        url,
      );
      return row && webhookFrom(row);
    },
    async putCallback(webhook) {
      const values = valuesOf(webhook);
      const row = await sql.get<{ id: string }>(
        `UPDATE webhooks SET events = @events, secret = @secret, is_active = 1, updated_at = @updatedAt,
           failed_in_a_row = CASE is_active WHEN 1 THEN failed_in_a_row ELSE 0 END
         WHERE world_id = @tenantId AND url = @url AND is_callback = 1 RETURNING id`,
        values,
      );
      if (row !== undefined) return row.id;
      await sql.run(
        `INSERT INTO webhooks (id, world_id, dialect, number_id, name, url, events, secret, is_active, failed_in_a_row,
           created_at, updated_at, is_callback)
         VALUES (@id, @tenantId, @dialect, NULL, NULL, @url, @events, @secret, 1, 0, @createdAt, @updatedAt, 1)`,
        values,
      );
      return webhook.id;
    },
    purgeCallbacks(before, limit) {
      return sql.run(
        `DELETE FROM webhooks WHERE id IN (
           SELECT id FROM webhooks INDEXED BY webhooks_callbacks_age
           WHERE is_callback = 1 AND updated_at < ? AND NOT EXISTS (
             SELECT 1 FROM webhook_deliveries d WHERE d.webhook_id = webhooks.id) LIMIT ?)`,
        before,
        limit,
      );
    },
    async markRemoved(tenantId, dialect, id, at) {
      const changed = await sql.run(
        `UPDATE webhooks SET is_active = 0, deleted_at = @at
         WHERE id = @id AND world_id = @tenantId AND dialect = @dialect AND is_callback = 0 AND deleted_at IS NULL`,
        { id, tenantId, dialect, at },
      );
      return changed > 0;
    },
    async remove(id) {
      await sql.post('DELETE FROM webhooks WHERE id = ?', id);
    },
  };
}
