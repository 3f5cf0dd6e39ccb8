/**
 * SQL of messages and their timeline. The literals of partial indexes (`status = 'queued'`) are written out,
 * since the planner uses such an index only where it can see the literal; where it would still rather read the
 * table, `INDEXED BY` says which index (query-plans.test.ts holds them all).
 */

import type { Media } from '../../core/media.ts';
import type {
  Direction,
  Message,
  MessageStatus,
  RequestedService,
  TimelineEntry,
  TimelineKind,
} from '../../core/messages.ts';
import type { MessageFilter, MessageQueries } from '../../core/store-port.ts';
import type { Sql, Value } from '../database.ts';
import { type MediaRow, mediaFrom } from './media.ts';

interface MessageRow {
  id: string;
  world_id: number;
  number_id: string;
  direction: string;
  status: string;
  own_number: string;
  remote: string;
  content: string;
  media_count: number;
  chat: string | null;
  requested_service: string;
  service: string | null;
  error_code: string | null;
  error_message: string | null;
  error_retryable: number;
  priority: number;
  not_before: number | null;
  expires_at: number;
  attempt: number;
  device_id: string | null;
  lease_id: string | null;
  lease_until: number | null;
  lease_journaled: number;
  cancel_requested_at: number | null;
  guid: string | null;
  created_at: number;
  sent_at: number | null;
  delivered_at: number | null;
  read_at: number | null;
  failed_at: number | null;
  is_late: number;
  edited_at: number | null;
  retracted_at: number | null;
}

interface TimelineRow {
  at: number;
  kind: string;
  status: string;
  detail: string | null;
}

function messageFrom(row: MessageRow, media: readonly Media[]): Message {
  return {
    id: row.id,
    worldId: row.world_id,
    numberId: row.number_id,
    direction: row.direction as Message['direction'],
    status: row.status as MessageStatus,
    ownNumber: row.own_number,
    remote: row.remote,
    content: row.content,
    media,
    chat: row.chat,
    requestedService: row.requested_service as RequestedService,
    service: row.service,
    errorCode: row.error_code,
    errorMessage: row.error_message,
    errorRetryable: row.error_retryable === 1,
    priority: row.priority,
    notBefore: row.not_before,
    expiresAt: row.expires_at,
    attempt: row.attempt,
    deviceId: row.device_id,
    leaseId: row.lease_id,
    leaseUntil: row.lease_until,
    leaseJournaled: row.lease_journaled === 1,
    cancelRequestedAt: row.cancel_requested_at,
    guid: row.guid,
    createdAt: row.created_at,
    sentAt: row.sent_at,
    deliveredAt: row.delivered_at,
    readAt: row.read_at,
    failedAt: row.failed_at,
    isLate: row.is_late === 1,
    editedAt: row.edited_at,
    retractedAt: row.retracted_at,
  };
}

const COLUMNS = `id, world_id, number_id, direction, status, own_number, remote, content, requested_service,
  service, priority, not_before, expires_at, guid, created_at, sent_at, error_retryable, attempt, lease_journaled`;

const INSERT = `INSERT INTO messages (${COLUMNS}, device_id, media_count, chat, is_late, error_code, delivered_at, read_at,
    failed_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, ?, ?, ?, ?, ?, ?, ?, ?)`;

