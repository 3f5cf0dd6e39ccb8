/** Stores signed shortcuts by the hash of the unsigned file. */
import type { SignedShortcutQueries } from '../../core/ports/signed-shortcuts.ts';
import type { Sql } from '../database.ts';

export function signedShortcutQueries(sql: Sql): SignedShortcutQueries {
  return {
    async find(sha256) {
      const row = await sql.get<{ bytes: Uint8Array }>(
        'SELECT bytes FROM signed_shortcuts WHERE sha256 = ?',
        sha256,
      );
      return row?.bytes;
    },
    async put(sha256, bytes, at) {
      await sql.post(
        'INSERT INTO signed_shortcuts (sha256, bytes, signed_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
        sha256,
        bytes,
        at,
      );
    },
  };
}
