/** Stores the phone numbers of tenants. A removed number keeps its row, because messages refer to it. */
import type { NumberOverview, NumberStatus, OwnNumber } from '../../core/model/number.ts';
import type { PaceOverrides } from '../../core/model/pace.ts';
import type { Environment } from '../../core/model/tenant.ts';
import type { NumberQueries } from '../../core/ports/numbers.ts';
import type { Sql } from '../database.ts';

interface NumberRow {
  id: string;
  world_id: number;
  phone_number: string;
  label: string | null;
  status: string;
  is_verified: number;
  created_at: number;
  provider: string | null;
  provider_ref: string | null;
  compliance_status: string | null;
  has_whatsapp: number;
}

interface PacedRow {
  world_id: number;
  environment: string;
  provider: string | null;
  pace: string | null;
  sends_since: number | null;
}

interface OverviewRow extends NumberRow {
  device_id: string | null;
  device_name: string | null;
  last_seen_at: number | null;
  messages_today: number | null;
}

const COLUMNS = `n.id, n.world_id, n.phone_number, n.label, n.status, n.is_verified, n.created_at, n.provider,
  n.provider_ref, n.compliance_status, n.has_whatsapp`;

function numberFrom(row: NumberRow): OwnNumber {
  return {
    id: row.id,
    tenantId: row.world_id,
    phoneNumber: row.phone_number,
    label: row.label,
    status: row.status as NumberStatus,
    verified: row.is_verified === 1,
    createdAt: row.created_at,
    provider: row.provider,
    providerRef: row.provider_ref,
    complianceStatus: row.compliance_status,
    hasWhatsapp: row.has_whatsapp === 1,
  };
}

