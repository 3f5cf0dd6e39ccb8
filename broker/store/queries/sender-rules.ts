/** Stores sender rules. */
import type { SenderRule, SenderRuleAction } from '../../core/model/sender-rule.ts';
import type { SenderRuleQueries } from '../../core/ports/sender-rules.ts';
import type { Sql } from '../database.ts';

interface SenderRuleRow {
  id: string;
  world_id: number;
  handle: string;
  action: string;
  created_at: number;
  updated_at: number;
}

function ruleFrom(row: SenderRuleRow): SenderRule {
  return {
    id: row.id,
    tenantId: row.world_id,
    handle: row.handle,
    action: row.action as SenderRuleAction,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export function senderRuleQueries(sql: Sql): SenderRuleQueries {
  return {
    async hasBlocks(tenantId) {
      const row = await sql.get(
        "SELECT 1 FROM sender_rules WHERE world_id = ? AND action = 'block' LIMIT 1",
        tenantId,
      );
      return row !== undefined;
    },
    async isBlocked(tenantId, handle) {
      const row = await sql.get(
        "SELECT 1 FROM sender_rules WHERE world_id = ? AND handle = ? AND action = 'block'",
        tenantId,
        handle,
      );
      return row !== undefined;
    },
    async filterBlocked(tenantId, handles) {
      const rows = await sql.all<{ handle: string }>(
        `SELECT r.handle ${sql.dialect.lookup(
          '?',
          'sender_rules r',
          'r',
          "r.world_id = ? AND r.handle = wanted.value AND r.action = 'block'",
        )}`,
        JSON.stringify(handles),
        tenantId,
      );
      return new Set(rows.map(({ handle }) => handle));
    },
    async find(tenantId, id) {
      const row = await sql.get<SenderRuleRow>(
        'SELECT * FROM sender_rules WHERE id = ? AND world_id = ?',
        id,
        tenantId,
      );
      return row && ruleFrom(row);
    },
    async findByHandle(tenantId, handle) {
      const row = await sql.get<SenderRuleRow>(
        'SELECT * FROM sender_rules WHERE world_id = ? AND handle = ?',
        tenantId,
        handle,
      );
      return row && ruleFrom(row);
    },
    async list(tenantId, { limit, offset = 0, after = '', action }) {
      const rows = await sql.all<SenderRuleRow>(
        `SELECT * FROM sender_rules WHERE world_id = @tenantId AND handle > @after
         ${action === undefined ? '' : 'AND action = @action'} ORDER BY handle LIMIT @limit OFFSET @offset`,
        { tenantId, after, action, limit, offset },
      );
      return rows.map(ruleFrom);
    },
    async count(tenantId) {
      const row = await sql.get<{ n: number }>(
        'SELECT COUNT(*) AS n FROM sender_rules WHERE world_id = ?',
        tenantId,
      );
      return row?.n ?? 0;
    },
    async insert(rule) {
      await sql.run(
        `INSERT INTO sender_rules (world_id, handle, id, action, created_at, updated_at)
         VALUES (@tenantId, @handle, @id, @action, @createdAt, @updatedAt)`,
        { ...rule },
      );
    },
    async update({ id, tenantId, action, updatedAt }) {
      await sql.post(
        'UPDATE sender_rules SET action = ?, updated_at = ? WHERE id = ? AND world_id = ?',
        action,
        updatedAt,
        id,
        tenantId,
      );
    },
    async remove(tenantId, id) {
      return (await sql.run('DELETE FROM sender_rules WHERE id = ? AND world_id = ?', id, tenantId)) > 0;
    },
  };
}
