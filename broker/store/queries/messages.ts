/**
 * Stores messages and their timelines.
 *
 * SQLite uses a partial index only if the query repeats the condition of the index literally (`status = 'queued'`).
 * Where SQLite would still read the table, `INDEXED BY` names the index. query-plans.test.ts checks the plans.
 */

import type { Message, MessageStatus, TimelineEntry, TimelineKind } from '../../core/model/message.ts';
import { changeOf } from '../../core/model/message-change.ts';
import type { MessageQueries } from '../../core/ports/messages.ts';
import { onOneState, type Sql } from '../database.ts';
import type { MessageWatch } from '../message-watch.ts';
import { changedLine } from './changed-keys.ts';
import { inboxQueries } from './inbox.ts';
import { deleteMediaOf } from './media.ts';
import { messageBrowser } from './message-browse.ts';
import { messageList } from './message-list.ts';
import { messageReader } from './message-rows.ts';
import { insertValues, richValue, timelineValues } from './message-values.ts';
import { queueQueries } from './queue.ts';

interface TimelineRow {
  at: number;
  kind: string;
  status: string;
  detail: string | null;
}

const COLUMNS = `id, world_id, number_id, direction, status, own_number, remote, content, requested_service,
  service, lane, not_before, expires_at, guid, created_at, sent_at, error_retryable, attempt, lease_journaled`;

const INSERT = `INSERT INTO messages (${COLUMNS},
    device_id, media_count, chat, is_late, error_code, delivered_at, read_at, failed_at, metadata, template,
    cost_cents, committed_cents, is_unread, send_at, hold_reason, has_own_expiry, callback_id,
    rich, action, needs, is_blocked, deleted_at)
  VALUES (@id, @tenantId, @numberId, @direction, @status, @ownNumber, @handle, @content, @requestedService,
    @service, @lane, @deferredUntil, @expiresAt, @guid, @createdAt, @sentAt, 0, 0, 0,
    @deviceId, @mediaCount, @chat, @isLate, @errorCode, @deliveredAt, @readAt, @failedAt, @metadata, @template,
    @costCents, @committedCents, @isUnread, @sendAt, @deferReason, @hasRequestedExpiry, @callbackId,
    @rich, @action, @needs, @isBlocked, @deletedAt)`;

// An attachment that was uploaded before its message has a row already.
const INSERT_MEDIA = `INSERT INTO media (id, world_id, message_id, position, source_url, content_type, name, size,
    sha256, created_at, width, height, bytes_of)
  VALUES (@id, @tenantId, @messageId, @position, @sourceUrl, @contentType, @name, @size,
    @sha256, @createdAt, @width, @height, @bytesOf)
  ON CONFLICT (id) DO UPDATE SET message_id = excluded.message_id, position = excluded.position,
    content_type = excluded.content_type, name = excluded.name`;

// Nearly every sent message fits this statement, which binds fewer values.
const INSERT_PLAIN = `INSERT INTO messages (${COLUMNS})
  VALUES (@id, @tenantId, @numberId, 'outbound', 'queued', @ownNumber, @handle, @content, 'auto',
    NULL, 0, NULL, @expiresAt, NULL, @createdAt, NULL, 0, 0, 0)`;

const UPDATE = `UPDATE messages SET status = @status, service = @service, error_code = @errorCode,
    error_message = @errorMessage, error_retryable = @errorRetryable, attempt = @attempt, device_id = @deviceId,
    lease_id = @leaseId, lease_until = @leaseUntil, lease_journaled = @leaseJournaled,
    cancel_requested_at = @cancelRequestedAt, guid = @guid, sent_at = @sentAt, delivered_at = @deliveredAt,
    read_at = @readAt, failed_at = @failedAt
  WHERE world_id = @tenantId AND id = @id`;

const BEGIN_TIMELINE = `INSERT INTO timeline (message_id, position, at, kind, status, detail)
  VALUES (@messageId, 1, @at, @kind, @status, @detail)`;

const ACCEPTED =
  "INSERT INTO timeline (message_id, position, at, kind, status) VALUES (@id, 1, @at, 'accepted', 'queued')";

const APPEND = `INSERT INTO timeline (message_id, position, at, kind, status, detail)
  VALUES (@messageId, (SELECT COALESCE(MAX(position), 0) + 1 FROM timeline WHERE message_id = @messageId),
    @at, @kind, @status, @detail)`;

/** Adds the message to the changes that the projections process; see core/inbox/projections.ts. */
const CHANGED = 'INSERT INTO message_changes (messages) VALUES (?)';

