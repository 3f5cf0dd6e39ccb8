/** Stores attachments and their bytes. */
import type { Media } from '../../core/model/media.ts';
import type { MediaQueries } from '../../core/ports/media.ts';
import type { Sql } from '../database.ts';

export interface MediaRow {
  id: string;
  message_id: string | null;
  source_url: string | null;
  content_type: string | null;
  name: string | null;
  size: number | null;
  sha256: string | null;
  width: number | null;
  height: number | null;
  bytes_of: string | null;
}

export function mediaFrom(row: MediaRow): Media {
  return {
    id: row.id,
    sourceUrl: row.source_url,
    contentType: row.content_type,
    name: row.name,
    size: row.size,
    sha256: row.sha256,
    width: row.width,
    height: row.height,
    ...(row.bytes_of === null ? {} : { bytesOf: row.bytes_of }),
  };
}

// Steps from one file to the next in the index, so that the size of a file does not matter.
const FILES = `WITH RECURSIVE files (id) AS (
    SELECT MIN(media_id) FROM media_chunks WHERE media_id > @after AND media_id < @beforeId
    UNION ALL
    SELECT (SELECT MIN(media_id) FROM media_chunks WHERE media_id > files.id AND media_id < @beforeId)
    FROM files WHERE id IS NOT NULL)
  SELECT id FROM files WHERE id IS NOT NULL LIMIT @limit`;

/** Deletes the attachments of a message, and the uploads whose bytes only these attachments share. */
export async function deleteMediaOf(sql: Sql, messageId: string, media: readonly Media[]): Promise<void> {
  await sql.post(
    `DELETE FROM media_chunks WHERE media_id IN (SELECT id FROM media WHERE message_id = ?)
       AND NOT EXISTS (SELECT 1 FROM media WHERE bytes_of = media_chunks.media_id)`,
    messageId,
  );
  await sql.post('DELETE FROM media WHERE message_id = ?', messageId);
  const uploads = media.flatMap(({ bytesOf }) => (bytesOf === undefined ? [] : [bytesOf]));
  if (uploads.length === 0) return;
  const unused = `SELECT id FROM media upload WHERE ${sql.dialect.isIn('id', '?')} AND message_id IS NULL
    AND NOT EXISTS (SELECT 1 FROM media sharing WHERE sharing.bytes_of = upload.id)`;
  const ids = JSON.stringify(uploads);
  await sql.run(`DELETE FROM media_chunks WHERE media_id IN (${unused})`, ids);
  await sql.run(`DELETE FROM media WHERE id IN (${unused})`, ids);
}

/** Replaces the attachment of one message that shares the bytes of an upload. Returns false if there is none. */
async function claimForSharer(sql: Sql, uploadId: string): Promise<boolean> {
  const sharer = await sql.get<{ id: string; message_id: string; position: number }>(
    `SELECT id, message_id, position FROM media
     WHERE bytes_of = ? AND message_id IS NOT NULL LIMIT 1`,
    uploadId,
  );
  if (sharer === undefined) return false;
  const { id, message_id: messageId, position } = sharer;
  await sql.run('DELETE FROM media WHERE id = ?', id);
  await sql.run('UPDATE media SET message_id = ?, position = ? WHERE id = ?', messageId, position, uploadId);
  return true;
}

