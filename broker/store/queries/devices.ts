/** Stores devices, the numbers they serve, and the one-time codes that pair them. */
import type { Device, Pairing } from '../../core/model/number.ts';
import type { Environment } from '../../core/model/tenant.ts';
import type { DeviceQueries, SetupMilestone } from '../../core/ports/numbers.ts';
import type { Sql } from '../database.ts';
import { type SessionRow, sessionFrom } from './device-sessions.ts';

interface DeviceRow {
  id: string;
  world_id: number;
  name: string;
  platform: string | null;
  agent: string | null;
  last_seen_at: number | null;
  disconnected_at: number | null;
  created_at: number;
  revoked_at: number | null;
}

interface PairingRow {
  device_id: string;
  number_id: string;
  expires_at: number;
  redeemed_at: number | null;
}

function deviceFrom(row: DeviceRow): Device {
  return {
    id: row.id,
    tenantId: row.world_id,
    name: row.name,
    platform: row.platform,
    agent: row.agent,
    lastSeenAt: row.last_seen_at,
    disconnectedAt: row.disconnected_at,
    createdAt: row.created_at,
    revokedAt: row.revoked_at,
  };
}

function pairingFrom(row: PairingRow): Pairing {
  return {
    deviceId: row.device_id,
    numberId: row.number_id,
    expiresAt: row.expires_at,
    redeemedAt: row.redeemed_at,
  };
}

function capabilitiesFrom(json: string | null): readonly string[] | null {
  return json === null ? null : (JSON.parse(json) as string[]);
}

