/**
 * SQL of what is under way: what waits, what devices hold, what is over. The literals of partial indexes
 * (`status = 'queued'`) are written out, since the planner uses such an index only where it can see the literal.
 */

import { PACE_DEFER_REASONS, type WaitReason } from '../../core/model/pace.ts';
import type { QueueQueries } from '../../core/ports/queue.ts';
import type { Sql } from '../database.ts';
import { DEFERRED_LANE_OFFSET, messageReader } from './message-rows.ts';

// A person is left out while an earlier message to them is with another device, or with this one where a
// hand-out may have been lost and will be given again. A text and a WhatsApp message don't wait for each other.
const NEXT_QUEUED = `SELECT m.* FROM messages m INDEXED BY messages_queue
  WHERE m.number_id = ? AND m.status = 'queued' AND (SELECT is_live FROM numbers WHERE id = ?) = ?
    AND m.lane < 500 AND m.expires_at > ?
    AND (? = 'all' OR (m.requested_service = 'whatsapp') = (? = 'whatsapp'))
    AND NOT EXISTS (
      SELECT 1 FROM messages o INDEXED BY messages_out
      WHERE o.number_id = m.number_id AND o.remote = m.remote AND o.status = 'polling'
        AND (? = 'all' OR (o.requested_service = 'whatsapp') = (? = 'whatsapp'))
        AND (o.device_id <> ? OR (o.lease_journaled = 1 AND 0 = ?)))
  ORDER BY m.lane, m.id LIMIT ?`;

// The index holds only what is queued, and all that is asked for here.
const LONGEST_QUEUES = `SELECT q.number_id, n.phone_number, q.messages, q.oldest_id FROM (
    SELECT number_id, COUNT(*) AS messages, MIN(id) AS oldest_id FROM messages INDEXED BY messages_queue
    WHERE status = 'queued' AND lane < 500 GROUP BY number_id) q
  JOIN numbers n ON n.id = q.number_id WHERE n.is_live = 1 ORDER BY q.messages DESC, q.number_id LIMIT ?`;

const PACE_REASONS = PACE_DEFER_REASONS.map((reason) => `'${reason}'`).join(', ');

interface QueueRow {
  number_id: string;
  phone_number: string;
  messages: number;
  oldest_id: string;
}

