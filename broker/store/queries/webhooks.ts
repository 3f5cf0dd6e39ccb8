/** SQL of webhooks, of what happened and of what is to be delivered. */

import type { EventQueries, WebhookQueries } from '../../core/store-port.ts';
import type { DeliveryStatus, EventType, HomingEvent, WebhookDelivery } from '../../core/webhooks/events.ts';
import type { Webhook, WebhookDialect } from '../../core/webhooks/webhooks.ts';
import type { Sql } from '../database.ts';

interface WebhookRow {
  id: string;
  world_id: number;
  dialect: string;
  number_id: string | null;
  name: string | null;
  url: string;
  events: string;
  secret: string;
  is_active: number;
  created_at: number;
  updated_at: number;
}

function webhookFrom(row: WebhookRow): Webhook {
  return {
    id: row.id,
    worldId: row.world_id,
    dialect: row.dialect as WebhookDialect,
    numberId: row.number_id,
    name: row.name,
    url: row.url,
    events: JSON.parse(row.events),
    secret: row.secret,
    isActive: row.is_active === 1,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

const ONE = 'SELECT * FROM webhooks WHERE id = ? AND world_id = ? AND dialect = ?';

export function webhookQueries(sql: Sql): WebhookQueries {
  return {
    async insert(webhook) {
      await sql.run(
        `INSERT INTO webhooks (id, world_id, dialect, number_id, name, url, events, secret, is_active, created_at,
           updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        webhook.id,
        webhook.worldId,
        webhook.dialect,
        webhook.numberId,
        webhook.name,
        webhook.url,
        JSON.stringify(webhook.events),
        webhook.secret,
        webhook.isActive ? 1 : 0,
        webhook.createdAt,
        webhook.updatedAt,
      );
    },
    async update({ id, worldId, name, url, events, isActive, updatedAt }) {
      await sql.run(
        `UPDATE webhooks SET name = ?, url = ?, events = ?, is_active = ?, updated_at = ?
         WHERE id = ? AND world_id = ?`,
        name,
        url,
        JSON.stringify(events),
        isActive ? 1 : 0,
        updatedAt,
        id,
        worldId,
      );
    },
    async find(worldId, dialect, id) {
      const row = await sql.get<WebhookRow>(ONE, id, worldId, dialect);
      return row && webhookFrom(row);
    },
    async list(worldId, dialect) {
      const rows = await sql.all<WebhookRow>(
        'SELECT * FROM webhooks WHERE world_id = ? AND dialect = ? ORDER BY id',
        worldId,
        dialect,
      );
      return rows.map(webhookFrom);
    },
    async activeOf(worldId) {
      const rows = await sql.all<WebhookRow>(
        'SELECT * FROM webhooks WHERE world_id = ? AND is_active = 1 ORDER BY id',
        worldId,
      );
      return rows.map(webhookFrom);
    },
    async remove(worldId, dialect, id) {
      return (
        (await sql.run(
          'DELETE FROM webhooks WHERE id = ? AND world_id = ? AND dialect = ?',
          id,
          worldId,
          dialect,
        )) > 0
      );
    },
  };
}

interface EventRow {
  id: string;
  world_id: number;
  type: string;
  subject: string;
  created_at: number;
}

function eventFrom(row: EventRow): HomingEvent {
  return {
    id: row.id,
    worldId: row.world_id,
    type: row.type as HomingEvent['type'],
    subject: JSON.parse(row.subject),
    createdAt: row.created_at,
  };
}

interface DeliveryRow {
  id: string;
  webhook_id: string;
  event_id: string;
  is_replay: number;
  status: string;
  attempts: number;
  next_attempt_at: number;
  created_at: number;
}

function deliveryFrom(row: DeliveryRow): WebhookDelivery {
  return {
    id: row.id,
    webhookId: row.webhook_id,
    eventId: row.event_id,
    isReplay: row.is_replay === 1,
    status: row.status as DeliveryStatus,
    attempts: row.attempts,
    nextAttemptAt: row.next_attempt_at,
    createdAt: row.created_at,
  };
}

export function eventQueries(sql: Sql): EventQueries {
  return {
    async insert({ id, worldId, type, subject, createdAt }) {
      await sql.run(
        'INSERT INTO events (id, world_id, type, subject, created_at) VALUES (?, ?, ?, ?, ?)',
        id,
        worldId,
        type,
        JSON.stringify(subject),
        createdAt,
      );
    },
    async find(worldId, id) {
      const row = await sql.get<EventRow>('SELECT * FROM events WHERE id = ? AND world_id = ?', id, worldId);
      return row && eventFrom(row);
    },
    async list(worldId, { limit, before }) {
      const rows = await sql.all<EventRow>(
        `SELECT * FROM events WHERE world_id = ? ${before === undefined ? '' : 'AND id < ?'} ORDER BY id DESC LIMIT ?`,
        worldId,
        ...(before === undefined ? [] : [before]),
        limit,
      );
      return rows.map(eventFrom);
    },
    async insertDelivery(delivery) {
      await sql.run(
        `INSERT INTO webhook_deliveries (id, webhook_id, event_id, is_replay, status, attempts, next_attempt_at,
           created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        delivery.id,
        delivery.webhookId,
        delivery.eventId,
        delivery.isReplay ? 1 : 0,
        delivery.status,
        delivery.attempts,
        delivery.nextAttemptAt,
        delivery.createdAt,
      );
    },
    async deliveriesOf(webhookId, { limit, before }) {
      const rows = await sql.all<DeliveryRow & { type: string }>(
        `SELECT d.*, e.type FROM webhook_deliveries d JOIN events e ON e.id = d.event_id
         WHERE d.webhook_id = ? ${before === undefined ? '' : 'AND d.id < ?'} ORDER BY d.id DESC LIMIT ?`,
        webhookId,
        ...(before === undefined ? [] : [before]),
        limit,
      );
      return rows.map((row) => ({ ...deliveryFrom(row), type: row.type as EventType }));
    },
  };
}
