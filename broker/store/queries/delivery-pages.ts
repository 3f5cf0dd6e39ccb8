/** Reads pages of the deliveries of one webhook. */
import type { DeliveryStatus, EventType, WebhookDelivery } from '../../core/model/event.ts';
import type { DeliveryQueries } from '../../core/ports/webhooks.ts';
import type { Sql } from '../database.ts';

export interface DeliveryRow {
  id: string;
  webhook_id: string;
  event_id: string;
  message_id: string | null;
  is_replay: number;
  status: string;
  attempts: number;
  next_attempt_at: number;
  created_at: number;
}

export function deliveryFrom(row: DeliveryRow): WebhookDelivery {
  return {
    id: row.id,
    webhookId: row.webhook_id,
    eventId: row.event_id,
    messageId: row.message_id,
    isReplay: row.is_replay === 1,
    status: row.status as DeliveryStatus,
    attempts: row.attempts,
    nextAttemptAt: row.next_attempt_at,
    createdAt: row.created_at,
  };
}

type TypedRow = DeliveryRow & { type: string };

const typedFrom = (row: TypedRow) => ({ ...deliveryFrom(row), type: row.type as EventType });

/** Sorts after every id. */
const LAST = '~';
/** Number of deliveries that one page with a filter examines. */
const EXAMINED = 2_000;

const SELECT = 'SELECT d.*, e.type FROM webhook_deliveries d JOIN events e ON e.id = d.event_id';
const OF_WEBHOOK = `FROM webhook_deliveries INDEXED BY webhook_deliveries_of_webhook
  WHERE webhook_id = @webhookId AND id < @before ORDER BY id DESC`;

const SUCCESS = "status = 'delivered'";
/** Also a delivery that was not attempted because its webhook became inactive. */
const FAILURE = "(status = 'failed' OR (status = 'pending' AND attempts > 0))";

export function deliveryPages(sql: Sql): Pick<DeliveryQueries, 'of' | 'find' | 'withStatus' | 'matching'> {
  /** Returns the last id that a page examines; undefined: the page reaches the end. */
  const endOf = async (webhookId: string, before: string) => {
    const end = await sql.get<{ id: string }>(`SELECT id ${OF_WEBHOOK} LIMIT 1 OFFSET ${EXAMINED - 1}`, {
      webhookId,
      before,
    });
    return end?.id;
  };

  return {
    async of(webhookId, { limit, before = LAST }) {
      const rows = await sql.all<TypedRow>(
        `${SELECT} WHERE d.webhook_id = ? AND d.id < ? ORDER BY d.id DESC LIMIT ?`,
        webhookId,
        before,
        limit,
      );
      return rows.map(typedFrom);
    },
    async find(webhookId, id) {
      const row = await sql.get<TypedRow>(`${SELECT} WHERE d.id = ? AND d.webhook_id = ?`, id, webhookId);
      return row && typedFrom(row);
    },
    async withStatus(webhookId, status, { limit, before = LAST }) {
      const values = { webhookId, status, before, limit: limit + 1 };
      const isIndexed = status === 'failed';
      const rows = await sql.all<TypedRow>(
        isIndexed
          ? `SELECT d.*, e.type FROM webhook_deliveries d INDEXED BY webhook_deliveries_failed
             JOIN events e ON e.id = d.event_id
             WHERE d.webhook_id = @webhookId AND d.status = 'failed' AND d.id < @before ORDER BY d.id DESC LIMIT @limit`
          : `${SELECT} WHERE d.id IN (SELECT id FROM (SELECT id, status ${OF_WEBHOOK} LIMIT ${EXAMINED}) AS examined
             WHERE examined.status = @status) ORDER BY d.id DESC LIMIT @limit`,
        values,
      );
      const deliveries = rows.slice(0, limit).map(typedFrom);
      if (rows.length > limit) return { deliveries, next: deliveries.at(-1)?.id };
      if (isIndexed) return { deliveries, next: undefined };
      return { deliveries, next: await endOf(webhookId, before) };
    },
    async matching(webhookId, { isSuccess, type }, { before = LAST }) {
      const ofResult = isSuccess === undefined ? '' : `AND ${isSuccess ? SUCCESS : FAILURE}`;
      const ofType = type === undefined ? '' : 'AND e.type = @type';
      const rows = await sql.all<TypedRow>(
        `SELECT part.*, e.type FROM (SELECT * ${OF_WEBHOOK} LIMIT ${EXAMINED}) AS part CROSS JOIN events e
         WHERE e.id = part.event_id ${ofResult} ${ofType} ORDER BY part.id DESC`,
        { webhookId, before, type },
      );
      return { deliveries: rows.map(typedFrom), next: await endOf(webhookId, before) };
    },
  };
}