export function deviceQueries(sql: Sql): DeviceQueries {
  return {
    async insert(device, tokenHash) {
      await sql.post(
        `INSERT INTO devices (id, world_id, name, token_hash, platform, agent, created_at)
         VALUES (@id, @tenantId, @name, @tokenHash, @platform, @agent, @createdAt)`,
        { ...device, tokenHash },
      );
    },
    async setToken(id, tokenHash) {
      await sql.post(
        'UPDATE devices SET token_hash = ?, session_id = NULL, broker_id = NULL, disconnected_at = last_seen_at WHERE id = ?',
        tokenHash,
        id,
      );
    },
    async findByToken(tokenHash) {
      const row = await sql.get<DeviceRow>(
        'SELECT * FROM devices WHERE token_hash = ? AND revoked_at IS NULL',
        tokenHash,
      );
      return row && deviceFrom(row);
    },
    async hasToken(id, tokenHash) {
      const row = await sql.get(
        'SELECT 1 AS found FROM devices WHERE id = ? AND token_hash = ? AND revoked_at IS NULL',
        id,
        tokenHash,
      );
      return row !== undefined;
    },
    async find(id) {
      const row = await sql.get<DeviceRow>('SELECT * FROM devices WHERE id = ?', id);
      return row && deviceFrom(row);
    },
    async list() {
      const rows = await sql.all<
        DeviceRow & {
          environment: string;
          account: string;
          numbers: string | null;
          broker_id: string | null;
        }
      >(
        `SELECT d.*, w.environment, a.slug AS account,
           (SELECT string_agg(n.phone_number, ',') FROM device_numbers dn JOIN numbers n ON n.id = dn.number_id
            WHERE dn.device_id = d.id) AS numbers
         FROM devices d JOIN worlds w ON w.id = d.world_id JOIN accounts a ON a.id = w.account_id
         WHERE d.token_hash IS NOT NULL ORDER BY d.id`,
      );
      return rows.map((row) => ({
        ...deviceFrom(row),
        environment: row.environment as Environment,
        account: row.account,
        brokerId: row.broker_id,
        numbers: row.numbers?.split(',') ?? [],
      }));
    },
    async ofTenant(tenantId) {
      const rows = await sql.all<DeviceRow & SessionRow & { number_ids: string | null }>(
        `SELECT d.*, (SELECT string_agg(dn.number_id, ',') FROM device_numbers dn
           WHERE dn.device_id = d.id) AS number_ids
         FROM devices d WHERE d.world_id = ? AND d.token_hash IS NOT NULL AND d.revoked_at IS NULL ORDER BY d.id`,
        tenantId,
      );
      return rows.map((row) => {
        const session = sessionFrom(row);
        const numberIds = row.number_ids?.split(',') ?? [];
        return { ...deviceFrom(row), numberIds, capabilities: session.capabilities, session };
      });
    },
    async attach(deviceId, numberId) {
      await sql.post(
        'INSERT INTO device_numbers (device_id, number_id) VALUES (?, ?) ON CONFLICT DO NOTHING',
        deviceId,
        numberId,
      );
    },
    async rename(id, name) {
      await sql.post('UPDATE devices SET name = ? WHERE id = ?', name, id);
    },
    async setCapabilities(id, capabilities) {
      const json = JSON.stringify(capabilities);
      await sql.post(
        'UPDATE devices SET capabilities = ? WHERE id = ? AND (capabilities IS NULL OR capabilities <> ?)',
        json,
        id,
        json,
      );
    },
    async capabilitiesOf(numberId) {
      const rows = await sql.all<{ capabilities: string | null }>(
        `SELECT d.capabilities FROM device_numbers dn CROSS JOIN devices d
         WHERE dn.number_id = ? AND d.id = dn.device_id AND d.token_hash IS NOT NULL AND d.revoked_at IS NULL`,
        numberId,
      );
      return rows.map(({ capabilities }) => capabilitiesFrom(capabilities));
    },
    async revoke(id, at) {
      const revoked = await sql.run(
        `UPDATE devices SET revoked_at = ?, session_id = NULL, broker_id = NULL
         WHERE id = ? AND revoked_at IS NULL`,
        at,
        id,
      );
      return revoked > 0;
    },
    async recordMilestone(id, name, at) {
      if (
        (await sql.get('SELECT 1 FROM device_marks WHERE device_id = ? AND name = ?', id, name)) !== undefined
      )
        return;
      await sql.post(
        'INSERT INTO device_marks (device_id, name, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
        id,
        name,
        at,
      );
    },
    async milestones(id) {
      const rows = await sql.all<{ name: string }>('SELECT name FROM device_marks WHERE device_id = ?', id);
      return rows.map(({ name }) => name as SetupMilestone);
    },
    async unpaired(numberId) {
      const row = await sql.get<{ id: string }>(
        `SELECT d.id FROM device_numbers dn JOIN devices d ON d.id = dn.device_id
         WHERE dn.number_id = ? AND d.token_hash IS NULL AND d.revoked_at IS NULL LIMIT 1`,
        numberId,
      );
      return row?.id;
    },
    purgePairings(before, limit) {
      return sql.run(
        `DELETE FROM pairings WHERE code_hash IN (
           SELECT code_hash FROM pairings INDEXED BY pairings_age WHERE expires_at < ? LIMIT ?)`,
        before,
        limit,
      );
    },
    async purgeUnconnected(before, limit) {
      const rows = await sql.all<{ id: string }>(
        `SELECT id FROM devices INDEXED BY devices_unconnected
         WHERE last_seen_at IS NULL AND platform IS NULL AND created_at < ?
           AND NOT EXISTS (SELECT 1 FROM device_marks WHERE device_id = devices.id) LIMIT ?`,
        before,
        limit,
      );
      for (const { id } of rows) {
        await sql.post('DELETE FROM pairings WHERE device_id = ?', id);
        await sql.post('DELETE FROM device_numbers WHERE device_id = ?', id);
        await sql.post('DELETE FROM devices WHERE id = ?', id);
      }
      return rows.length;
    },
    async insertPairing(codeHash, pairing) {
      await sql.post(
        'INSERT INTO pairings (code_hash, device_id, number_id, expires_at) VALUES (?, ?, ?, ?)',
        codeHash,
        pairing.deviceId,
        pairing.numberId,
        pairing.expiresAt,
      );
    },
    async findPairing(codeHash) {
      const row = await sql.get<PairingRow>('SELECT * FROM pairings WHERE code_hash = ?', codeHash);
      return row && pairingFrom(row);
    },
    async latestPairing(deviceId) {
      const row = await sql.get<PairingRow>(
        `SELECT * FROM pairings INDEXED BY pairings_of_device WHERE device_id = ?
         ORDER BY COALESCE(redeemed_at, 0) DESC, expires_at DESC LIMIT 1`,
        deviceId,
      );
      return row && pairingFrom(row);
    },
    async redeemPairing(codeHash, at) {
      await sql.post('UPDATE pairings SET redeemed_at = ? WHERE code_hash = ?', at, codeHash);
    },
  };
}
