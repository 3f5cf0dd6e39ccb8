/** Stores events, their webhook deliveries, and each delivery attempt. */

import type { EventType, HomingEvent } from '../../core/model/event.ts';
import type { DeliveryQueries, EventQueries, StreamQueries } from '../../core/ports/webhooks.ts';
import type { Sql } from '../database.ts';
import type { Dialect } from '../dialect.ts';
import { pendingDeliveries } from './counts.ts';
import { type DeliveryRow, deliveryFrom, deliveryPages } from './delivery-pages.ts';
import { subjectFrom } from './event-subject.ts';

interface EventRow {
  id: string;
  world_id: number;
  type: string;
  message_id: string | null;
  subject: string;
  created_at: number;
}

function eventFrom(row: EventRow): HomingEvent {
  return {
    id: row.id,
    tenantId: row.world_id,
    type: row.type as EventType,
    messageId: row.message_id,
    subject: subjectFrom(row.subject),
    createdAt: row.created_at,
  };
}

/** Calls `onInsert` for each event, before the commit. */
export function eventQueries(sql: Sql, onInsert: (tenantId: number) => void): EventQueries {
  return {
    async insert({ id, tenantId, type, messageId, subject, createdAt }) {
      await sql.insert(
        `INSERT INTO events (id, world_id, type, message_id, subject, created_at)
         VALUES (@id, @tenantId, @type, @messageId, @subject, @createdAt)`,
        { id, tenantId, type, messageId, subject: JSON.stringify(subject), createdAt },
      );
      onInsert(tenantId);
    },
    async find(tenantId, id) {
      const row = await sql.get<EventRow>('SELECT * FROM events WHERE id = ? AND world_id = ?', id, tenantId);
      return row && eventFrom(row);
    },
    async after(tenantId, id, { maxEvents, maxBytes }) {
      // The first event is returned whatever its size.
      const rows = await sql.all<EventRow>(
        `SELECT * FROM events INDEXED BY events_of_world
         WHERE world_id = @tenantId AND id > @id AND id <= (
           SELECT MAX(id) FROM (
             SELECT id, SUM(bytes) OVER (ORDER BY id) - bytes AS bytes_before FROM (
               SELECT id, octet_length(subject) AS bytes FROM events INDEXED BY events_of_world
               WHERE world_id = @tenantId AND id > @id ORDER BY id LIMIT @maxEvents
             ) AS sizes
           ) AS running WHERE bytes_before < @maxBytes
         ) ORDER BY id`,
        { tenantId, id, maxEvents, maxBytes },
      );
      return rows.map(eventFrom);
    },
    async purge({ after, beforeId, limit }) {
      const last = await sql.get<{ id: string }>(
        'SELECT id FROM events WHERE id > @after AND id < @beforeId ORDER BY id LIMIT 1 OFFSET @skipped',
        { after, beforeId, skipped: limit - 1 },
      );
      const range = `id > @after AND ${last === undefined ? 'id < @beforeId' : 'id <= @last'}`;
      const deleted = await sql.run(
        `DELETE FROM events WHERE ${range}
           AND NOT ${sql.dialect.exists('SELECT 1 FROM webhook_deliveries d WHERE d.event_id = events.id')}`,
        { after, beforeId, last: last?.id },
      );
      return { deleted, next: last?.id };
    },
  };
}

export function streamQueries(sql: Sql): StreamQueries {
  return {
    async recordedUntil(tenantId) {
      const row = await sql.get<{ wanted_until: number }>(
        'SELECT wanted_until FROM event_streams WHERE world_id = ?',
        tenantId,
      );
      return row?.wanted_until ?? 0;
    },
    async recordUntil(tenantId, until) {
      await sql.post(
        `INSERT INTO event_streams (world_id, wanted_until) VALUES (?, ?)
         ON CONFLICT (world_id) DO UPDATE SET wanted_until = excluded.wanted_until`,
        tenantId,
        until,
      );
    },
  };
}

const DELIVERY_OF_EVENT = `SELECT 1 FROM webhook_deliveries d
  WHERE d.event_id = events.id AND d.webhook_id = @webhookId AND d.status IN ('delivered', 'pending')`;

// Steps from one webhook to the next in the index, so the cost does not depend on the length of a backlog.
const WEBHOOKS_WITH_PENDING = `WITH RECURSIVE waiting (id) AS (
    SELECT MIN(webhook_id) FROM webhook_deliveries WHERE status = 'pending'
    UNION ALL
    SELECT (SELECT MIN(webhook_id) FROM webhook_deliveries WHERE status = 'pending' AND webhook_id > waiting.id)
    FROM waiting WHERE id IS NOT NULL)
  SELECT id FROM waiting WHERE id IS NOT NULL`;

const EARLIER = `SELECT 1 FROM webhook_deliveries e INDEXED BY webhook_deliveries_order
  WHERE e.webhook_id = d.webhook_id AND e.message_id = d.message_id AND e.status = 'pending' AND e.id < d.id`;

// Earlier events of the same message go first, also while they wait for a retry.
const dueOf = (dialect: Dialect) => `SELECT d.*, v.world_id, v.type, v.subject, v.created_at AS happened_at
  FROM webhook_deliveries d INDEXED BY webhook_deliveries_due CROSS JOIN events v
  WHERE v.id = d.event_id AND d.webhook_id = ? AND d.status = 'pending' AND d.next_attempt_at <= ? AND NOT ${dialect.exists(EARLIER)}
  ORDER BY d.next_attempt_at, d.id LIMIT ?`;

interface DueRow extends DeliveryRow {
  world_id: number;
  type: string;
  subject: string;
  happened_at: number;
}

