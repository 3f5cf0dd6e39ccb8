/**
 * Stores the queue: queued, deferred, leased and expired messages.
 *
 * SQLite uses a partial index only if the query repeats the condition of the index literally (`status = 'queued'`). A
 * deferred message has a lane from 500 on; see message-rows.ts.
 */

import { changeOf } from '../../core/model/message-change.ts';
import { PACE_DEFER_REASONS, type WaitReason } from '../../core/model/pace.ts';
import type { QueuePlace, QueueQueries } from '../../core/ports/queue.ts';
import type { Sql } from '../database.ts';
import type { Dialect } from '../dialect.ts';
import type { MessageWatch } from '../message-watch.ts';
import { queueCounts } from './counts.ts';
import { DEFERRED_LANE_OFFSET, messageReader } from './message-rows.ts';
import { queueWalk } from './queue-walk.ts';

/** Maximum number of index entries that one read of a queue examines. */
const EXAMINED_MAX = 1_000;
/** Lower than every lane. */
const FIRST_PLACE: QueuePlace = { lane: -1_000, id: '' };

const READY = `FROM messages INDEXED BY messages_queue
  WHERE number_id = @numberId AND status = 'queued' AND lane < 500 AND (lane, id) > (@lane, @id) ORDER BY lane, id`;

// Skips a recipient while an earlier message to the recipient is leased to another device. Skips the recipient also while
// a message is leased to this device, if the delivery may have been lost and will be repeated. WhatsApp messages and
// other messages do not wait for each other. Skips a recipient from the first message on that the device cannot send.
const nextQueued = (
  dialect: Dialect,
  { isAnyBusy, canAll }: { isAnyBusy: boolean; canAll: boolean },
) => `SELECT m.* FROM (SELECT world_id, lane, id, remote ${READY} LIMIT ${EXAMINED_MAX}) AS part
  CROSS JOIN messages m
  WHERE m.world_id = part.world_id AND m.id = part.id AND (SELECT is_live FROM numbers WHERE id = @numberId AND deleted_at IS NULL) = @isLive
    ${isAnyBusy ? `AND NOT ${dialect.isIn('part.remote', '@busyRecipients')}` : ''}
    ${canAll ? '' : NOT_BEHIND_UNSENDABLE}
    AND m.expires_at > @earlierNow AND (m.has_own_expiry = 0 OR m.expires_at > @now)
    AND (@channels = 'all' OR (m.requested_service = 'whatsapp') = (@channels = 'whatsapp'))
    AND NOT EXISTS (
      SELECT 1 FROM messages o INDEXED BY messages_out
      WHERE o.number_id = @numberId AND o.remote = part.remote AND o.status = 'polling'
        AND (@channels = 'all' OR (o.requested_service = 'whatsapp') = (@channels = 'whatsapp'))
        AND (o.device_id <> @deviceId OR (o.lease_journaled = 1 AND 0 = @keepsOrder)))
  ORDER BY part.lane, part.id LIMIT @limit`;

// The message itself or an earlier one to the same recipient needs a capability that the device has not.
const NOT_BEHIND_UNSENDABLE = `AND NOT EXISTS (
      SELECT 1 FROM messages n INDEXED BY messages_needing
      WHERE n.number_id = @numberId AND n.remote = part.remote AND n.id <= part.id AND n.status = 'queued'
        AND n.needs <> 0 AND n.lane < 500 AND (n.needs & @missing) <> 0)`;

const EXAMINED_LAST = `SELECT lane, id ${READY} LIMIT 1 OFFSET ${EXAMINED_MAX - 1}`;

const PACE_REASONS = PACE_DEFER_REASONS.map((reason) => `'${reason}'`).join(', ');

const isPaceReason = (reason: string | null) => PACE_DEFER_REASONS.some((one) => one === reason);

interface DeferredRow {
  world_id: number;
  id: string;
  remote: string;
  not_before: number;
  hold_reason: string | null;
}

// The index does not contain the reason. A condition on it would read all scheduled messages.
const deferredPart = (
  isEnd = '',
) => `SELECT world_id, id, remote, not_before, hold_reason FROM messages INDEXED BY messages_held_for
  WHERE number_id = @numberId AND (remote, id) > (@remote, @id) ${isEnd} AND status = 'queued' AND lane >= 500
  ORDER BY remote, id LIMIT @examined`;
const DEFERRED = deferredPart();
// PostgreSQL would sort all messages of the handle for a condition with `=`.
const DEFERRED_TO = deferredPart('AND remote <= @remote');