function isPlain(message: Message): boolean {
  return (
    message.direction === 'outbound' &&
    message.status === 'queued' &&
    message.service === null &&
    message.priority === 0 &&
    message.media.length === 0 &&
    message.chat === null &&
    message.requestedService === 'auto' &&
    message.deferredUntil === null &&
    !message.hasRequestedExpiry &&
    message.callbackId === null &&
    message.guid === null &&
    message.sentAt === null &&
    message.metadata === null &&
    message.template === null &&
    message.committedCents === 0 &&
    message.needs === 0 &&
    message.replyTo === null &&
    message.action === null
  );
}

const BY_ALIAS = `SELECT m.* FROM message_aliases a CROSS JOIN messages m
  WHERE a.number_id = ? AND a.guid = ? AND m.world_id = a.world_id AND m.id = a.message_id`;

const COPIES = `SELECT m.* FROM messages m INDEXED BY messages_by_remote
  WHERE m.world_id = @tenantId AND m.remote = @handle AND m.id >= @sinceId AND m.status <> 'queued'
    AND m.number_id = @numberId AND m.direction = @direction AND m.device_id <> @deviceId
    AND NOT EXISTS (SELECT 1 FROM message_aliases a WHERE a.message_id = m.id AND a.device_id = @deviceId)
  ORDER BY m.id LIMIT @limit`;

const NEWEST_ID = `SELECT MAX(id) AS id FROM (
  SELECT (SELECT MAX(id) FROM messages WHERE world_id = w.id) AS id FROM worlds w
  UNION ALL SELECT MAX(id) FROM events) AS newest`;

/**
 * `onCancellation` is called when a record requests the cancellation of a leased message, or cancels a message that needs a
 * capability. `watch` receives the accepted and changed messages.
 */
