/** Stores the users of tenants, their saved replies, and WhatsApp templates. */

import type { SavedReply, User } from '../../core/model/user.ts';
import type { WhatsappTemplate } from '../../core/model/whatsapp-template.ts';
import type { SavedReplyQueries, UserQueries } from '../../core/ports/accounts.ts';
import type { WhatsappTemplateQueries } from '../../core/ports/templates.ts';
import type { Sql } from '../database.ts';

interface UserRow {
  id: string;
  world_id: number;
  name: string;
  email: string | null;
  custom_fields: string;
  created_at: number;
  updated_at: number;
}

function userFrom(row: UserRow): User {
  return {
    id: row.id,
    tenantId: row.world_id,
    name: row.name,
    email: row.email,
    customFields: JSON.parse(row.custom_fields),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export function userQueries(sql: Sql): UserQueries {
  return {
    async find(tenantId, id) {
      const row = await sql.get<UserRow>('SELECT * FROM users WHERE id = ? AND world_id = ?', id, tenantId);
      return row && userFrom(row);
    },
    async list(tenantId) {
      return (await sql.all<UserRow>('SELECT * FROM users WHERE world_id = ? ORDER BY id', tenantId)).map(
        userFrom,
      );
    },
    async put(user) {
      await sql.post(
        `INSERT INTO users (id, world_id, name, email, custom_fields, created_at, updated_at)
         VALUES (@id, @tenantId, @name, @email, @customFields, @createdAt, @updatedAt)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, email = excluded.email,
           custom_fields = excluded.custom_fields, updated_at = excluded.updated_at`,
        { ...user, customFields: JSON.stringify(user.customFields) },
      );
    },
  };
}

interface SavedReplyRow {
  id: string;
  world_id: number;
  user_id: string;
  title: string;
  body: string;
  created_at: number;
  updated_at: number;
}

function savedReplyFrom(row: SavedReplyRow): SavedReply {
  return {
    id: row.id,
    tenantId: row.world_id,
    userId: row.user_id,
    title: row.title,
    body: row.body,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export function savedReplyQueries(sql: Sql): SavedReplyQueries {
  return {
    async insert(reply) {
      await sql.post(
        `INSERT INTO saved_replies (id, world_id, user_id, title, body, created_at, updated_at)
         VALUES (@id, @tenantId, @userId, @title, @body, @createdAt, @updatedAt)`,
        { ...reply },
      );
    },
    async find(tenantId, id) {
      const row = await sql.get<SavedReplyRow>(
        'SELECT * FROM saved_replies WHERE id = ? AND world_id = ?',
        id,
        tenantId,
      );
      return row && savedReplyFrom(row);
    },
    async list(tenantId, userId) {
      const rows = await sql.all<SavedReplyRow>(
        'SELECT * FROM saved_replies WHERE user_id = ? AND world_id = ? ORDER BY id',
        userId,
        tenantId,
      );
      return rows.map(savedReplyFrom);
    },
    async count(tenantId, userId) {
      const row = await sql.get<{ n: number }>(
        'SELECT COUNT(*) AS n FROM saved_replies WHERE user_id = ? AND world_id = ?',
        userId,
        tenantId,
      );
      return row?.n ?? 0;
    },
    async update({ id, tenantId, title, body, updatedAt }) {
      await sql.post(
        `UPDATE saved_replies SET title = @title, body = @body, updated_at = @updatedAt
         WHERE id = @id AND world_id = @tenantId`,
        { id, tenantId, title, body, updatedAt },
      );
    },
    async remove(tenantId, id) {
      return (await sql.run('DELETE FROM saved_replies WHERE id = ? AND world_id = ?', id, tenantId)) > 0;
    },
  };
}

interface TemplateRow {
  id: string;
  world_id: number;
  title: string;
  language: string;
  status: string;
  quality: string | null;
  content_sid: string;
  content_type: string;
  body: string;
  quick_replies: string;
  category: string;
  created_at: number;
  updated_at: number;
}

function templateFrom(row: TemplateRow): WhatsappTemplate {
  return {
    id: row.id,
    tenantId: row.world_id,
    title: row.title,
    language: row.language,
    status: row.status as WhatsappTemplate['status'],
    quality: row.quality,
    contentSid: row.content_sid,
    contentType: row.content_type,
    body: row.body,
    quickReplies: JSON.parse(row.quick_replies),
    category: row.category,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export function whatsappTemplateQueries(sql: Sql): WhatsappTemplateQueries {
  return {
    async put(template) {
      await sql.post(
        `INSERT INTO whatsapp_templates (id, world_id, title, language, status, quality, content_sid, content_type,
           body, quick_replies, category, created_at, updated_at)
         VALUES (@id, @tenantId, @title, @language, @status, @quality, @contentSid, @contentType,
           @body, @quickReplies, @category, @createdAt, @updatedAt)
         ON CONFLICT (world_id, content_sid) DO UPDATE SET title = excluded.title, language = excluded.language,
           status = excluded.status, quality = excluded.quality, content_type = excluded.content_type,
           body = excluded.body, quick_replies = excluded.quick_replies, category = excluded.category,
           updated_at = excluded.updated_at`,
        { ...template, quickReplies: JSON.stringify(template.quickReplies) },
      );
    },
    async remove(tenantId, id) {
      await sql.post('DELETE FROM whatsapp_templates WHERE world_id = ? AND id = ?', tenantId, id);
    },
    async find(tenantId, id) {
      const row = await sql.get<TemplateRow>(
        'SELECT * FROM whatsapp_templates WHERE id = ? AND world_id = ?',
        id,
        tenantId,
      );
      return row && templateFrom(row);
    },
    async list(tenantId) {
      const rows = await sql.all<TemplateRow>(
        'SELECT * FROM whatsapp_templates WHERE world_id = ? ORDER BY id',
        tenantId,
      );
      return rows.map(templateFrom);
    },
  };
}