/** Calls `onInsert` for each delivery, before the commit. */
export function deliveryQueries(sql: Sql, onInsert: (webhookId: string) => void): DeliveryQueries {
  const due = dueOf(sql.dialect);
  return {
    async insert(delivery) {
      await sql.insert(
        `INSERT INTO webhook_deliveries (id, webhook_id, event_id, message_id, is_replay, status, attempts,
           next_attempt_at, created_at)
         VALUES (@id, @webhookId, @eventId, @messageId, @isReplay, @status, @attempts, @nextAttemptAt, @createdAt)`,
        { ...delivery, isReplay: delivery.isReplay ? 1 : 0 },
      );
      onInsert(delivery.webhookId);
    },
    async replayable({ tenantId, webhookId, types, after, before, isUndeliveredOnly, limit }) {
      const typeNames = types.map((_, index) => `@type${index}`).join(', ');
      const typeValues = Object.fromEntries(types.map((type, index) => [`type${index}`, type]));
      const rows = await sql.all<EventRow>(
        `SELECT * FROM events INDEXED BY events_of_world
         WHERE world_id = @tenantId AND id > @after AND id < @before AND type IN (${typeNames})
           ${isUndeliveredOnly ? `AND NOT ${sql.dialect.exists(DELIVERY_OF_EVENT)}` : ''} ORDER BY id LIMIT @limit`,
        { tenantId, webhookId, after, before, limit, ...typeValues },
      );
      return rows.map(eventFrom);
    },
    ...deliveryPages(sql),
    async ofMessage(messageId, limit) {
      const rows = await sql.all<DeliveryRow & { type: string }>(
        `SELECT d.*, e.type FROM webhook_deliveries d CROSS JOIN events e
         WHERE e.id = d.event_id AND d.message_id = ? AND d.message_id IS NOT NULL ORDER BY d.id LIMIT ?`,
        messageId,
        limit,
      );
      return rows.map((row) => ({ ...deliveryFrom(row), type: row.type as EventType }));
    },
    async webhooksWithPending() {
      return (await sql.all<{ id: string }>(WEBHOOKS_WITH_PENDING)).map(({ id }) => id);
    },
    async due(webhookId, now, limit) {
      const rows = await sql.all<DueRow>(due, webhookId, now, limit);
      return rows.map((row) => ({
        delivery: deliveryFrom(row),
        readEvent: () =>
          eventFrom({
            id: row.event_id,
            world_id: row.world_id,
            type: row.type,
            message_id: row.message_id,
            subject: row.subject,
            created_at: row.happened_at,
          }),
      }));
    },
    pending: pendingDeliveries(sql),
    async nextDueAt(webhookId, now) {
      const row = await sql.get<{ next_attempt_at: number }>(
        `SELECT next_attempt_at FROM webhook_deliveries INDEXED BY webhook_deliveries_due
         WHERE webhook_id = ? AND status = 'pending' AND next_attempt_at > ? ORDER BY next_attempt_at LIMIT 1`,
        webhookId,
        now,
      );
      return row?.next_attempt_at;
    },
    async record({ id, status, attempts, nextAttemptAt }, attempt) {
      const changed = await sql.run(
        'UPDATE webhook_deliveries SET status = ?, attempts = ?, next_attempt_at = ? WHERE id = ?',
        status,
        attempts,
        nextAttemptAt,
        id,
      );
      if (changed === 0) return false;
      await sql.post(
        `INSERT INTO webhook_attempts (delivery_id, attempt, at, duration_ms, status_code, answer)
         VALUES (@deliveryId, @attempt, @at, @durationMs, @statusCode, @answer)`,
        { ...attempt, deliveryId: id },
      );
      return true;
    },
    async attemptsOf(deliveryId) {
      const rows = await sql.all<{
        attempt: number;
        at: number;
        duration_ms: number;
        status_code: number | null;
        answer: string;
      }>('SELECT * FROM webhook_attempts WHERE delivery_id = ? ORDER BY attempt', deliveryId);
      return rows.map(({ attempt, at, duration_ms, status_code, answer }) => ({
        attempt,
        at,
        durationMs: duration_ms,
        statusCode: status_code,
        answer,
      }));
    },
    purge(beforeId, limit) {
      return sql.run(
        `DELETE FROM webhook_deliveries WHERE id IN (
           SELECT id FROM webhook_deliveries WHERE id < ? AND status <> 'pending' LIMIT ?)`,
        beforeId,
        limit,
      );
    },
    shortenDelays(webhookId, { now, until, limit }) {
      return sql.run(
        `UPDATE webhook_deliveries SET next_attempt_at = @now WHERE id IN (
           SELECT id FROM webhook_deliveries INDEXED BY webhook_deliveries_due
           WHERE webhook_id = @webhookId AND status = 'pending' AND next_attempt_at > @until LIMIT @limit)`,
        { webhookId, now, until, limit },
      );
    },
    failPending(webhookId, beforeId, limit) {
      return sql.run(
        `UPDATE webhook_deliveries SET status = 'failed' WHERE id IN (
           SELECT id FROM webhook_deliveries INDEXED BY webhook_deliveries_due
           WHERE webhook_id = ? AND status = 'pending' AND id < ? LIMIT ?)`,
        webhookId,
        beforeId,
        limit,
      );
    },
    removeOf(webhookId, limit) {
      return sql.run(
        `DELETE FROM webhook_deliveries WHERE id IN (
           SELECT id FROM webhook_deliveries INDEXED BY webhook_deliveries_of_webhook WHERE webhook_id = ? LIMIT ?)`,
        webhookId,
        limit,
      );
    },
  };
}
