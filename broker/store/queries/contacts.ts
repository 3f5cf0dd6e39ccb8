/** SQL of contacts and of who has opted out. */
import type { Contact } from '../../core/model/contact.ts';
import type { ContactQueries, SuppressionQueries } from '../../core/ports/contacts.ts';
import type { Sql } from '../database.ts';

interface ContactRow {
  id: string;
  world_id: number;
  handle: string;
  name: string | null;
  email: string | null;
  custom_fields: string;
  created_at: number;
  updated_at: number;
}

function contactFrom(row: ContactRow): Contact {
  return {
    id: row.id,
    worldId: row.world_id,
    handle: row.handle,
    name: row.name,
    email: row.email,
    customFields: JSON.parse(row.custom_fields),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export function contactQueries(sql: Sql): ContactQueries {
  return {
    async insert({ id, worldId, handle, name, email, customFields, createdAt, updatedAt }) {
      await sql.run(
        `INSERT INTO contacts (id, world_id, handle, name, email, custom_fields, created_at, updated_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        id,
        worldId,
        handle,
        name,
        email,
        JSON.stringify(customFields),
        createdAt,
        updatedAt,
      );
    },
    async update({ id, worldId, handle, name, email, customFields, updatedAt }) {
      await sql.run(
        `UPDATE contacts SET handle = ?, name = ?, email = ?, custom_fields = ?, updated_at = ?
         WHERE id = ? AND world_id = ?`,
        handle,
        name,
        email,
        JSON.stringify(customFields),
        updatedAt,
        id,
        worldId,
      );
    },
    async find(worldId, id) {
      const row = await sql.get<ContactRow>(
        'SELECT * FROM contacts WHERE id = ? AND world_id = ?',
        id,
        worldId,
      );
      return row && contactFrom(row);
    },
    async findByHandle(worldId, handle) {
      const row = await sql.get<ContactRow>(
        'SELECT * FROM contacts WHERE world_id = ? AND handle = ?',
        worldId,
        handle,
      );
      return row && contactFrom(row);
    },
    async list(worldId, { limit, after = '' }) {
      const rows = await sql.all<ContactRow>(
        'SELECT * FROM contacts WHERE world_id = ? AND id > ? ORDER BY id LIMIT ?',
        worldId,
        after,
        limit,
      );
      return rows.map(contactFrom);
    },
    async named(worldId, part, limit) {
      // The engine folds both, so that what it folds (SQLite: ASCII alone) is the same in both.
      const rows = await sql.all<ContactRow>(
        `SELECT * FROM contacts WHERE world_id = ? AND LOWER(name) LIKE LOWER(?) ESCAPE '\\' ORDER BY id LIMIT ?`,
        worldId,
        `%${part.replaceAll(/[\\%_]/g, '\\$&')}%`,
        limit,
      );
      return rows.map(contactFrom);
    },
    async count(worldId) {
      const row = await sql.get<{ n: number }>(
        'SELECT COUNT(*) AS n FROM contacts WHERE world_id = ?',
        worldId,
      );
      return row?.n ?? 0;
    },
    async remove(worldId, id) {
      return (await sql.run('DELETE FROM contacts WHERE id = ? AND world_id = ?', id, worldId)) > 0;
    },
  };
}

export function suppressionQueries(sql: Sql): SuppressionQueries {
  return {
    async any(worldId) {
      return (await sql.get('SELECT 1 FROM suppressions WHERE world_id = ? LIMIT 1', worldId)) !== undefined;
    },
    async has(worldId, handle) {
      const row = await sql.get(
        'SELECT 1 FROM suppressions WHERE world_id = ? AND handle = ?',
        worldId,
        handle,
      );
      return row !== undefined;
    },
    async among(worldId, handles) {
      const rows = await sql.all<{ handle: string }>(
        `SELECT s.handle FROM json_each(?) AS wanted CROSS JOIN suppressions s
         WHERE s.world_id = ? AND s.handle = wanted.value`,
        JSON.stringify(handles),
        worldId,
      );
      return new Set(rows.map(({ handle }) => handle));
    },
    async insert({ worldId, handle, reason, createdAt }) {
      return (
        (await sql.run(
          'INSERT INTO suppressions (world_id, handle, reason, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
          worldId,
          handle,
          reason,
          createdAt,
        )) > 0
      );
    },
    async remove(worldId, handle) {
      return (
        (await sql.run('DELETE FROM suppressions WHERE world_id = ? AND handle = ?', worldId, handle)) > 0
      );
    },
  };
}