export function queueQueries(sql: Sql): QueueQueries {
  const { many } = messageReader(sql);
  return {
    nextQueued({ numberId, environment, channels, deviceId, keepsOrder, now, limit }) {
      return many(
        NEXT_QUEUED,
        numberId,
        numberId,
        environment === 'live' ? 1 : 0,
        now,
        channels,
        channels,
        channels,
        channels,
        deviceId,
        keepsOrder ? 1 : 0,
        limit,
      );
    },
    nextExpiredLeases(deviceId, now, limit) {
      return many(
        `SELECT * FROM messages WHERE device_id = ? AND status = 'polling' AND lease_journaled = 1
           AND lease_until <= ? ORDER BY id LIMIT ?`,
        deviceId,
        now,
        limit,
      );
    },
    leasedBy(deviceId) {
      return many("SELECT * FROM messages WHERE device_id = ? AND status = 'polling' ORDER BY id", deviceId);
    },
    async setLeaseEnd(messages, leaseUntil) {
      for (const { tenantId, id } of messages) {
        await sql.run(
          "UPDATE messages SET lease_until = ? WHERE world_id = ? AND id = ? AND status = 'polling'",
          leaseUntil,
          tenantId,
          id,
        );
      }
    },
    unreported(now, limit) {
      return many(
        `SELECT * FROM messages WHERE status = 'polling' AND lease_journaled = 0 AND lease_until <= ?
         ORDER BY lease_until LIMIT ?`,
        now,
        limit,
      );
    },
    async expired(now, id, limit) {
      const out = await many(
        "SELECT * FROM messages WHERE status = 'polling' AND expires_at <= ? ORDER BY expires_at LIMIT ?",
        now,
        limit,
      );
      const waiting = await many(
        `SELECT * FROM messages INDEXED BY messages_queue
         WHERE status = 'queued' AND id < ? AND expires_at <= ? LIMIT ?`,
        id,
        now,
        limit,
      );
      return [...out, ...waiting];
    },
    async hasDueDeferrals(now) {
      const row = await sql.get(
        `SELECT 1 FROM messages INDEXED BY messages_held_back
         WHERE status = 'queued' AND lane >= 500 AND not_before <= ? LIMIT 1`,
        now,
      );
      return row !== undefined;
    },
    async endDueDeferrals(now) {
      const rows = await sql.all<{ number_id: string }>(
        `SELECT DISTINCT number_id FROM messages INDEXED BY messages_held_back
         WHERE status = 'queued' AND lane >= 500 AND not_before <= ?`,
        now,
      );
      if (rows.length === 0) return [];
      await sql.run(
        `UPDATE messages INDEXED BY messages_held_back SET lane = lane - ?
         WHERE status = 'queued' AND lane >= 500 AND not_before <= ?`,
        DEFERRED_LANE_OFFSET,
        now,
      );
      return rows.map((row) => row.number_id);
    },
    pastRequestedExpiry(now, limit) {
      return many(
        `SELECT * FROM messages INDEXED BY messages_own_expiry
         WHERE status = 'queued' AND has_own_expiry = 1 AND expires_at <= ? ORDER BY expires_at LIMIT ?`,
        now,
        limit,
      );
    },
    async defer({ tenantId, id, isDeferred }, until, reason) {
      await sql.run(
        'UPDATE messages SET lane = lane + ?, not_before = ?, hold_reason = ? WHERE world_id = ? AND id = ?',
        isDeferred ? 0 : DEFERRED_LANE_OFFSET,
        until,
        reason,
        tenantId,
        id,
      );
    },
    async deferredFor(numberId, handle, beforeId) {
      const row = await sql.get<{ not_before: number; hold_reason: string }>(
        `SELECT not_before, hold_reason FROM messages INDEXED BY messages_held_for
         WHERE number_id = ? AND remote = ? AND id < ? AND status = 'queued' AND lane >= 500
           AND hold_reason IN (${PACE_REASONS}) ORDER BY id LIMIT 1`,
        numberId,
        handle,
        beforeId,
      );
      return row && { until: row.not_before, reason: row.hold_reason as WaitReason };
    },
    async reconsiderDeferred(numberId, handle, now) {
      await sql.run(
        `UPDATE messages INDEXED BY messages_held_for SET not_before = ?
         WHERE number_id = ? ${handle === undefined ? '' : 'AND remote = ?'} AND status = 'queued' AND lane >= 500
           AND hold_reason IN (${PACE_REASONS})`,
        now,
        numberId,
        ...(handle === undefined ? [] : [handle]),
      );
    },
    async promote(numberId, handle) {
      await sql.run(
        `UPDATE messages SET lane = -1 WHERE (world_id, id) IN (
           SELECT world_id, id FROM messages INDEXED BY messages_queue
           WHERE number_id = ? AND status = 'queued' AND lane = 0 AND remote = ?)`,
        numberId,
        handle,
      );
    },
    async hasExchangedSince(tenantId, numberId, handle, sinceId) {
      const row = await sql.get(
        `SELECT 1 FROM messages INDEXED BY messages_by_remote
         WHERE world_id = ? AND remote = ? AND id >= ? AND status <> 'queued' AND status <> 'failed'
           AND number_id = ? AND chat IS NULL LIMIT 1`,
        tenantId,
        handle,
        sinceId,
        numberId,
      );
      return row !== undefined;
    },
    async unansweredTo(tenantId, numberId, handle, limit) {
      const rows = await sql.all<{ direction: string }>(
        `SELECT direction FROM messages INDEXED BY messages_by_remote
         WHERE world_id = ? AND remote = ? AND status <> 'queued' AND status <> 'failed'
           AND number_id = ? AND chat IS NULL ORDER BY id DESC LIMIT ?`,
        tenantId,
        handle,
        numberId,
        limit,
      );
      const answer = rows.findIndex(({ direction }) => direction === 'inbound');
      return answer < 0 ? rows.length : answer;
    },
    async countQueued(numberId) {
      const row = await sql.get<{ n: number }>(
        "SELECT COUNT(*) AS n FROM messages INDEXED BY messages_queue WHERE number_id = ? AND status = 'queued'",
        numberId,
      );
      return row?.n ?? 0;
    },
    scheduled(tenantId, { now, limit, after }) {
      const from = after === undefined ? '' : 'AND (send_at, id) > (?, ?)';
      return many(
        `SELECT * FROM messages INDEXED BY messages_scheduled
         WHERE world_id = ? AND status = 'queued' AND send_at IS NOT NULL AND send_at > ? ${from}
         ORDER BY send_at, id LIMIT ?`,
        tenantId,
        now,
        ...(after === undefined ? [] : [after.sendAt, after.id]),
        limit,
      );
    },
    async queuedOrLeased(numberId) {
      const waiting = await many(
        "SELECT * FROM messages INDEXED BY messages_queue WHERE number_id = ? AND status = 'queued'",
        numberId,
      );
      const out = await many("SELECT * FROM messages WHERE number_id = ? AND status = 'polling'", numberId);
      return [...waiting, ...out];
    },
    async longestQueues(limit) {
      const rows = await sql.all<QueueRow>(LONGEST_QUEUES, limit);
      return rows.map((row) => ({
        numberId: row.number_id,
        phoneNumber: row.phone_number,
        messages: row.messages,
        oldestId: row.oldest_id,
      }));
    },
    sentSince(environment, since) {
      return many(
        `SELECT m.* FROM worlds w CROSS JOIN messages m INDEXED BY messages_by_status
         WHERE m.world_id = w.id AND w.environment = ? AND m.status = 'sent' AND m.status <> 'queued' AND m.direction = 'outbound'
           AND m.sent_at >= ?`,
        environment,
        since,
      );
    },
    queuedFor(tenantId, handle) {
      return many(
        `SELECT m.* FROM numbers n CROSS JOIN messages m INDEXED BY messages_queue
         WHERE n.world_id = ? AND m.number_id = n.id AND m.status = 'queued' AND m.remote = ?`,
        tenantId,
        handle,
      );
    },
  };
}
