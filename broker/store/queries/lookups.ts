/** Reads the services of messages, and stores the results of look-ups. */
import type { Lookup, LookupService } from '../../core/model/lookup.ts';
import type { LookupQueries } from '../../core/ports/lookups.ts';
import type { Sql } from '../database.ts';

interface LookupRow {
  handle: string;
  service: string;
  source: string;
  checked_at: number;
}

/** Messages that are read to find the service of a handle. Only some have one. */
const SERVICES_MAX = 100;

export function lookupQueries(sql: Sql): LookupQueries {
  return {
    async servicesOf(tenantId, handle) {
      const rows = await sql.all<{ service: string | null }>(
        `SELECT service FROM messages INDEXED BY messages_by_remote
         WHERE world_id = ? AND remote = ? AND status <> 'queued' ORDER BY id DESC LIMIT ?`,
        tenantId,
        handle,
        SERVICES_MAX,
      );
      return rows.flatMap(({ service }) => service ?? []);
    },
    async find(tenantId, handle) {
      const row = await sql.get<LookupRow>(
        'SELECT handle, service, source, checked_at FROM lookups WHERE world_id = ? AND handle = ?',
        tenantId,
        handle,
      );
      if (row === undefined) return undefined;
      return {
        handle: row.handle,
        service: row.service as LookupService,
        source: row.source as Lookup['source'],
        checkedAt: row.checked_at,
      };
    },
    async put(tenantId, lookup) {
      await sql.post(
        `INSERT INTO lookups (world_id, handle, service, source, checked_at)
         VALUES (@tenantId, @handle, @service, @source, @checkedAt)
         ON CONFLICT (world_id, handle) DO UPDATE SET service = excluded.service, source = excluded.source,
           checked_at = excluded.checked_at`,
        { ...lookup, tenantId },
      );
    },
    purge(before, limit) {
      return sql.run(
        `DELETE FROM lookups WHERE (world_id, handle) IN (
           SELECT world_id, handle FROM lookups INDEXED BY lookups_age WHERE checked_at < ? LIMIT ?)`,
        before,
        limit,
      );
    },
  };
}
