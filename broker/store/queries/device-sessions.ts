/** Stores the latest session of each device: its broker, its transport and its health. */
import type { DeviceHealth, StoredSession, TransportKind } from '../../core/model/device-health.ts';
import type { DeviceSessionQueries } from '../../core/ports/device-sessions.ts';
import type { Sql } from '../database.ts';

export interface SessionRow {
  session_id: string | null;
  replaced_session_id: string | null;
  broker_id: string | null;
  transport: string | null;
  capabilities: string | null;
  health: string | null;
}

interface EarlierRow {
  token_hash: string | null;
  revoked_at: number | null;
  session_id: string | null;
  broker_id: string | null;
  transport: string | null;
  is_online: number;
  health: string | null;
}

/** The stored report, with the session that sent it. */
interface StoredHealth {
  session: string;
  report: DeviceHealth;
}

const healthFrom = (json: string | null) => (json === null ? null : (JSON.parse(json) as StoredHealth));

export function sessionFrom(row: SessionRow): StoredSession {
  const { session_id, replaced_session_id, broker_id, transport, capabilities, health } = row;
  const stored = healthFrom(health);
  return {
    sessionId: session_id,
    replacedSessionId: replaced_session_id,
    brokerId: broker_id,
    transport: transport as TransportKind | null,
    capabilities: capabilities === null ? null : (JSON.parse(capabilities) as string[]),
    health: stored !== null && stored.session === session_id ? stored.report : null,
  };
}

export function deviceSessionQueries(sql: Sql): DeviceSessionQueries {
  return {
    async find(deviceId) {
      const row = await sql.get<SessionRow>(
        `SELECT session_id, replaced_session_id, broker_id, transport, capabilities, health
         FROM devices WHERE id = ?`,
        deviceId,
      );
      return row && sessionFrom(row);
    },
    async earlier(deviceId) {
      const row = await sql.get<EarlierRow>(
        `SELECT token_hash, revoked_at, session_id, broker_id, transport, is_online, health
         FROM devices WHERE id = ?`,
        deviceId,
      );
      return (
        row && {
          tokenHash: row.token_hash,
          revokedAt: row.revoked_at,
          sessionId: row.session_id,
          brokerId: row.broker_id,
          transport: row.transport as TransportKind | null,
          isOnline: row.is_online === 1,
          health: healthFrom(row.health)?.report ?? null,
        }
      );
    },
    async begin(session) {
      await sql.post(
        `UPDATE devices SET
           replaced_session_id =
             CASE WHEN broker_id IS NULL OR session_id = @sessionId THEN replaced_session_id ELSE session_id END,
           session_id = @sessionId, broker_id = @brokerId, transport = @transport, platform = @platform, agent = @agent, capabilities = @capabilities, last_seen_at = @at,
           disconnected_at = NULL
         WHERE id = @deviceId`,
        { ...session, capabilities: JSON.stringify(session.capabilities) },
      );
    },
    async isCurrent(deviceId, sessionId) {
      const row = await sql.get(
        'SELECT 1 AS found FROM devices WHERE id = ? AND session_id = ? AND revoked_at IS NULL',
        deviceId,
        sessionId,
      );
      return row !== undefined;
    },
    async latest(deviceIds) {
      const rows = await sql.all<{ id: string; session_id: string | null }>(
        `SELECT id, session_id FROM devices WHERE ${sql.dialect.isIn('id', '?')}`,
        JSON.stringify(deviceIds),
      );
      return new Map(rows.map(({ id, session_id }) => [id, session_id]));
    },
    async recordPresence(seen) {
      for (const [id, { sessionId, lastSeenAt, brokerId, health }] of seen) {
        const report = health && ({ session: sessionId, report: health } satisfies StoredHealth);
        await sql.post(
          `UPDATE devices SET last_seen_at = @lastSeenAt, disconnected_at = @disconnectedAt, broker_id = @brokerId,
             health = COALESCE(@health, health)
           WHERE id = @id AND session_id = @sessionId`,
          {
            ...{ id, sessionId, lastSeenAt, brokerId },
            disconnectedAt: brokerId === null ? lastSeenAt : null,
            health: report === undefined ? null : JSON.stringify(report),
          },
        );
      }
    },
    async disconnectOrphans() {
      await sql.run(
        `UPDATE devices SET disconnected_at = last_seen_at, broker_id = NULL
         WHERE ((disconnected_at IS NULL AND last_seen_at IS NOT NULL) OR broker_id IS NOT NULL)
           AND NOT EXISTS (SELECT 1 FROM brokers b WHERE b.id = devices.broker_id)`,
      );
    },
    async away() {
      const rows = await sql.all<{ id: string }>(
        `SELECT id FROM devices INDEXED BY devices_away
         WHERE is_online = 1 AND broker_id IS NULL AND revoked_at IS NULL`,
      );
      return rows.map(({ id }) => id);
    },
    async setOnline(deviceId) {
      return (await sql.run('UPDATE devices SET is_online = 1 WHERE id = ? AND is_online = 0', deviceId)) > 0;
    },
    async setOffline(deviceId) {
      const changed = await sql.run(
        'UPDATE devices SET is_online = 0 WHERE id = ? AND is_online = 1 AND broker_id IS NULL',
        deviceId,
      );
      return changed > 0;
    },
    async isServed(numberId) {
      const row = await sql.get<{ is_served: number }>(
        `SELECT EXISTS (SELECT 1 FROM device_numbers dn JOIN devices d ON d.id = dn.device_id
             WHERE dn.number_id = ? AND d.broker_id IS NOT NULL)
           OR EXISTS (SELECT 1 FROM numbers WHERE id = ? AND provider IS NOT NULL) AS is_served`,
        numberId,
        numberId,
      );
      return row?.is_served === 1;
    },
  };
}