export function numberQueries(sql: Sql): NumberQueries {
  return {
    async insert(number) {
      await sql.post(
        `INSERT INTO numbers (id, world_id, is_live, phone_number, label, status, is_verified, created_at, provider,
           provider_ref, compliance_status, has_whatsapp)
         VALUES (@id, @tenantId,
           (SELECT CASE environment WHEN 'live' THEN 1 ELSE 0 END FROM worlds WHERE id = @tenantId), @phoneNumber, @label,
           @status, @verified, @createdAt, @provider, @providerRef, @complianceStatus, @hasWhatsapp)`,
        { ...number, verified: number.verified ? 1 : 0, hasWhatsapp: number.hasWhatsapp ? 1 : 0 },
      );
    },
    async find(tenantId, id) {
      const row = await sql.get<NumberRow>(
        `SELECT ${COLUMNS} FROM numbers n WHERE n.world_id = ? AND n.id = ? AND n.deleted_at IS NULL`,
        tenantId,
        id,
      );
      return row && numberFrom(row);
    },
    async findByPhone(tenantId, phoneNumber) {
      const row = await sql.get<NumberRow>(
        `SELECT ${COLUMNS} FROM numbers n WHERE n.world_id = ? AND n.phone_number = ? AND n.deleted_at IS NULL`,
        tenantId,
        phoneNumber,
      );
      return row && numberFrom(row);
    },
    async liveTenantOf(phoneNumber) {
      const row = await sql.get<{ world_id: number }>(
        'SELECT world_id FROM numbers WHERE phone_number = ? AND is_live = 1 AND deleted_at IS NULL',
        phoneNumber,
      );
      return row?.world_id;
    },
    async ownerOf(id) {
      const row = await sql.get<{ world_id: number; account_id: string; deleted_at: number | null }>(
        `SELECT n.world_id, w.account_id, n.deleted_at FROM numbers n JOIN worlds w ON w.id = n.world_id
         WHERE n.id = ?`,
        id,
      );
      return row && { tenantId: row.world_id, accountId: row.account_id, isRemoved: row.deleted_at !== null };
    },
    async defaultSender(tenantId) {
      const row = await sql.get<NumberRow>(
        `SELECT ${COLUMNS} FROM numbers n WHERE n.world_id = ? AND n.deleted_at IS NULL AND n.is_verified = 1
           AND n.status = 'active' ORDER BY n.id LIMIT 1`,
        tenantId,
      );
      return row && numberFrom(row);
    },
    async list(tenantId) {
      const rows = await sql.all<NumberRow>(
        `SELECT ${COLUMNS} FROM numbers n WHERE n.world_id = ? AND n.deleted_at IS NULL ORDER BY n.id`,
        tenantId,
      );
      return rows.map(numberFrom);
    },
    async ofProvider(provider) {
      const rows = await sql.all<NumberRow>(
        `SELECT ${COLUMNS} FROM numbers n
         WHERE n.deleted_at IS NULL AND n.is_live = 1 AND (n.provider = ? OR n.has_whatsapp = 1) ORDER BY n.id`,
        provider,
      );
      return rows.map(numberFrom);
    },
    async overview(tenantId, day) {
      // The overview shows the device that was seen last.
      const rows = await sql.all<OverviewRow>(
        `SELECT ${COLUMNS}, d.id AS device_id, d.name AS device_name, d.last_seen_at, u.messages AS messages_today
         FROM numbers n
         LEFT JOIN usage_days u ON u.number_id = n.id AND u.day = ?
         LEFT JOIN devices d ON d.id = (
           SELECT x.id FROM device_numbers dn JOIN devices x ON x.id = dn.device_id
           WHERE dn.number_id = n.id AND x.revoked_at IS NULL AND x.token_hash IS NOT NULL
           ORDER BY COALESCE(x.last_seen_at, 0) DESC, x.id DESC LIMIT 1)
         WHERE n.world_id = ? AND n.deleted_at IS NULL ORDER BY n.id`,
        day,
        tenantId,
      );
      return rows.map(
        (row): NumberOverview => ({
          ...numberFrom(row),
          deviceId: row.device_id,
          deviceName: row.device_name,
          lastSeenAt: row.last_seen_at,
          messagesToday: row.messages_today ?? 0,
        }),
      );
    },
    async count(tenantId) {
      const row = await sql.get<{ n: number }>(
        'SELECT COUNT(*) AS n FROM numbers WHERE world_id = ? AND deleted_at IS NULL',
        tenantId,
      );
      return row?.n ?? 0;
    },
    async update(id, { label, status }) {
      await sql.post('UPDATE numbers SET label = ?, status = ? WHERE id = ?', label, status, id);
    },
    async setVerified(id) {
      await sql.post('UPDATE numbers SET is_verified = 1 WHERE id = ?', id);
    },
    async setCompliance(id, status) {
      await sql.post('UPDATE numbers SET compliance_status = ? WHERE id = ?', status, id);
    },
    async setWhatsapp(id, isOn) {
      await sql.post('UPDATE numbers SET has_whatsapp = ? WHERE id = ?', isOn ? 1 : 0, id);
    },
    async paced(id) {
      const row = await sql.get<PacedRow>(
        `SELECT n.world_id, n.provider, n.pace, n.sends_since, w.environment
         FROM numbers n JOIN worlds w ON w.id = n.world_id WHERE n.id = ? AND n.deleted_at IS NULL`,
        id,
      );
      return (
        row && {
          id,
          tenantId: row.world_id,
          environment: row.environment as Environment,
          isProviderNumber: row.provider !== null,
          pace: row.pace === null ? {} : (JSON.parse(row.pace) as PaceOverrides),
          sendsSince: row.sends_since,
        }
      );
    },
    async setPace(id, pace) {
      const own = Object.keys(pace).length === 0 ? null : JSON.stringify(pace);
      await sql.post('UPDATE numbers SET pace = ? WHERE id = ?', own, id);
    },
    async hasSeveralDevices(id) {
      const rows = await sql.all(
        `SELECT 1 FROM device_numbers dn JOIN devices d ON d.id = dn.device_id
         WHERE dn.number_id = ? AND d.revoked_at IS NULL LIMIT 2`,
        id,
      );
      return rows.length === 2;
    },
    async setSendsSince(id, at) {
      await sql.post('UPDATE numbers SET sends_since = ? WHERE id = ?', at, id);
    },
    async remove(id, at) {
      await sql.post('UPDATE numbers SET deleted_at = ? WHERE id = ?', at, id);
      await sql.post('DELETE FROM device_numbers WHERE number_id = ?', id);
    },
    async withQueue(environment) {
      const rows = await sql.all<{ id: string }>(
        `SELECT n.id FROM numbers n JOIN worlds w ON w.id = n.world_id WHERE w.environment = ?
           AND (SELECT 1 FROM messages m WHERE m.number_id = n.id AND m.status = 'queued' LIMIT 1) IS NOT NULL`,
        environment,
      );
      return rows.map((row) => row.id);
    },
    async queueEnds(numberIds) {
      const end = (order: string) =>
        `(SELECT m.id FROM messages m INDEXED BY messages_queue
          WHERE m.number_id = wanted.value AND m.status = 'queued' AND m.lane < 500
          ORDER BY ${order} LIMIT 1)`;
      const rows = await sql.all<{ number_id: string; first_id: string | null; last_id: string | null }>(
        `SELECT wanted.value AS number_id, ${end('m.lane, m.id')} AS first_id,
           ${end('m.lane DESC, m.id DESC')} AS last_id
         FROM ${sql.dialect.elements('?', 'wanted')}`,
        JSON.stringify(numberIds),
      );
      return new Map(
        rows.flatMap((row): [string, string][] =>
          row.first_id === null ? [] : [[row.number_id, `${row.first_id} ${row.last_id}`]],
        ),
      );
    },
    async ofDevice(deviceId) {
      const rows = await sql.all<NumberRow>(
        `SELECT ${COLUMNS} FROM device_numbers dn JOIN numbers n ON n.id = dn.number_id
         WHERE dn.device_id = ? AND n.deleted_at IS NULL ORDER BY n.id`,
        deviceId,
      );
      return rows.map(numberFrom);
    },
  };
}
