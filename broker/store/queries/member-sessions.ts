/** Stores the sessions, the sign-in links and the passkeys of members. */

import type { MemberSession, Passkey, Role, SignInLink } from '../../core/model/member.ts';
import type { MemberSessionQueries, PasskeyQueries, SignInLinkQueries } from '../../core/ports/members.ts';
import type { Sql } from '../database.ts';
import { type MemberRow, memberFrom } from './members.ts';

interface SessionRow {
  id: string;
  member_id: string;
  created_at: number;
  last_used_at: number;
  expires_at: number;
  user_agent: string;
  address: string;
  revoked_at: number | null;
}

function sessionFrom(row: SessionRow): MemberSession {
  return {
    id: row.id,
    memberId: row.member_id,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    expiresAt: row.expires_at,
    userAgent: row.user_agent,
    address: row.address,
    revokedAt: row.revoked_at,
  };
}

const IS_LIVE = 's.revoked_at IS NULL AND s.expires_at > ? AND m.removed_at IS NULL';

export function memberSessionQueries(sql: Sql): MemberSessionQueries {
  const memberOf = async (id: string) => {
    const row = await sql.get<MemberRow>('SELECT * FROM members WHERE id = ?', id);
    return row && memberFrom(row);
  };
  return {
    async insert(session, tokenHash) {
      await sql.post(
        `INSERT INTO member_sessions
           (id, member_id, token_hash, created_at, last_used_at, expires_at, user_agent, address, revoked_at)
         VALUES (@id, @memberId, @tokenHash, @createdAt, @lastUsedAt, @expiresAt, @userAgent, @address, @revokedAt)`,
        { ...session, tokenHash },
      );
    },
    async findLive(tokenHash, now) {
      const row = await sql.get<SessionRow>(
        `SELECT s.* FROM member_sessions s JOIN members m ON m.id = s.member_id
         WHERE s.token_hash = ? AND ${IS_LIVE}`,
        tokenHash,
        now,
      );
      const member = row && (await memberOf(row.member_id));
      return row && member && { session: sessionFrom(row), member };
    },
    async liveMember(id, now) {
      const row = await sql.get<MemberRow>(
        `SELECT m.* FROM member_sessions s JOIN members m ON m.id = s.member_id
         WHERE s.id = ? AND ${IS_LIVE}`,
        id,
        now,
      );
      return row && memberFrom(row);
    },
    async list(memberId, now) {
      const rows = await sql.all<SessionRow>(
        `SELECT * FROM member_sessions
         WHERE member_id = ? AND revoked_at IS NULL AND expires_at > ? ORDER BY id DESC`,
        memberId,
        now,
      );
      return rows.map(sessionFrom);
    },
    async setUsed(id, at, expiresAt) {
      await sql.post(
        `UPDATE member_sessions SET last_used_at = @at, expires_at = @expiresAt
         WHERE id = @id AND revoked_at IS NULL AND last_used_at < @at`,
        { id, at, expiresAt },
      );
    },
    async revoke(memberId, id, at) {
      const changed = await sql.run(
        `UPDATE member_sessions SET revoked_at = @at, expires_at = @at
         WHERE id = @id AND member_id = @memberId AND revoked_at IS NULL AND expires_at > @at`,
        { memberId, id, at },
      );
      return changed > 0;
    },
    async revokeAll(memberId, exceptId, at) {
      await sql.post(
        `UPDATE member_sessions SET revoked_at = @at, expires_at = @at
         WHERE member_id = @memberId AND id <> @exceptId AND revoked_at IS NULL AND expires_at > @at`,
        { memberId, exceptId: exceptId ?? '', at },
      );
    },
    purge(before, limit) {
      return sql.run(
        `DELETE FROM member_sessions WHERE id IN (SELECT id FROM member_sessions WHERE expires_at < ? LIMIT ?)`,
        before,
        limit,
      );
    },
  };
}

interface LinkRow {
  id: string;
  account_id: string;
  role: string;
  member_id: string | null;
  created_by: string | null;
  label: string;
  created_at: number;
  expires_at: number;
  used_at: number | null;
  revoked_at: number | null;
}

