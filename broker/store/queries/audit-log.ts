/** Stores the audit log of MCP tool calls. Its table is `tool_calls`. */

import type { AuditEntry, AuditOutcome, AuditRoute } from '../../core/model/audit-entry.ts';
import type { AuditLogQueries } from '../../core/ports/audit-log.ts';
import type { Sql } from '../database.ts';

interface AuditEntryRow {
  id: string;
  world_id: number;
  credential_id: string | null;
  tool: string;
  through: string;
  params: string;
  outcome: string;
  error_code: string | null;
  duration_ms: number;
  at: number;
}

function auditEntryFrom(row: AuditEntryRow): AuditEntry {
  return {
    id: row.id,
    tenantId: row.world_id,
    credentialId: row.credential_id,
    tool: row.tool,
    through: row.through as AuditRoute,
    params: row.params,
    outcome: row.outcome as AuditOutcome,
    errorCode: row.error_code,
    durationMs: row.duration_ms,
    at: row.at,
  };
}

export function auditLogQueries(sql: Sql): AuditLogQueries {
  return {
    async insert(entry) {
      await sql.post(
        `INSERT INTO tool_calls (id, world_id, credential_id, tool, through, params, outcome, error_code,
           duration_ms, at)
         VALUES (@id, @tenantId, @credentialId, @tool, @through, @params, @outcome, @errorCode, @durationMs, @at)`,
        { ...entry },
      );
    },
    async list(tenantId, { limit, before }) {
      const rows = await sql.all<AuditEntryRow>(
        `SELECT * FROM tool_calls WHERE world_id = ? ${before === undefined ? '' : 'AND id < ?'}
         ORDER BY id DESC LIMIT ?`,
        tenantId,
        ...(before === undefined ? [] : [before]),
        limit,
      );
      return rows.map(auditEntryFrom);
    },
    purge(beforeId, limit) {
      return sql.run(
        'DELETE FROM tool_calls WHERE id IN (SELECT id FROM tool_calls WHERE id < ? LIMIT ?)',
        beforeId,
        limit,
      );
    },
  };
}
