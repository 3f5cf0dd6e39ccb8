/** Stores the challenges that authenticators sign. */
import type { PasskeyChallengeQueries } from '../../core/ports/passkey-challenges.ts';
import type { Sql } from '../database.ts';

/** Deletions of one call. Each call follows an insertion, so a few suffice. */
const BEYOND_MAX = 100;

interface ChallengeRow {
  challenge: string;
  member_id: string | null;
  expires_at: number;
}

export function passkeyChallengeQueries(sql: Sql): PasskeyChallengeQueries {
  return {
    async insert(challenge) {
      await sql.post(
        `INSERT INTO passkey_challenges (challenge, member_id, expires_at)
         VALUES (@challenge, @memberId, @expiresAt)`,
        { ...challenge },
      );
    },
    async find(challenge) {
      const row = await sql.get<ChallengeRow>(
        'SELECT * FROM passkey_challenges WHERE challenge = ?',
        challenge,
      );
      return row && { challenge, memberId: row.member_id, expiresAt: row.expires_at };
    },
    async remove(challenge) {
      return (await sql.run('DELETE FROM passkey_challenges WHERE challenge = ?', challenge)) > 0;
    },
    async keepNewest(max) {
      await sql.run(
        `DELETE FROM passkey_challenges WHERE challenge IN (
           SELECT challenge FROM passkey_challenges INDEXED BY passkey_challenges_age
           ORDER BY expires_at DESC LIMIT ${BEYOND_MAX} OFFSET ?)`,
        max,
      );
    },
    purge(before, limit) {
      return sql.run(
        `DELETE FROM passkey_challenges WHERE challenge IN (
           SELECT challenge FROM passkey_challenges INDEXED BY passkey_challenges_age
           WHERE expires_at <= ? LIMIT ?)`,
        before,
        limit,
      );
    },
  };
}