function linkFrom(row: LinkRow): SignInLink {
  return {
    id: row.id,
    accountId: row.account_id,
    role: row.role as Role,
    memberId: row.member_id,
    createdBy: row.created_by,
    label: row.label,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
    revokedAt: row.revoked_at,
  };
}

const IS_OPEN = 'used_at IS NULL AND revoked_at IS NULL';

export function signInLinkQueries(sql: Sql): SignInLinkQueries {
  return {
    async insert(link, tokenHash) {
      await sql.post(
        `INSERT INTO sign_in_links (id, account_id, token_hash, role, member_id, created_by, label,
           created_at, expires_at, used_at, revoked_at)
         VALUES (@id, @accountId, @tokenHash, @role, @memberId, @createdBy, @label,
           @createdAt, @expiresAt, @usedAt, @revokedAt)`,
        { ...link, tokenHash },
      );
    },
    async findByHash(tokenHash) {
      const row = await sql.get<LinkRow>('SELECT * FROM sign_in_links WHERE token_hash = ?', tokenHash);
      return row && linkFrom(row);
    },
    async listOpen(accountId, now) {
      const rows = await sql.all<LinkRow>(
        `SELECT * FROM sign_in_links
         WHERE account_id = ? AND created_by IS NOT NULL AND ${IS_OPEN} AND expires_at > ? ORDER BY id DESC`,
        accountId,
        now,
      );
      return rows.map(linkFrom);
    },
    async setUsed(id, at) {
      await sql.post('UPDATE sign_in_links SET used_at = ? WHERE id = ?', at, id);
    },
    async revoke(accountId, id, at) {
      const changed = await sql.run(
        `UPDATE sign_in_links SET revoked_at = @at
         WHERE id = @id AND account_id = @accountId AND created_by IS NOT NULL AND ${IS_OPEN} AND expires_at > @at`,
        { accountId, id, at },
      );
      return changed > 0;
    },
    async revokeOf(accountId, memberId, at) {
      await sql.post(
        `UPDATE sign_in_links SET revoked_at = @at
         WHERE account_id = @accountId AND created_by IS NULL AND COALESCE(member_id, '') = @memberId
           AND ${IS_OPEN}`,
        { accountId, memberId: memberId ?? '', at },
      );
    },
    purge(before, limit) {
      return sql.run(
        'DELETE FROM sign_in_links WHERE id IN (SELECT id FROM sign_in_links WHERE expires_at < ? LIMIT ?)',
        before,
        limit,
      );
    },
  };
}

interface PasskeyRow {
  id: string;
  member_id: string;
  credential_id: string;
  public_key: Uint8Array;
  counter: number;
  transports: string;
  name: string;
  created_at: number;
  last_used_at: number | null;
}

function passkeyFrom(row: PasskeyRow): Passkey {
  return {
    id: row.id,
    memberId: row.member_id,
    credentialId: row.credential_id,
    publicKey: row.public_key,
    counter: row.counter,
    transports: JSON.parse(row.transports),
    name: row.name,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  };
}

export function passkeyQueries(sql: Sql): PasskeyQueries {
  return {
    async insert(passkey) {
      await sql.post(
        `INSERT INTO passkeys (id, member_id, credential_id, public_key, counter, transports, name, created_at, last_used_at)
         VALUES (@id, @memberId, @credentialId, @publicKey, @counter, @transports, @name, @createdAt, @lastUsedAt)`,
        { ...passkey, transports: JSON.stringify(passkey.transports) },
      );
    },
    async findByCredential(credentialId) {
      const row = await sql.get<PasskeyRow>('SELECT * FROM passkeys WHERE credential_id = ?', credentialId);
      return row && passkeyFrom(row);
    },
    async list(memberId) {
      const rows = await sql.all<PasskeyRow>(
        'SELECT * FROM passkeys WHERE member_id = ? ORDER BY id',
        memberId,
      );
      return rows.map(passkeyFrom);
    },
    async setUsed(id, counter, at) {
      await sql.post('UPDATE passkeys SET counter = ?, last_used_at = ? WHERE id = ?', counter, at, id);
    },
    async remove(memberId, id) {
      return (await sql.run('DELETE FROM passkeys WHERE id = ? AND member_id = ?', id, memberId)) > 0;
    },
    async removeAll(memberId) {
      await sql.post('DELETE FROM passkeys WHERE member_id = ?', memberId);
    },
  };
}