export function messageQueries(
  sql: Sql,
  onCancellation: (message: Message) => void,
  watch?: MessageWatch,
): MessageQueries {
  const { one, many } = messageReader(sql);

  const append = async (messageId: string, entry: TimelineEntry) => {
    await sql.post(APPEND, timelineValues(messageId, entry));
  };

  const insertMedia = async ({ id: messageId, tenantId, createdAt, media }: Message) => {
    for (const [position, one] of media.entries()) {
      const { bytesOf = null } = one;
      await sql.post(INSERT_MEDIA, { ...one, tenantId, messageId, position, createdAt, bytesOf });
    }
  };

  return {
    ...queueQueries(sql, watch),
    ...inboxQueries(sql, watch),
    list: onOneState(sql, messageList),
    browse: onOneState(sql, messageBrowser),
    async insert(message, entry) {
      const { id, tenantId, numberId, ownNumber, handle, content, expiresAt, createdAt } = message;
      if (isPlain(message)) {
        const values = { id, tenantId, numberId, ownNumber, handle, content, expiresAt, createdAt };
        await sql.insert(INSERT_PLAIN, values);
      } else {
        await sql.insert(INSERT, insertValues(message));
        await insertMedia(message);
      }
      if (entry.kind === 'accepted' && entry.detail === null)
        await sql.insert(ACCEPTED, { id, at: entry.at });
      else await sql.insert(BEGIN_TIMELINE, timelineValues(id, entry));
      sql.gather(CHANGED, changedLine(message));
      if (watch?.isActive) watch.changed(changeOf(message));
    },
    async record(message, entry) {
      await sql.post(UPDATE, {
        tenantId: message.tenantId,
        id: message.id,
        status: message.status,
        service: message.service,
        errorCode: message.errorCode,
        errorMessage: message.errorMessage,
        errorRetryable: message.errorRetryable ? 1 : 0,
        attempt: message.attempt,
        deviceId: message.deviceId,
        leaseId: message.leaseId,
        leaseUntil: message.leaseUntil,
        leaseJournaled: message.leaseJournaled ? 1 : 0,
        cancelRequestedAt: message.cancelRequestedAt,
        guid: message.guid,
        sentAt: message.sentAt,
        deliveredAt: message.deliveredAt,
        readAt: message.readAt,
        failedAt: message.failedAt,
      });
      await append(message.id, entry);
      const isBlockerCancelled = message.needs !== 0 && message.errorCode === 'cancelled';
      if (entry.kind === 'cancel_requested' || isBlockerCancelled) onCancellation(message);
      // The projections count a leased message as queued.
      if (message.status !== 'polling') sql.gather(CHANGED, changedLine(message));
      if (watch?.isActive) watch.changed(changeOf(message));
    },
    async revise(message, entry) {
      const { tenantId, id, content, editedAt, retractedAt } = message;
      await sql.post(
        `UPDATE messages SET content = @content, edited_at = @editedAt, retracted_at = @retractedAt
         WHERE world_id = @tenantId AND id = @id`,
        { tenantId, id, content, editedAt, retractedAt },
      );
      await append(id, entry);
      if (watch?.isActive) watch.changed(changeOf(message));
    },
    addTimelineEntry: append,
    async addReaction(message) {
      await sql.post(
        'UPDATE messages SET reaction_count = reaction_count + 1 WHERE world_id = ? AND id = ?',
        message.tenantId,
        message.id,
      );
      if (watch?.isActive) watch.changed(changeOf(message));
    },
    async setReply(message) {
      const { tenantId, id } = message;
      await sql.post(
        'UPDATE messages SET rich = ? WHERE world_id = ? AND id = ?',
        richValue(message),
        tenantId,
        id,
      );
      if (watch?.isActive) watch.changed(changeOf(message));
    },
    async setRead(message) {
      const { tenantId, id, readAt } = message;
      await sql.post('UPDATE messages SET read_at = ? WHERE world_id = ? AND id = ?', readAt, tenantId, id);
      if (watch?.isActive) watch.changed(changeOf(message));
    },
    find(tenantId, id) {
      return one('SELECT * FROM messages WHERE id = ? AND world_id = ? AND action IS NULL', id, tenantId);
    },
    findItem(tenantId, id) {
      return one('SELECT * FROM messages WHERE id = ? AND world_id = ?', id, tenantId);
    },
    async findForDevice(tenantId, deviceId, ids) {
      const found = await many(
        `SELECT m.* ${sql.dialect.lookup(
          '@ids',
          'messages m',
          'm',
          `m.world_id = @tenantId AND m.id = wanted.value AND (m.device_id = @deviceId
             OR m.number_id IN (SELECT number_id FROM device_numbers WHERE device_id = @deviceId))`,
        )}`,
        { ids: JSON.stringify(ids), tenantId, deviceId },
      );
      return new Map(found.map((message) => [message.id, message]));
    },
    async newestId() {
      const row = await sql.get<{ id: string | null }>(NEWEST_ID);
      return row?.id ?? undefined;
    },
    async findByGuid(numberId, guid) {
      const found = await one('SELECT * FROM messages WHERE number_id = ? AND guid = ?', numberId, guid);
      return found ?? one(BY_ALIAS, numberId, guid);
    },
    copies({ tenantId, numberId, handle, direction, deviceId, sinceId, limit }) {
      return many(COPIES, { tenantId, numberId, handle, direction, deviceId, sinceId, limit });
    },
    async addAlias({ tenantId, numberId, id }, { guid, deviceId }) {
      await sql.post(
        `INSERT INTO message_aliases (number_id, guid, world_id, message_id, device_id)
         VALUES (@numberId, @guid, @tenantId, @id, @deviceId)`,
        { numberId, guid, tenantId, id, deviceId },
      );
    },
    async addMedia(message, media) {
      await insertMedia({ ...message, media });
      await sql.post(
        'UPDATE messages SET media_count = ? WHERE world_id = ? AND id = ?',
        media.length,
        message.tenantId,
        message.id,
      );
      if (watch?.isActive) watch.changed(changeOf(message));
    },
    async timeline(messageId) {
      const rows = await sql.all<TimelineRow>(
        'SELECT at, kind, status, detail FROM timeline WHERE message_id = ? ORDER BY position',
        messageId,
      );
      return rows.map((row) => ({
        at: row.at,
        kind: row.kind as TimelineKind,
        status: row.status as MessageStatus,
        detail: row.detail === null ? null : JSON.parse(row.detail),
      }));
    },
    finishedBefore(id, limit) {
      return many(
        `SELECT m.* FROM worlds w CROSS JOIN messages m
         WHERE m.world_id = w.id AND m.id < ? AND m.status NOT IN ('queued', 'polling') LIMIT ?`,
        id,
        limit,
      );
    },
    async remove({ tenantId, id, media, chat, editedAt, retractedAt }) {
      if (media.length > 0) await deleteMediaOf(sql, id, media);
      await sql.post('DELETE FROM timeline WHERE message_id = ?', id);
      await sql.post('DELETE FROM message_aliases WHERE message_id = ?', id);
      await sql.post('DELETE FROM reactions WHERE message_id = ? AND message_id IS NOT NULL', id);
      if (editedAt !== null || retractedAt !== null) {
        await sql.post('DELETE FROM message_edits WHERE message_id = ?', id);
      }
      if (chat !== null) await sql.post('DELETE FROM message_receipts WHERE message_id = ?', id);
      await sql.post('DELETE FROM messages WHERE world_id = ? AND id = ?', tenantId, id);
    },
  };
}
