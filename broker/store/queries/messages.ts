/**
 * SQL of messages and their timeline. The literals of partial indexes (`status = 'queued'`) are written out,
 * since the planner uses such an index only where it can see the literal; where it would still rather read the
 * table, `INDEXED BY` says which index (query-plans.test.ts holds them all).
 */

import type {
  Direction,
  Message,
  MessageStatus,
  TimelineEntry,
  TimelineKind,
} from '../../core/model/message.ts';
import type { MessageFilter, MessageQueries } from '../../core/ports/messages.ts';
import type { Sql, Value } from '../database.ts';
import { changedLine } from './changed-keys.ts';
import { inboxQueries } from './inbox.ts';
import { DEFERRED_LANE_OFFSET, messageReader } from './message-rows.ts';
import { queueQueries } from './queue.ts';

interface TimelineRow {
  at: number;
  kind: string;
  status: string;
  detail: string | null;
}

const COLUMNS = `id, world_id, number_id, direction, status, own_number, remote, content, requested_service,
  service, lane, not_before, expires_at, guid, created_at, sent_at, error_retryable, attempt, lease_journaled`;

const INSERT = `INSERT INTO messages (${COLUMNS}, device_id, media_count, chat, is_late, error_code, delivered_at, read_at,
    failed_at, metadata, template, cost_cents, committed_cents, is_unread, send_at, hold_reason, has_own_expiry,
    callback_id)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

// What was uploaded before its message is there already.
const INSERT_MEDIA = `INSERT INTO media (id, world_id, message_id, position, source_url, content_type, name, size,
    sha256, created_at, width, height, bytes_of)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET message_id = excluded.message_id, position = excluded.position,
    content_type = excluded.content_type, name = excluded.name`;

// What nearly every send is, with less to bind.
const INSERT_PLAIN = `INSERT INTO messages (${COLUMNS})
  VALUES (?, ?, ?, 'outbound', 'queued', ?, ?, ?, 'auto', NULL, 0, NULL, ?, NULL, ?, NULL, 0, 0, 0)`;

const UPDATE = `UPDATE messages SET status = ?, service = ?, error_code = ?, error_message = ?, error_retryable = ?,
    attempt = ?, device_id = ?, lease_id = ?, lease_until = ?, lease_journaled = ?, cancel_requested_at = ?,
    guid = ?, sent_at = ?, delivered_at = ?, read_at = ?, failed_at = ?
  WHERE world_id = ? AND id = ?`;

const BEGIN_TIMELINE =
  'INSERT INTO timeline (message_id, position, at, kind, status, detail) VALUES (?, 1, ?, ?, ?, ?)';

const ACCEPTED =
  "INSERT INTO timeline (message_id, position, at, kind, status) VALUES (?, 1, ?, 'accepted', 'queued')";

const APPEND = `INSERT INTO timeline (message_id, position, at, kind, status, detail)
  VALUES (?, (SELECT COALESCE(MAX(position), 0) + 1 FROM timeline WHERE message_id = ?), ?, ?, ?, ?)`;

// Steps from one lane to the next, so that a long queue costs no more than a short one.
const QUEUES = `WITH RECURSIVE queues (number_id, lane) AS (
    SELECT id, (SELECT MIN(lane) FROM messages WHERE number_id = numbers.id AND status = 'queued')
    FROM numbers WHERE world_id = ?
    UNION ALL
    SELECT number_id, (SELECT MIN(lane) FROM messages
      WHERE number_id = queues.number_id AND status = 'queued' AND lane > queues.lane)
    FROM queues WHERE lane IS NOT NULL)
  SELECT number_id, lane FROM queues WHERE lane IS NOT NULL`;

/** Tells the projections; see core/inbox/projections.ts. */
const CHANGED = 'INSERT INTO message_changes (messages) VALUES (?)';

const IS_OWN = 'SELECT 1 FROM numbers WHERE world_id = ? AND phone_number = ?';

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
    message.committedCents === 0
  );
}

function detailText({ detail }: TimelineEntry): string | null {
  return detail === null ? null : JSON.stringify(detail);
}

export function messageQueries(sql: Sql): MessageQueries {
  const { one, many } = messageReader(sql);

  const append = async (messageId: string, entry: TimelineEntry) => {
    await sql.run(APPEND, messageId, messageId, entry.at, entry.kind, entry.status, detailText(entry));
  };

  /** Where messages of the world are queued: each of these is in order of id in the queue's index. */
  const queuesOf = (tenantId: number) => sql.all<{ number_id: string; lane: number }>(QUEUES, tenantId);

  return {
    ...queueQueries(sql),
    ...inboxQueries(sql),
    async insert(message, entry) {
      const { id, tenantId, numberId, ownNumber, handle, content, requestedService } = message;
      const { deferredUntil, expiresAt, createdAt } = message;
      if (isPlain(message)) {
        await sql.run(INSERT_PLAIN, id, tenantId, numberId, ownNumber, handle, content, expiresAt, createdAt);
      } else {
        await sql.run(
          INSERT,
          id,
          tenantId,
          numberId,
          message.direction,
          message.status,
          ownNumber,
          handle,
          content,
          requestedService,
          message.service,
          message.priority + (deferredUntil === null ? 0 : DEFERRED_LANE_OFFSET),
          deferredUntil,
          expiresAt,
          message.guid,
          createdAt,
          message.sentAt,
          message.deviceId,
          message.media.length,
          message.chat,
          message.isLate ? 1 : 0,
          message.errorCode,
          message.deliveredAt,
          message.readAt,
          message.failedAt,
          message.metadata === null ? null : JSON.stringify(message.metadata),
          message.template === null ? null : JSON.stringify(message.template),
          message.costCents,
          message.committedCents,
          message.isUnread ? 1 : 0,
          message.sendAt,
          message.deferReason,
          message.hasRequestedExpiry ? 1 : 0,
          message.callbackId,
        );
        for (const [position, media] of message.media.entries()) {
          const { sourceUrl, contentType, name, size, sha256 } = media;
          await sql.run(
            INSERT_MEDIA,
            media.id,
            tenantId,
            id,
            position,
            sourceUrl,
            contentType,
            name,
            size,
            sha256,
            createdAt,
            media.width,
            media.height,
            media.bytesOf ?? null,
          );
        }
      }
      if (entry.kind === 'accepted' && entry.detail === null) await sql.run(ACCEPTED, id, entry.at);
      else await sql.run(BEGIN_TIMELINE, id, entry.at, entry.kind, entry.status, detailText(entry));
      sql.gather(CHANGED, changedLine(message));
    },
    async record(message, entry) {
      await sql.run(
        UPDATE,
        message.status,
        message.service,
        message.errorCode,
        message.errorMessage,
        message.errorRetryable ? 1 : 0,
        message.attempt,
        message.deviceId,
        message.leaseId,
        message.leaseUntil,
        message.leaseJournaled ? 1 : 0,
        message.cancelRequestedAt,
        message.guid,
        message.sentAt,
        message.deliveredAt,
        message.readAt,
        message.failedAt,
        message.tenantId,
        message.id,
      );
      await append(message.id, entry);
      // While it is under way it counts as queued.
      if (message.status !== 'polling') sql.gather(CHANGED, changedLine(message));
    },
    async revise(message, entry) {
      await sql.run(
        'UPDATE messages SET content = ?, edited_at = ?, retracted_at = ? WHERE world_id = ? AND id = ?',
        message.content,
        message.editedAt,
        message.retractedAt,
        message.tenantId,
        message.id,
      );
      await append(message.id, entry);
    },
    addTimelineEntry: append,
    find(tenantId, id) {
      return one('SELECT * FROM messages WHERE id = ? AND world_id = ?', id, tenantId);
    },
    findForDevice(tenantId, deviceId, id) {
      return one(
        `SELECT m.* FROM messages m WHERE m.world_id = ? AND m.id = ? AND (m.device_id = ?
           OR m.number_id IN (SELECT number_id FROM device_numbers WHERE device_id = ?))`,
        tenantId,
        id,
        deviceId,
        deviceId,
      );
    },
    findByGuid(numberId, guid) {
      return one('SELECT * FROM messages WHERE number_id = ? AND guid = ?', numberId, guid);
    },
    async list(tenantId, filter) {
      const own = new Set<string>();
      for (const handle of [filter.from, filter.to]) {
        if (handle !== undefined && (await sql.get(IS_OWN, tenantId, handle)) !== undefined) own.add(handle);
      }
      const { where, params, isByHandle } = listConditions(tenantId, filter, own);
      const order = filter.after === undefined ? 'DESC' : 'ASC';
      const select = (index: string, condition: string, ...values: Value[]) =>
        many(
          `SELECT * FROM messages ${index} WHERE ${where}${condition} ORDER BY id ${order} LIMIT ?`,
          ...params,
          ...values,
          filter.limit,
        );
      if (filter.status === undefined && !isByHandle) return select('', '');
      const found: Message[] = [];
      // The indexes by status and by correspondent leave out what is queued, which the queue's own has.
      if (filter.status !== 'queued') {
        const index = isByHandle ? 'messages_by_remote' : 'messages_by_status';
        found.push(...(await select(`INDEXED BY ${index}`, " AND status <> 'queued'")));
      }
      if (filter.status === undefined || filter.status === 'queued') {
        for (const { number_id, lane } of await queuesOf(tenantId)) {
          const condition = " AND status = 'queued' AND number_id = ? AND lane = ?";
          found.push(...(await select('INDEXED BY messages_queue', condition, number_id, lane)));
        }
      }
      const direction = order === 'DESC' ? -1 : 1;
      return found.sort((a, b) => (a.id < b.id ? -direction : direction)).slice(0, filter.limit);
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
    async remove({ tenantId, id, media }) {
      if (media.length > 0) {
        await sql.run(
          `DELETE FROM media_chunks WHERE media_id IN (SELECT id FROM media WHERE message_id = ?)
             AND NOT EXISTS (SELECT 1 FROM media WHERE bytes_of = media_chunks.media_id)`,
          id,
        );
        await sql.run('DELETE FROM media WHERE message_id = ?', id);
      }
      await sql.run('DELETE FROM timeline WHERE message_id = ?', id);
      await sql.run('DELETE FROM messages WHERE world_id = ? AND id = ?', tenantId, id);
    },
  };
}

/**
 * `from` and `to` name either side: for an outbound message `to` is the correspondent, for an inbound one our
 * own number. A handle that never was a number of ours can only be a correspondent, which an index serves.
 */
function listConditions(tenantId: number, filter: MessageFilter, own: ReadonlySet<string>) {
  const conditions = ['world_id = ?'];
  const params: Value[] = [tenantId];
  const add = (condition: string, ...values: Value[]) => {
    conditions.push(condition);
    params.push(...values);
  };
  let isByHandle = false;
  const addSide = (handle: string | undefined, asHandle: Direction, asOwn: Direction) => {
    if (handle === undefined) return;
    const isHandle = `(direction = '${asHandle}' AND remote = ?)`;
    if (own.has(handle)) add(`(${isHandle} OR (direction = '${asOwn}' AND own_number = ?))`, handle, handle);
    else {
      add(isHandle, handle);
      isByHandle = true;
    }
  };
  if (filter.before !== undefined) add('id < ?', filter.before);
  if (filter.after !== undefined) add('id > ?', filter.after);
  if (filter.status !== undefined) add('status = ?', filter.status);
  if (filter.direction !== undefined) add('direction = ?', filter.direction);
  addSide(filter.from, 'inbound', 'outbound');
  addSide(filter.to, 'outbound', 'inbound');
  return { where: conditions.join(' AND '), params, isByHandle };
}