export function mediaQueries(sql: Sql): MediaQueries {
  return {
    async find(id) {
      const row = await sql.get<MediaRow>('SELECT * FROM media WHERE id = ?', id);
      return row && mediaFrom(row);
    },
    async isInbound(id) {
      const row = await sql.get(
        `SELECT 1 FROM media JOIN messages m ON m.world_id = media.world_id AND m.id = media.message_id
         WHERE media.id = ? AND m.direction = 'inbound'`,
        id,
      );
      return row !== undefined;
    },
    async findInTenant(tenantId, id) {
      const row = await sql.get<MediaRow & { message_id: string }>(
        `SELECT media.* FROM media JOIN messages m ON m.world_id = media.world_id AND m.id = media.message_id
         WHERE media.id = ? AND media.world_id = ? AND m.deleted_at IS NULL`,
        id,
        tenantId,
      );
      return row && { ...mediaFrom(row), messageId: row.message_id };
    },
    async findUnclaimed(uploader, id) {
      const row = await sql.get<MediaRow>(
        `SELECT * FROM media
         WHERE id = ? AND world_id = ? AND device_id = ? AND message_id IS NULL AND sha256 IS NOT NULL`,
        id,
        uploader.tenantId,
        uploader.id,
      );
      return row && mediaFrom(row);
    },
    async findShown(tenantId, id) {
      const row = await sql.get<MediaRow>(
        `SELECT media.* FROM media LEFT JOIN messages m ON m.world_id = media.world_id AND m.id = media.message_id
         WHERE media.id = ? AND media.world_id = ? AND m.deleted_at IS NULL
           AND (m.id IS NOT NULL OR media.message_id IS NULL)`,
        id,
        tenantId,
      );
      return row && mediaFrom(row);
    },
    async findUpload(deviceId, uploadId) {
      const row = await sql.get<MediaRow>(
        'SELECT * FROM media WHERE device_id = ? AND upload_id = ?',
        deviceId,
        uploadId,
      );
      return row && mediaFrom(row);
    },
    async insertUpload({ tenantId, deviceId, uploadId, createdAt }, media) {
      await sql.post(
        `INSERT INTO media (id, world_id, position, device_id, upload_id, content_type, name, size, sha256, created_at,
           source_url, width, height)
         VALUES (@id, @tenantId, 0, @deviceId, @uploadId, @contentType, @name, @size, @sha256, @createdAt,
           @sourceUrl, @width, @height)`,
        { ...media, tenantId, deviceId, uploadId, createdAt },
      );
    },
    async storedBytes(tenantId) {
      const rows = await sql.all<{ device_id: string; bytes: number }>(
        `SELECT device_id, SUM(size) AS bytes FROM media
         WHERE world_id = ? AND device_id IS NOT NULL GROUP BY device_id`,
        tenantId,
      );
      return new Map(rows.map(({ device_id, bytes }) => [device_id, bytes]));
    },
    async putChunk(mediaId, position, bytes) {
      await sql.post(
        `INSERT INTO media_chunks (media_id, position, bytes) VALUES (?, ?, ?)
         ON CONFLICT (media_id, position) DO UPDATE SET bytes = excluded.bytes`,
        mediaId,
        position,
        bytes,
      );
    },
    async chunk(mediaId, position) {
      const row = await sql.get<{ bytes: Uint8Array }>(
        `SELECT bytes FROM media_chunks
         WHERE media_id = COALESCE((SELECT bytes_of FROM media WHERE id = ?), ?) AND position = ?`,
        mediaId,
        mediaId,
        position,
      );
      return row?.bytes;
    },
    async dropChunks(mediaId, from) {
      await sql.post('DELETE FROM media_chunks WHERE media_id = ? AND position >= ?', mediaId, from);
    },
    async moveChunks(fromId, toId) {
      await sql.post('UPDATE media_chunks SET media_id = ? WHERE media_id = ?', toId, fromId);
    },
    async complete(id, { contentType, size, sha256, width = null, height = null }) {
      await sql.post(
        `UPDATE media SET content_type = @contentType, size = @size, sha256 = @sha256, width = @width,
           height = @height WHERE id = @id`,
        { id, contentType, size, sha256, width, height },
      );
    },
    async purgeUnclaimed(before, limit) {
      const old = await sql.all<{ id: string }>(
        'SELECT id FROM media WHERE message_id IS NULL AND created_at < ? LIMIT ?',
        before,
        limit,
      );
      for (const { id } of old) {
        if (await claimForSharer(sql, id)) continue;
        await sql.post('DELETE FROM media_chunks WHERE media_id = ?', id);
        await sql.post('DELETE FROM media WHERE id = ?', id);
      }
      return old.length;
    },
    async purgeOrphans({ after, beforeId, limit }) {
      const files = await sql.all<{ id: string }>(FILES, { after, beforeId, limit });
      const ids = files.map(({ id }) => id);
      // An interrupted upload leaves chunks without a media row.
      const orphans = await sql.all<{ id: string }>(
        `SELECT wanted.value AS id FROM ${sql.dialect.elements('?', 'wanted')}
         WHERE NOT ${sql.dialect.exists('SELECT 1 FROM media WHERE media.id = wanted.value')}
           AND NOT ${sql.dialect.exists('SELECT 1 FROM media WHERE bytes_of = wanted.value')}`,
        JSON.stringify(ids),
      );
      for (const { id } of orphans) await sql.post('DELETE FROM media_chunks WHERE media_id = ?', id);
      return { deleted: orphans.length, next: ids.length === limit ? ids.at(-1) : undefined };
    },
    async signingKey(name, fresh) {
      await sql.post(
        'INSERT INTO signing_keys (name, secret) VALUES (?, ?) ON CONFLICT DO NOTHING',
        name,
        fresh,
      );
      const row = await sql.get<{ secret: string }>('SELECT secret FROM signing_keys WHERE name = ?', name);
      return row?.secret ?? fresh;
    },
  };
}
