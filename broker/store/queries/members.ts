/** Stores the members of the dashboard. */

import type { Member, Role } from '../../core/model/member.ts';
import type { MemberQueries } from '../../core/ports/members.ts';
import type { Sql } from '../database.ts';

export interface MemberRow {
  id: string;
  account_id: string;
  email: string;
  name: string;
  role: string;
  created_at: number;
  last_seen_at: number | null;
  removed_at: number | null;
}

const COLUMNS = 'id, account_id, email, name, role, created_at, last_seen_at, removed_at';

export function memberFrom(row: MemberRow): Member {
  return {
    id: row.id,
    accountId: row.account_id,
    email: row.email,
    name: row.name,
    role: row.role as Role,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    removedAt: row.removed_at,
  };
}

export function memberQueries(sql: Sql): MemberQueries {
  return {
    async insert(member, passwordHash) {
      await sql.post(
        `INSERT INTO members (${COLUMNS}, password_hash)
         VALUES (@id, @accountId, @email, @name, @role, @createdAt, @lastSeenAt, @removedAt, @passwordHash)`,
        { ...member, passwordHash },
      );
    },
    async find(accountId, id) {
      const row = await sql.get<MemberRow>(
        `SELECT ${COLUMNS} FROM members WHERE id = ? AND account_id = ? AND removed_at IS NULL`,
        id,
        accountId,
      );
      return row && memberFrom(row);
    },
    async findById(id) {
      const row = await sql.get<MemberRow>(
        `SELECT ${COLUMNS} FROM members WHERE id = ? AND removed_at IS NULL`,
        id,
      );
      return row && memberFrom(row);
    },
    async findByEmail(email) {
      const row = await sql.get<MemberRow & { password_hash: string }>(
        `SELECT ${COLUMNS}, password_hash FROM members WHERE email = ? AND removed_at IS NULL`,
        email,
      );
      return row && { member: memberFrom(row), passwordHash: row.password_hash };
    },
    async passwordHash(id) {
      const row = await sql.get<{ password_hash: string }>(
        'SELECT password_hash FROM members WHERE id = ? AND removed_at IS NULL',
        id,
      );
      return row?.password_hash;
    },
    async list(accountId) {
      const rows = await sql.all<MemberRow>(
        `SELECT ${COLUMNS} FROM members WHERE account_id = ? AND removed_at IS NULL ORDER BY id`,
        accountId,
      );
      return rows.map(memberFrom);
    },
    async named(accountId, ids) {
      const rows = await sql.all<MemberRow>(
        `SELECT ${COLUMNS} FROM members
         WHERE account_id = ? AND ${sql.dialect.isIn('id', '?')}`,
        accountId,
        JSON.stringify(ids),
      );
      return rows.map(memberFrom);
    },
    async setRole(id, role) {
      await sql.post('UPDATE members SET role = ? WHERE id = ?', role, id);
    },
    async setName(id, name) {
      await sql.post('UPDATE members SET name = ? WHERE id = ?', name, id);
    },
    async setPassword(id, hash) {
      await sql.post('UPDATE members SET password_hash = ? WHERE id = ?', hash, id);
    },
    async setSeen(id, at) {
      await sql.post('UPDATE members SET last_seen_at = ? WHERE id = ?', at, id);
    },
    async remove(id, at) {
      await sql.post('UPDATE members SET removed_at = ? WHERE id = ? AND removed_at IS NULL', at, id);
    },
    purgeRemoved(before, limit) {
      return sql.run(
        `DELETE FROM members WHERE id IN
           (SELECT id FROM members WHERE removed_at IS NOT NULL AND removed_at < ? LIMIT ?)`,
        before,
        limit,
      );
    },
  };
}