export function queueQueries(sql: Sql, watch?: MessageWatch): QueueQueries {
  const { many } = messageReader(sql);
  const choices = [true, false].map((canAll) => ({
    free: nextQueued(sql.dialect, { isAnyBusy: false, canAll }),
    besideBusy: nextQueued(sql.dialect, { isAnyBusy: true, canAll }),
  }));
  const [withAll, withSome] = choices as [(typeof choices)[number], (typeof choices)[number]];
  return {
    ...queueCounts(sql),
    async nextQueued(request) {
      const { numberId, environment, channels, deviceId, keepsOrder, busyRecipients, limit, after } = request;
      const { now, monotonicNow, missing } = request;
      const { free, besideBusy } = missing === 0 ? withAll : withSome;
      const place = after ?? FIRST_PLACE;
      const isAnyBusy = busyRecipients.length > 0;
      const reading = many(isAnyBusy ? besideBusy : free, {
        ...{ numberId, ...place, now, channels, deviceId, limit, missing },
        earlierNow: Math.min(now, monotonicNow),
        ...(isAnyBusy ? { busyRecipients: JSON.stringify(busyRecipients) } : {}),
        isLive: environment === 'live' ? 1 : 0,
        keepsOrder: keepsOrder ? 1 : 0,
      });
      const examinedLast = () => sql.get<QueuePlace>(EXAMINED_LAST, { numberId, ...place });
      // Needed for most queues. PostgreSQL reads it in the same round trip.
      const early = sql.dialect.engine === 'postgres' ? examinedLast() : undefined;
      // Awaited only after the other read.
      early?.catch(() => {});
      const messages = await reading;
      const last = messages.at(-1);
      if (last !== undefined && messages.length === limit) {
        return { messages, next: { lane: last.priority, id: last.id } };
      }
      return { messages, next: await (early ?? examinedLast()) };
    },
    nextExpiredLeases(deviceId, monotonicNow, limit) {
      return many(
        `SELECT * FROM messages WHERE device_id = ? AND status = 'polling' AND lease_journaled = 1
           AND lease_until <= ? ORDER BY id LIMIT ?`,
        deviceId,
        monotonicNow,
        limit,
      );
    },
    cancelRequested(since, limit) {
      return many(
        `SELECT * FROM messages INDEXED BY messages_cancel_requested
         WHERE status = 'polling' AND cancel_requested_at IS NOT NULL AND cancel_requested_at > ? LIMIT ?`,
        since,
        limit,
      );
    },
    async earliestLeaseEnd(deviceId) {
      const row = await sql.get<{ lease_until: number }>(
        `SELECT lease_until FROM messages INDEXED BY messages_held
         WHERE device_id = ? AND status = 'polling' AND lease_journaled = 1 ORDER BY lease_until LIMIT 1`,
        deviceId,
      );
      return row?.lease_until;
    },
    leasedBy(deviceId) {
      return many("SELECT * FROM messages WHERE device_id = ? AND status = 'polling' ORDER BY id", deviceId);
    },
    async setLeaseEnd(messages, leaseUntil) {
      for (const { tenantId, id } of messages) {
        await sql.post(
          "UPDATE messages SET lease_until = ? WHERE world_id = ? AND id = ? AND status = 'polling'",
          leaseUntil,
          tenantId,
          id,
        );
      }
    },
    async endJournal(deviceId, leaseUntil) {
      await sql.post(
        `UPDATE messages INDEXED BY messages_held SET lease_journaled = 0, lease_until = ?
         WHERE device_id = ? AND status = 'polling' AND lease_journaled = 1`,
        leaseUntil,
        deviceId,
      );
    },
    async shortenLeases(until) {
      await sql.post(
        `UPDATE messages INDEXED BY messages_out_expiry SET lease_until = ?
         WHERE status = 'polling' AND lease_until > ?`,
        until,
        until,
      );
    },
    unreported(monotonicNow, limit) {
      return many(
        `SELECT * FROM messages WHERE status = 'polling' AND lease_journaled = 0 AND lease_until <= ?
         ORDER BY lease_until LIMIT ?`,
        monotonicNow,
        limit,
      );
    },
    async expired(until, limit) {
      const leased = await many(
        "SELECT * FROM messages WHERE status = 'polling' AND expires_at <= ? ORDER BY expires_at LIMIT ?",
        until,
        limit,
      );
      const queued = await many(
        `SELECT * FROM messages INDEXED BY messages_expiry
         WHERE status = 'queued' AND has_own_expiry = 0 AND expires_at <= ? ORDER BY expires_at LIMIT ?`,
        until,
        limit - leased.length,
      );
      return [...leased, ...queued];
    },
    async hasDueDeferrals(now) {
      const row = await sql.get(
        `SELECT 1 FROM messages INDEXED BY messages_held_back
         WHERE status = 'queued' AND lane >= 500 AND not_before <= ? LIMIT 1`,
        now,
      );
      return row !== undefined;
    },
    async endDueDeferrals(now, limit) {
      const due = `FROM messages INDEXED BY messages_held_back
         WHERE status = 'queued' AND lane >= 500 AND not_before <= @now ORDER BY not_before, world_id, id LIMIT @limit`;
      const rows = await sql.all<{ number_id: string }>(`SELECT number_id ${due}`, { now, limit });
      if (rows.length === 0) return [];
      await sql.post(
        `UPDATE messages SET lane = lane - @laneOffset WHERE (world_id, id) IN (SELECT world_id, id ${due})`,
        { now, limit, laneOffset: DEFERRED_LANE_OFFSET },
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
    async defer(message, { until, reason, expiresAt }) {
      const { tenantId, id, isDeferred } = message;
      await sql.post(
        `UPDATE messages SET lane = lane + @laneOffset, not_before = @until, hold_reason = @reason,
           expires_at = @expiresAt
         WHERE world_id = @tenantId AND id = @id`,
        { tenantId, id, laneOffset: isDeferred ? 0 : DEFERRED_LANE_OFFSET, until, reason, expiresAt },
      );
      if (watch?.isActive) watch.changed(changeOf(message));
    },
    async setExpiry({ tenantId, id }, expiresAt) {
      await sql.post(
        'UPDATE messages SET expires_at = ? WHERE world_id = ? AND id = ?',
        expiresAt,
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
    async reconsiderPart(numberId, { handle, after, now, limit }) {
      const [remote = '', id = ''] = after.split('\n');
      const part = handle === undefined ? DEFERRED : DEFERRED_TO;
      const place = { numberId, remote: handle ?? remote, id };
      const examined = await sql.all<DeferredRow>(part, { ...place, examined: EXAMINED_MAX });
      const found = examined.filter(({ hold_reason }) => isPaceReason(hold_reason));
      const rows = found.slice(0, limit);
      for (const row of rows) {
        await sql.post(
          'DELETE FROM pace_log WHERE number_id = ? AND at = ? AND message_id = ? AND is_reserved = 1',
          numberId,
          row.not_before,
          row.id,
        );
        await sql.post(
          'UPDATE messages SET not_before = ? WHERE world_id = ? AND id = ?',
          now,
          row.world_id,
          row.id,
        );
      }
      const isCut = found.length > limit || examined.length === EXAMINED_MAX;
      const last = found.length > limit ? rows.at(-1) : examined.at(-1);
      return isCut && last !== undefined ? `${last.remote}\n${last.id}` : undefined;
    },
    async promote(numberId, handle) {
      await sql.post(
        `UPDATE messages INDEXED BY messages_held_for SET lane = ?
         WHERE number_id = ? AND remote = ? AND status = 'queued' AND lane >= 500 AND lane = ?
           AND hold_reason IN (${PACE_REASONS})`,
        DEFERRED_LANE_OFFSET - 1,
        numberId,
        handle,
        DEFERRED_LANE_OFFSET,
      );
      await sql.post(
        `UPDATE messages SET lane = -1 WHERE (world_id, id) IN (
           SELECT world_id, id FROM messages INDEXED BY messages_queue
           WHERE number_id = ? AND status = 'queued' AND lane = 0 AND remote = ?)`,
        numberId,
        handle,
      );
      await sql.post(
        `UPDATE messages INDEXED BY messages_out SET lane = -1
         WHERE number_id = ? AND remote = ? AND status = 'polling' AND lane = 0`,
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
      const latestInbound = rows.findIndex(({ direction }) => direction === 'inbound');
      return latestInbound < 0 ? rows.length : latestInbound;
    },
    async queueOf(numberId, limit) {
      const rows = await sql.all<{ id: string; lane: number; remote: string }>(
        `SELECT id, lane, remote FROM messages INDEXED BY messages_queue
         WHERE number_id = ? AND status = 'queued' AND lane < 500 ORDER BY lane, id LIMIT ?`,
        numberId,
        limit,
      );
      return rows.map(({ id, lane, remote }) => ({ id, priority: lane, handle: remote }));
    },
    scheduled(tenantId, { now, limit, after }) {
      const isLater = after === undefined ? '' : 'AND (send_at, id) > (@afterSendAt, @afterId)';
      return many(
        `SELECT * FROM messages INDEXED BY messages_scheduled
         WHERE world_id = @tenantId AND status = 'queued' AND send_at IS NOT NULL AND send_at > @now ${isLater}
         ORDER BY send_at, id LIMIT @limit`,
        { tenantId, now, limit, afterSendAt: after?.sendAt, afterId: after?.id },
      );
    },
    async cancellable(numberId, limit) {
      const leased = await many(
        `SELECT * FROM messages INDEXED BY messages_out
         WHERE number_id = ? AND status = 'polling' AND cancel_requested_at IS NULL LIMIT ?`,
        numberId,
        limit,
      );
      const queued = await many(
        "SELECT * FROM messages INDEXED BY messages_queue WHERE number_id = ? AND status = 'queued' LIMIT ?",
        numberId,
        limit - leased.length,
      );
      return [...leased, ...queued];
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
    leasedFor(tenantId, handle) {
      return many(
        `SELECT m.* FROM numbers n CROSS JOIN messages m INDEXED BY messages_out
         WHERE n.world_id = ? AND m.number_id = n.id AND m.remote = ? AND m.status = 'polling'`,
        tenantId,
        handle,
      );
    },
    queuedTo: queueWalk(sql),
  };
}
