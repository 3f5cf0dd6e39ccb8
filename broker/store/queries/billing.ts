/** Stores spend limits, usage and the purchases of numbers. */

import type { MessageStatus } from '../../core/model/message.ts';
import type { Purchase } from '../../core/model/purchase.ts';
import type { BillingQueries } from '../../core/ports/billing.ts';
import type { PurchaseQueries } from '../../core/ports/numbers.ts';
import type { Sql } from '../database.ts';

export function billingQueries(sql: Sql): BillingQueries {
  return {
    async spendLimit(tenantId) {
      const row = await sql.get<{ cents: number }>(
        'SELECT cents FROM spend_limits WHERE world_id = ?',
        tenantId,
      );
      return row?.cents ?? null;
    },
    async setSpendLimit(tenantId, cents) {
      if (cents === null) {
        await sql.post('DELETE FROM spend_limits WHERE world_id = ?', tenantId);
        return;
      }
      await sql.post(
        `INSERT INTO spend_limits (world_id, cents) VALUES (?, ?)
         ON CONFLICT (world_id) DO UPDATE SET cents = excluded.cents`,
        tenantId,
        cents,
      );
    },
    async spend(tenantId, month) {
      const row = await sql.get<{ cents: number }>(
        'SELECT cents FROM usage_spend WHERE world_id = ? AND month = ?',
        tenantId,
        month,
      );
      return row?.cents ?? 0;
    },
    async addSpend(tenantId, month, cents) {
      await sql.post(
        `INSERT INTO usage_spend (world_id, month, cents) VALUES (?, ?, ?)
         ON CONFLICT (world_id, month) DO UPDATE SET cents = usage_spend.cents + excluded.cents`,
        tenantId,
        month,
        cents,
      );
    },
    async usage(tenantId, month) {
      const rows = await sql.all<{ status: string; messages: number; segments: number; cost_cents: number }>(
        `SELECT status, messages, segments, cost_cents FROM usage_statuses
         WHERE world_id = ? AND month = ? ORDER BY status`,
        tenantId,
        month,
      );
      return rows.map(({ status, messages, segments, cost_cents }) => ({
        status: status as MessageStatus,
        messages,
        segments,
        costCents: cost_cents,
      }));
    },
    async addUsage(usage) {
      await sql.post(
        `INSERT INTO usage_statuses (world_id, month, status, messages, segments, cost_cents)
         VALUES (@tenantId, @month, @status, @messages, @segments, @costCents)
         ON CONFLICT (world_id, month, status) DO UPDATE SET messages = usage_statuses.messages + excluded.messages,
           segments = usage_statuses.segments + excluded.segments,
           cost_cents = usage_statuses.cost_cents + excluded.cost_cents`,
        { ...usage },
      );
    },
  };
}

interface PurchaseRow {
  id: string;
  world_id: number;
  provider: string;
  phone_number: string;
  label: string;
  inbound_webhook_url: string | null;
  state: string;
  number_id: string | null;
  provider_ref: string | null;
  created_at: number;
  updated_at: number;
}

function purchaseFrom(row: PurchaseRow): Purchase {
  return {
    id: row.id,
    tenantId: row.world_id,
    provider: row.provider,
    phoneNumber: row.phone_number,
    label: row.label,
    inboundWebhookUrl: row.inbound_webhook_url,
    state: row.state as Purchase['state'],
    numberId: row.number_id,
    providerRef: row.provider_ref,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export function purchaseQueries(sql: Sql): PurchaseQueries {
  return {
    async insert(purchase) {
      await sql.post(
        `INSERT INTO number_purchases (id, world_id, provider, phone_number, label, inbound_webhook_url, state,
           number_id, provider_ref, created_at, updated_at)
         VALUES (@id, @tenantId, @provider, @phoneNumber, @label, @inboundWebhookUrl, @state,
           @numberId, @providerRef, @createdAt, @updatedAt)`,
        { ...purchase },
      );
    },
    async update({ id, state, numberId, providerRef, updatedAt }) {
      await sql.post(
        `UPDATE number_purchases SET state = @state, number_id = @numberId, provider_ref = @providerRef,
           updated_at = @updatedAt WHERE id = @id`,
        { id, state, numberId, providerRef, updatedAt },
      );
    },
    async find(id) {
      const row = await sql.get<PurchaseRow>('SELECT * FROM number_purchases WHERE id = ?', id);
      return row && purchaseFrom(row);
    },
    async open(before) {
      const rows = await sql.all<PurchaseRow>(
        `SELECT * FROM number_purchases WHERE state IN ('started', 'bought') AND created_at < ? ORDER BY created_at`,
        before,
      );
      return rows.map(purchaseFrom);
    },
  };
}
