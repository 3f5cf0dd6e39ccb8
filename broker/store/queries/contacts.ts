/** Stores contacts and suppressions (handles that have opted out). */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Suppression } from '../../core/model/suppression.ts';
import type { ContactQueries, SuppressionQueries } from '../../core/ports/contacts.ts';
import type { NamedValues, Sql } from '../database.ts';
import { contactLists, PART, pattern } from './contact-lists.ts';
import { type ContactRow, contactFrom } from './contact-rows.ts';

const BY_ID = `FROM contacts INDEXED BY contacts_by_id WHERE world_id = @tenantId AND id > @after ORDER BY id`;

export function contactQueries(sql: Sql): ContactQueries {
  const { recordFields, ...lists } = contactLists(sql);
  return {
    ...lists,
    async insert(contact) {
      await sql.insert(
        `INSERT INTO contacts (id, world_id, handle, name, email, custom_fields, created_at, updated_at)
         VALUES (@id, @tenantId, @handle, @name, @email, @customFields, @createdAt, @updatedAt)`,
        { ...contact, customFields: JSON.stringify(contact.customFields) },
      );
      await recordFields(contact);
    },
    async update(contact) {
      await sql.post(
        `UPDATE contacts SET handle = @handle, name = @name, email = @email, custom_fields = @customFields,
           updated_at = @updatedAt WHERE id = @id AND world_id = @tenantId`,
        { ...contact, customFields: JSON.stringify(contact.customFields) },
      );
      await recordFields(contact);
    },
    async find(tenantId, id) {
      const row = await sql.get<ContactRow>(
        'SELECT * FROM contacts WHERE id = ? AND world_id = ?',
        id,
        tenantId,
      );
      return row && contactFrom(row);
    },
    async findByHandle(tenantId, handle) {
      const row = await sql.get<ContactRow>(
        'SELECT * FROM contacts WHERE world_id = ? AND handle = ?',
        tenantId,
        handle,
      );
      return row && contactFrom(row);
    },
    async findByHandles(tenantId, handles) {
      const rows = await sql.all<ContactRow>(
        `SELECT c.* ${sql.dialect.lookup('?', 'contacts c', 'c', 'c.world_id = ? AND c.handle = wanted.value')}`,
        JSON.stringify(handles),
        tenantId,
      );
      return rows.map(contactFrom);
    },
    async list(tenantId, { limit, after = '' }) {
      const rows = await sql.all<ContactRow>(`SELECT * ${BY_ID} LIMIT @limit`, { tenantId, after, limit });
      return rows.map(contactFrom);
    },
    async named(tenantId, part, limit) {
      const text = pattern(part);
      const found: ContactRow[] = [];
      for (let after: string | undefined = ''; after !== undefined; ) {
        const values: NamedValues = { tenantId, after, text, limit: limit - found.length };
        // The engine folds case on both sides, so both sides fold the same characters (SQLite: ASCII only).
        const rows = await sql.all<ContactRow>(
          `SELECT * FROM (SELECT * ${BY_ID} LIMIT ${PART}) AS part
           WHERE LOWER(name) LIKE LOWER(@text) ESCAPE '\\' ORDER BY id LIMIT @limit`,
          values,
        );
        found.push(...rows);
        if (found.length === limit) break;
        const end = await sql.get<{ id: string }>(`SELECT id ${BY_ID} LIMIT 1 OFFSET ${PART - 1}`, values);
        after = end?.id;
        if (after !== undefined) await nextTurn();
      }
      return found.map(contactFrom);
    },
    async count(tenantId) {
      const row = await sql.get<{ n: number }>(
        'SELECT COUNT(*) AS n FROM contacts WHERE world_id = ?',
        tenantId,
      );
      return row?.n ?? 0;
    },
    async remove(tenantId, id) {
      return (await sql.run('DELETE FROM contacts WHERE id = ? AND world_id = ?', id, tenantId)) > 0;
    },
  };
}

interface SuppressionRow {
  world_id: number;
  handle: string;
  reason: string;
  created_at: number;
}

const suppressionFrom = (row: SuppressionRow): Suppression => ({
  tenantId: row.world_id,
  handle: row.handle,
  reason: row.reason,
  createdAt: row.created_at,
});

export function suppressionQueries(sql: Sql): SuppressionQueries {
  return {
    async hasAny(tenantId) {
      return (await sql.get('SELECT 1 FROM suppressions WHERE world_id = ? LIMIT 1', tenantId)) !== undefined;
    },
    async has(tenantId, handle) {
      const row = await sql.get(
        'SELECT 1 FROM suppressions WHERE world_id = ? AND handle = ?',
        tenantId,
        handle,
      );
      return row !== undefined;
    },
    async find(tenantId, handle) {
      const row = await sql.get<SuppressionRow>(
        'SELECT * FROM suppressions WHERE world_id = ? AND handle = ?',
        tenantId,
        handle,
      );
      return row && suppressionFrom(row);
    },
    async list(tenantId, { limit, after = '' }) {
      const rows = await sql.all<SuppressionRow>(
        'SELECT * FROM suppressions WHERE world_id = ? AND handle > ? ORDER BY handle LIMIT ?',
        tenantId,
        after,
        limit,
      );
      return rows.map(suppressionFrom);
    },
    async filterSuppressed(tenantId, handles) {
      const rows = await sql.all<{ handle: string }>(
        `SELECT s.handle ${sql.dialect.lookup('?', 'suppressions s', 's', 's.world_id = ? AND s.handle = wanted.value')}`,
        JSON.stringify(handles),
        tenantId,
      );
      return new Set(rows.map(({ handle }) => handle));
    },
    async insert({ tenantId, handle, reason, createdAt }) {
      return (
        (await sql.run(
          'INSERT INTO suppressions (world_id, handle, reason, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
          tenantId,
          handle,
          reason,
          createdAt,
        )) > 0
      );
    },
    async remove(tenantId, handle) {
      return (
        (await sql.run('DELETE FROM suppressions WHERE world_id = ? AND handle = ?', tenantId, handle)) > 0
      );
    },
  };
}