// What was uploaded before its message is there already.
const INSERT_MEDIA = `INSERT INTO media (id, world_id, message_id, position, source_url, content_type, name, size,
    sha256, created_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
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

// Steps from one priority to the next, so that a long queue costs no more than a short one.
const QUEUES = `WITH RECURSIVE queues (number_id, priority) AS (
    SELECT id, (SELECT MIN(priority) FROM messages WHERE number_id = numbers.id AND status = 'queued')
    FROM numbers WHERE world_id = ?
    UNION ALL
    SELECT number_id, (SELECT MIN(priority) FROM messages
      WHERE number_id = queues.number_id AND status = 'queued' AND priority > queues.priority)
    FROM queues WHERE priority IS NOT NULL)
  SELECT number_id, priority FROM queues WHERE priority IS NOT NULL`;

const NO_MEDIA: readonly Media[] = [];

const IS_OWN = 'SELECT 1 FROM numbers WHERE world_id = ? AND phone_number = ?';

// A person is left out while an earlier message to them is with another device, or with this one where a
// hand-out may have been lost and will be given again.
const NEXT_QUEUED = `SELECT * FROM messages
  WHERE number_id = ? AND status = 'queued' AND (SELECT is_live FROM numbers WHERE id = ?) = ?
    AND (not_before IS NULL OR not_before <= ?) AND expires_at > ?
    AND remote NOT IN (
      SELECT o.remote FROM messages o WHERE o.number_id = ? AND o.status = 'polling'
        AND (o.device_id <> ? OR (o.lease_journaled = 1 AND 0 = ?)))
  ORDER BY priority, id LIMIT ?`;

function isPlain(message: Message): boolean {
  return (
    message.direction === 'outbound' &&
    message.status === 'queued' &&
    message.service === null &&
    message.priority === 0 &&
    message.media.length === 0 &&
    message.chat === null &&
    message.requestedService === 'auto' &&
    message.notBefore === null &&
    message.guid === null &&
    message.sentAt === null
  );
}

function detailText({ detail }: TimelineEntry): string | null {
  return detail === null ? null : JSON.stringify(detail);
}

export function messageQueries(sql: Sql): MessageQueries {
  const mediaOf = async ({ id, media_count }: MessageRow): Promise<readonly Media[]> =>
    media_count === 0
      ? NO_MEDIA
      : (await sql.all<MediaRow>('SELECT * FROM media WHERE message_id = ? ORDER BY position', id)).map(
          mediaFrom,
        );

  const one = async (query: string, ...params: Value[]) => {
    const row = await sql.get<MessageRow>(query, ...params);
    return row && messageFrom(row, await mediaOf(row));
  };

  const many = async (query: string, ...params: Value[]) => {
    const rows = await sql.all<MessageRow>(query, ...params);
    const messages: Message[] = [];
    for (const row of rows) {
      messages.push(messageFrom(row, row.media_count === 0 ? NO_MEDIA : await mediaOf(row)));
    }
    return messages;
  };

  const append = async (messageId: string, entry: TimelineEntry) => {
    await sql.run(APPEND, messageId, messageId, entry.at, entry.kind, entry.status, detailText(entry));
  };

  /** Where messages of the world are queued: each of these is in order of id in the queue's index. */
  const queuesOf = (worldId: number) => sql.all<{ number_id: string; priority: number }>(QUEUES, worldId);

  return {
    async insert(message, entry) {
      const { id, worldId, numberId, ownNumber, remote, content, requestedService } = message;
      const { notBefore, expiresAt, createdAt } = message;
      if (isPlain(message)) {
        await sql.run(INSERT_PLAIN, id, worldId, numberId, ownNumber, remote, content, expiresAt, createdAt);
      } else {
        await sql.run(
          INSERT,
          id,
          worldId,
          numberId,
          message.direction,
          message.status,
          ownNumber,
          remote,
          content,
          requestedService,
          message.service,
          message.priority,
          notBefore,
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
        );
        for (const [position, media] of message.media.entries()) {
          const { sourceUrl, contentType, name, size, sha256 } = media;
          await sql.run(
            INSERT_MEDIA,
            media.id,
            worldId,
            id,
            position,
            sourceUrl,
            contentType,
            name,
            size,
            sha256,
            createdAt,
          );
        }
      }
      if (entry.kind === 'accepted' && entry.detail === null) await sql.run(ACCEPTED, id, entry.at);
      else await sql.run(BEGIN_TIMELINE, id, entry.at, entry.kind, entry.status, detailText(entry));
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
        message.worldId,
        message.id,
      );
      await append(message.id, entry);
    },
    async revise(message, entry) {
      await sql.run(
        'UPDATE messages SET content = ?, edited_at = ?, retracted_at = ? WHERE world_id = ? AND id = ?',
        message.content,
        message.editedAt,
        message.retractedAt,
        message.worldId,
        message.id,
      );
      await append(message.id, entry);
    },
    note: append,
    find(worldId, id) {
      return one('SELECT * FROM messages WHERE id = ? AND world_id = ?', id, worldId);
    },
    findForDevice(worldId, deviceId, id) {
      return one(
        `SELECT m.* FROM messages m WHERE m.world_id = ? AND m.id = ? AND (m.device_id = ?
           OR m.number_id IN (SELECT number_id FROM device_numbers WHERE device_id = ?))`,
        worldId,
        id,
        deviceId,
        deviceId,
      );
    },
    findByGuid(numberId, guid) {
      return one('SELECT * FROM messages WHERE number_id = ? AND guid = ?', numberId, guid);
    },
    async list(worldId, filter) {
      const own = new Set<string>();
      for (const handle of [filter.from, filter.to]) {
        if (handle !== undefined && (await sql.get(IS_OWN, worldId, handle)) !== undefined) own.add(handle);
      }
      const { where, params, isByRemote } = listConditions(worldId, filter, own);
      const order = filter.after === undefined ? 'DESC' : 'ASC';
      const select = (index: string, condition: string, ...values: Value[]) =>
        many(
          `SELECT * FROM messages ${index} WHERE ${where}${condition} ORDER BY id ${order} LIMIT ?`,
          ...params,
          ...values,
          filter.limit,
        );
      if (filter.status === undefined && !isByRemote) return select('', '');
      const found: Message[] = [];
      // The indexes by status and by correspondent leave out what is queued, which the queue's own has.
      if (filter.status !== 'queued') {
        const index = isByRemote ? 'messages_by_remote' : 'messages_by_status';
        found.push(...(await select(`INDEXED BY ${index}`, " AND status <> 'queued'")));
      }
      if (filter.status === undefined || filter.status === 'queued') {
        for (const { number_id, priority } of await queuesOf(worldId)) {
          const condition = " AND status = 'queued' AND number_id = ? AND priority = ?";
          found.push(...(await select('INDEXED BY messages_queue', condition, number_id, priority)));
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
    nextQueued({ numberId, environment, deviceId, keepsOrder, now, limit }) {
      return many(
        NEXT_QUEUED,
        numberId,
        numberId,
        environment === 'live' ? 1 : 0,
        now,
        now,
        numberId,
        deviceId,
        keepsOrder ? 1 : 0,
        limit,
      );
    },
    nextLapsed(deviceId, now, limit) {
      return many(
        `SELECT * FROM messages WHERE device_id = ? AND status = 'polling' AND lease_journaled = 1
           AND lease_until <= ? ORDER BY id LIMIT ?`,
        deviceId,
        now,
        limit,
      );
    },
    heldBy(deviceId) {
      return many("SELECT * FROM messages WHERE device_id = ? AND status = 'polling' ORDER BY id", deviceId);
    },
    async setLeaseEnd(messages, leaseUntil) {
      for (const { worldId, id } of messages) {
        await sql.run(
          "UPDATE messages SET lease_until = ? WHERE world_id = ? AND id = ? AND status = 'polling'",
          leaseUntil,
          worldId,
          id,
        );
      }
    },
    unreported(now, limit) {
      return many(
        `SELECT * FROM messages WHERE status = 'polling' AND lease_journaled = 0 AND lease_until <= ?
         ORDER BY lease_until LIMIT ?`,
        now,
        limit,
      );
    },
    async expired(now, id, limit) {
      const out = await many(
        "SELECT * FROM messages WHERE status = 'polling' AND expires_at <= ? ORDER BY expires_at LIMIT ?",
        now,
        limit,
      );
      const waiting = await many(
        `SELECT * FROM messages INDEXED BY messages_queue
         WHERE status = 'queued' AND id < ? AND expires_at <= ? LIMIT ?`,
        id,
        now,
        limit,
      );
      return [...out, ...waiting];
    },
    async hasDueHolds(now) {
      const row = await sql.get(
        `SELECT 1 FROM messages INDEXED BY messages_held_back
         WHERE status = 'queued' AND not_before IS NOT NULL AND not_before <= ? LIMIT 1`,
        now,
      );
      return row !== undefined;
    },
    async releaseHolds(now) {
      const rows = await sql.all<{ number_id: string }>(
        `SELECT DISTINCT number_id FROM messages INDEXED BY messages_held_back
         WHERE status = 'queued' AND not_before IS NOT NULL AND not_before <= ?`,
        now,
      );
      if (rows.length === 0) return [];
      await sql.run(
        `UPDATE messages INDEXED BY messages_held_back SET not_before = NULL
         WHERE status = 'queued' AND not_before IS NOT NULL AND not_before <= ?`,
        now,
      );
      return rows.map((row) => row.number_id);
    },
    async openOf(numberId) {
      const waiting = await many(
        "SELECT * FROM messages INDEXED BY messages_queue WHERE number_id = ? AND status = 'queued'",
        numberId,
      );
      const out = await many("SELECT * FROM messages WHERE number_id = ? AND status = 'polling'", numberId);
      return [...waiting, ...out];
    },
    sentSince(environment, since) {
      return many(
        `SELECT m.* FROM worlds w CROSS JOIN messages m INDEXED BY messages_by_status
         WHERE m.world_id = w.id AND w.environment = ? AND m.status = 'sent' AND m.status <> 'queued' AND m.direction = 'outbound'
           AND m.sent_at >= ?`,
        environment,
        since,
      );
    },
    async purge(id, limit) {
      const old = await sql.all<{ world_id: number; id: string; media_count: number }>(
        `SELECT m.world_id, m.id, m.media_count FROM worlds w CROSS JOIN messages m
         WHERE m.world_id = w.id AND m.id < ? AND m.status NOT IN ('queued', 'polling') LIMIT ?`,
        id,
        limit,
      );
      for (const row of old) {
        if (row.media_count > 0) {
          await sql.run(
            'DELETE FROM media_chunks WHERE media_id IN (SELECT id FROM media WHERE message_id = ?)',
            row.id,
          );
          await sql.run('DELETE FROM media WHERE message_id = ?', row.id);
        }
        await sql.run('DELETE FROM timeline WHERE message_id = ?', row.id);
        await sql.run('DELETE FROM messages WHERE world_id = ? AND id = ?', row.world_id, row.id);
      }
      return old.length;
    },
  };
}

/**
 * `from` and `to` name either side: for an outbound message `to` is the correspondent, for an inbound one our
 * own number. A handle that never was a number of ours can only be a correspondent, which an index serves.
 */
function listConditions(worldId: number, filter: MessageFilter, own: ReadonlySet<string>) {
  const conditions = ['world_id = ?'];
  const params: Value[] = [worldId];
  const add = (condition: string, ...values: Value[]) => {
    conditions.push(condition);
    params.push(...values);
  };
  let isByRemote = false;
  const addSide = (handle: string | undefined, asRemote: Direction, asOwn: Direction) => {
    if (handle === undefined) return;
    const remote = `(direction = '${asRemote}' AND remote = ?)`;
    if (own.has(handle)) add(`(${remote} OR (direction = '${asOwn}' AND own_number = ?))`, handle, handle);
    else {
      add(remote, handle);
      isByRemote = true;
    }
  };
  if (filter.before !== undefined) add('id < ?', filter.before);
  if (filter.after !== undefined) add('id > ?', filter.after);
  if (filter.status !== undefined) add('status = ?', filter.status);
  if (filter.direction !== undefined) add('direction = ?', filter.direction);
  addSide(filter.from, 'inbound', 'outbound');
  addSide(filter.to, 'outbound', 'inbound');
  return { where: conditions.join(' AND '), params, isByRemote };
}
