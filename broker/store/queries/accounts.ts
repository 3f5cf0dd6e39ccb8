/** Stores accounts and their tenants. The table of tenants is `worlds`, and their column in other tables `world_id`. */

import type { Account } from '../../core/model/account.ts';
import type { Environment, Tenant } from '../../core/model/tenant.ts';
import type { AccountQueries } from '../../core/ports/accounts.ts';
import type { Sql } from '../database.ts';

interface AccountRow {
  id: string;
  slug: string;
  plan: string;
  created_at: number;
}

export interface TenantRow {
  world_id: number;
  account_id: string;
  account_slug: string;
  environment: string;
  plan: string;
}

export function tenantFrom(row: TenantRow): Tenant {
  return {
    id: row.world_id,
    accountId: row.account_id,
    accountSlug: row.account_slug,
    environment: row.environment as Environment,
    plan: row.plan,
  };
}

function accountFrom(row: AccountRow): Account {
  return { id: row.id, slug: row.slug, plan: row.plan, createdAt: row.created_at };
}

export function accountQueries(sql: Sql): AccountQueries {
  return {
    async insert({ id, slug, plan, createdAt }) {
      await sql.post(
        'INSERT INTO accounts (id, slug, plan, created_at) VALUES (?, ?, ?, ?)',
        id,
        slug,
        plan,
        createdAt,
      );
      for (const environment of ['live', 'test']) {
        await sql.post('INSERT INTO worlds (account_id, environment) VALUES (?, ?)', id, environment);
      }
    },
    async findBySlug(slug) {
      const row = await sql.get<AccountRow>('SELECT * FROM accounts WHERE slug = ?', slug);
      return row && accountFrom(row);
    },
    async list() {
      return (await sql.all<AccountRow>('SELECT * FROM accounts ORDER BY id')).map(accountFrom);
    },
    async count(limit) {
      const row = await sql.get<{ n: number }>(
        'SELECT COUNT(*) AS n FROM (SELECT 1 FROM accounts LIMIT ?) AS counted',
        limit,
      );
      return row?.n ?? 0;
    },
    async setPlan(id, plan) {
      await sql.post('UPDATE accounts SET plan = ? WHERE id = ?', plan, id);
    },
    async tenant(accountId, environment) {
      const row = await sql.get<TenantRow>(
        `SELECT w.id AS world_id, w.account_id, w.environment, a.slug AS account_slug, a.plan
         FROM worlds w JOIN accounts a ON a.id = w.account_id WHERE w.account_id = ? AND w.environment = ?`,
        accountId,
        environment,
      );
      return row && tenantFrom(row);
    },
    async accountOf(tenantId) {
      const row = await sql.get<{ account_id: string }>(
        'SELECT account_id FROM worlds WHERE id = ?',
        tenantId,
      );
      return row?.account_id;
    },
    async environmentOf(tenantId) {
      const row = await sql.get<{ environment: string }>(
        'SELECT environment FROM worlds WHERE id = ?',
        tenantId,
      );
      return row?.environment as Environment | undefined;
    },
  };
}
