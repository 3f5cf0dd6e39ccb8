/** Stores the audit log of the dashboard. */

import type { MemberChange } from '../../core/model/member.ts';
import type { Environment } from '../../core/model/tenant.ts';
import type { MemberChangeQueries } from '../../core/ports/members.ts';
import type { Sql } from '../database.ts';

interface MemberChangeRow {
  id: string;
  account_id: string;
  member_id: string;
  environment: string | null;
  action: string;
  target: string | null;
  detail: string;
  at: number;
}

function memberChangeFrom(row: MemberChangeRow): MemberChange {
  return {
    id: row.id,
    accountId: row.account_id,
    memberId: row.member_id,
    environment: row.environment as Environment | null,
    action: row.action,
    target: row.target,
    detail: JSON.parse(row.detail),
    at: row.at,
  };
}

export function memberChangeQueries(sql: Sql): MemberChangeQueries {
  return {
    async insert(change) {
      await sql.post(
        `INSERT INTO member_changes (id, account_id, member_id, environment, action, target, detail, at)
         VALUES (@id, @accountId, @memberId, @environment, @action, @target, @detail, @at)`,
        { ...change, detail: JSON.stringify(change.detail) },
      );
    },
    async list(accountId, { limit, before }) {
      const rows = await sql.all<MemberChangeRow>(
        `SELECT * FROM member_changes WHERE account_id = ? ${before === undefined ? '' : 'AND id < ?'}
         ORDER BY id DESC LIMIT ?`,
        accountId,
        ...(before === undefined ? [] : [before]),
        limit,
      );
      return rows.map(memberChangeFrom);
    },
    purge(beforeId, limit) {
      return sql.run(
        'DELETE FROM member_changes WHERE id IN (SELECT id FROM member_changes WHERE id < ? LIMIT ?)',
        beforeId,
        limit,
      );
    },
  };
}
