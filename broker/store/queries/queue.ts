/**
 * SQL of what is under way: what waits, what devices hold, what is over. The literals of partial indexes
 * (`status = 'queued'`) are written out, since the planner uses such an index only where it can see the literal.
 */
import type { QueueQueries } from '../../core/store-port.ts';
import type { Sql } from '../database.ts';
import { messageReader } from './message-rows.ts';

// A person is left out while an earlier message to them is with another device, or with this one where a
// hand-out may have been lost and will be given again. A text and a WhatsApp message don't wait for each other.
const NEXT_QUEUED = `SELECT * FROM messages
  WHERE number_id = ? AND status = 'queued' AND (SELECT is_live FROM numbers WHERE id = ?) = ?
    AND (not_before IS NULL OR not_before <= ?) AND expires_at > ?
    AND (? = 'all' OR (requested_service = 'whatsapp') = (? = 'whatsapp'))
    AND remote NOT IN (
      SELECT o.remote FROM messages o WHERE o.number_id = ? AND o.status = 'polling'
        AND (? = 'all' OR (o.requested_service = 'whatsapp') = (? = 'whatsapp'))
        AND (o.device_id <> ? OR (o.lease_journaled = 1 AND 0 = ?)))
  ORDER BY priority, id LIMIT ?`;

// Both indexes hold only what is queued, and all that is asked for here.
const LONGEST_QUEUES = `SELECT q.number_id, n.phone_number, q.messages, q.oldest_id FROM (
    SELECT number_id, COUNT(*) AS messages, MIN(id) AS oldest_id FROM messages INDEXED BY messages_queue
    WHERE status = 'queued' AND id NOT IN (
      SELECT id FROM messages INDEXED BY messages_held_back WHERE status = 'queued' AND not_before IS NOT NULL)
    GROUP BY number_id) q
  JOIN numbers n ON n.id = q.number_id WHERE n.is_live = 1 ORDER BY q.messages DESC, q.number_id LIMIT ?`;

interface QueueRow {
  number_id: string;
  phone_number: string;
  messages: number;
  oldest_id: string;
}

export function queueQueries(sql: Sql): QueueQueries {
  const { many } = messageReader(sql);
  return {
    nextQueued({ numberId, environment, carries, deviceId, keepsOrder, now, limit }) {
      return many(
        NEXT_QUEUED,
        numberId,
        numberId,
        environment === 'live' ? 1 : 0,
        now,
        now,
        carries,
        carries,
        numberId,
        carries,
        carries,
        deviceId,
        keepsOrder ? 1 : 0,
        limit,
      );
    },
    nextLapsed(deviceId, now, limit) {
      return many(
        `SELECT * FROM messages WHERE device_id = ? AND status = 'polling' AND lease_journaled = 1
           AND lease_until <= ? ORDER BY id LIMIT ?`,
        deviceId,
        now,
        limit,
      );
    },
    heldBy(deviceId) {
      return many("SELECT * FROM messages WHERE device_id = ? AND status = 'polling' ORDER BY id", deviceId);
    },
    async setLeaseEnd(messages, leaseUntil) {
      for (const { worldId, id } of messages) {
        await sql.run(
          "UPDATE messages SET lease_until = ? WHERE world_id = ? AND id = ? AND status = 'polling'",
          leaseUntil,
          worldId,
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
    async hasDueHolds(now) {
      const row = await sql.get(
        `SELECT 1 FROM messages INDEXED BY messages_held_back
         WHERE status = 'queued' AND not_before IS NOT NULL AND not_before <= ? LIMIT 1`,
        now,
      );
      return row !== undefined;
    },
    async releaseHolds(now) {
      const rows = await sql.all<{ number_id: string }>(
        `SELECT DISTINCT number_id FROM messages INDEXED BY messages_held_back
         WHERE status = 'queued' AND not_before IS NOT NULL AND not_before <= ?`,
        now,
      );
      if (rows.length === 0) return [];
      await sql.run(
        `UPDATE messages INDEXED BY messages_held_back SET not_before = NULL
         WHERE status = 'queued' AND not_before IS NOT NULL AND not_before <= ?`,
        now,
      );
      return rows.map((row) => row.number_id);
    },
    async openOf(numberId) {
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
    queuedFor(worldId, remote) {
      return many(
        `SELECT m.* FROM numbers n CROSS JOIN messages m INDEXED BY messages_queue
         WHERE n.world_id = ? AND m.number_id = n.id AND m.status = 'queued' AND m.remote = ?`,
        worldId,
        remote,
      );
    },
  };
}
