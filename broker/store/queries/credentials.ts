/** Stores API keys. */

import type { Credential, Permission } from '../../core/model/api-key.ts';
import type { CredentialQueries } from '../../core/ports/accounts.ts';
import type { Sql } from '../database.ts';
import { type TenantRow, tenantFrom } from './accounts.ts';

interface CredentialRow extends TenantRow {
  id: string;
  label: string;
  permissions: string;
  created_at: number;
  revoked_at: number | null;
}

const SELECT = `SELECT c.id, c.label, c.permissions, c.created_at, c.revoked_at,
    c.world_id, w.account_id, w.environment, a.slug AS account_slug, a.plan
  FROM credentials c JOIN worlds w ON w.id = c.world_id JOIN accounts a ON a.id = w.account_id`;

function credentialFrom(row: CredentialRow): Credential {
  return {
    id: row.id,
    tenant: tenantFrom(row),
    label: row.label,
    permissions: row.permissions.split(',') as Permission[],
    createdAt: row.created_at,
    revokedAt: row.revoked_at,
  };
}

export function credentialQueries(sql: Sql): CredentialQueries {
  return {
    async insert({ id, tenantId, label, permissions, hash, createdAt }) {
      await sql.post(
        `INSERT INTO credentials (id, world_id, label, permissions, hash, created_at)
         VALUES (@id, @tenantId, @label, @permissions, @hash, @createdAt)`,
        { id, tenantId, label, permissions: permissions.join(','), hash, createdAt },
      );
    },
    async findByHash(hash) {
      const row = await sql.get<CredentialRow>(`${SELECT} WHERE c.hash = ?`, hash);
      return row && credentialFrom(row);
    },
    async find(id) {
      const row = await sql.get<CredentialRow>(`${SELECT} WHERE c.id = ?`, id);
      return row && credentialFrom(row);
    },
    async list() {
      return (await sql.all<CredentialRow>(`${SELECT} ORDER BY c.id`)).map(credentialFrom);
    },
    async hasAny() {
      return (await sql.get('SELECT 1 FROM credentials LIMIT 1')) !== undefined;
    },
    async ofTenant(tenantId) {
      const rows = await sql.all<CredentialRow & { last_used_at: number | null }>(
        `SELECT c.id, c.label, c.permissions, c.created_at, c.revoked_at, u.last_used_at,
           c.world_id, w.account_id, w.environment, a.slug AS account_slug, a.plan
         FROM credentials c JOIN worlds w ON w.id = c.world_id JOIN accounts a ON a.id = w.account_id
         LEFT JOIN credential_uses u ON u.credential_id = c.id WHERE c.world_id = ? ORDER BY c.id DESC`,
        tenantId,
      );
      return rows.map((row) => ({ ...credentialFrom(row), lastUsedAt: row.last_used_at }));
    },
    async recordUses(uses) {
      for (const [id, at] of uses) {
        await sql.post(
          `INSERT INTO credential_uses (credential_id, last_used_at) VALUES (?, ?)
           ON CONFLICT (credential_id) DO UPDATE SET last_used_at = excluded.last_used_at
           WHERE excluded.last_used_at > credential_uses.last_used_at`,
          id,
          at,
        );
      }
    },
    async isLive(id) {
      return (
        (await sql.get('SELECT 1 FROM credentials WHERE id = ? AND revoked_at IS NULL', id)) !== undefined
      );
    },
    async revoke(id, at) {
      return (
        (await sql.run('UPDATE credentials SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL', at, id)) >
        0
      );
    },
  };
}
