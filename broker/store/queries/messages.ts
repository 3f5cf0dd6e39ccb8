/**
 * SQL of messages and their timeline. The literals of partial indexes (`status = 'queued'`) are written out,
 * since the planner uses such an index only where it can see the literal.
 */
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

interface MessageRow {
  id: string;
  world_id: number;
  number_id: string;
  direction: string;
  status: string;
  own_number: string;
  remote: string;
  content: string;
  media_url: string | null;
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
}

interface TimelineRow {
  at: number;
  kind: string;
  status: string;
  detail: string | null;
}

function messageFrom(row: MessageRow): Message {
  return {
    id: row.id,
    worldId: row.world_id,
    numberId: row.number_id,
    direction: row.direction as Message['direction'],
    status: row.status as MessageStatus,
    ownNumber: row.own_number,
    remote: row.remote,
    content: row.content,
    mediaUrl: row.media_url,
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
  };
}

const INSERT = `INSERT INTO messages (id, world_id, number_id, direction, status, own_number, remote, content,
    media_url, requested_service, service, error_retryable, priority, not_before, expires_at, attempt,
    lease_journaled, guid, created_at, sent_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, 0, 0, ?, ?, ?)`;

const UPDATE = `UPDATE messages SET status = ?, service = ?, error_code = ?, error_message = ?, error_retryable = ?,
    attempt = ?, device_id = ?, lease_id = ?, lease_until = ?, lease_journaled = ?, cancel_requested_at = ?,
    guid = ?, sent_at = ?, delivered_at = ?, read_at = ?, failed_at = ?
  WHERE id = ?`;

const APPEND = 'INSERT INTO timeline (message_id, at, kind, status, detail) VALUES (?, ?, ?, ?, ?)';

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

export function messageQueries(sql: Sql): MessageQueries {
  const append = (id: string, { at, kind, status, detail }: TimelineEntry) =>
    sql.run(APPEND, id, at, kind, status, detail === null ? null : JSON.stringify(detail));
  const many = async (query: string, ...params: Value[]) =>
    (await sql.all<MessageRow>(query, ...params)).map(messageFrom);

  return {
    async insert(message, entry) {
      await sql.run(
        INSERT,
        message.id,
        message.worldId,
        message.numberId,
        message.direction,
        message.status,
        message.ownNumber,
        message.remote,
        message.content,
        message.mediaUrl,
        message.requestedService,
        message.service,
        message.priority,
        message.notBefore,
        message.expiresAt,
        message.guid,
        message.createdAt,
        message.sentAt,
      );
      await append(message.id, entry);
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
        message.id,
      );
      await append(message.id, entry);
    },
    async find(worldId, id) {
      const row = await sql.get<MessageRow>(
        'SELECT * FROM messages WHERE id = ? AND world_id = ?',
        id,
        worldId,
      );
      return row && messageFrom(row);
    },
    async findForDevice(deviceId, id) {
      const row = await sql.get<MessageRow>(
        `SELECT m.* FROM messages m WHERE m.id = ? AND (m.device_id = ?
           OR m.number_id IN (SELECT number_id FROM device_numbers WHERE device_id = ?))`,
        id,
        deviceId,
        deviceId,
      );
      return row && messageFrom(row);
    },
    async findByGuid(numberId, guid) {
      const row = await sql.get<MessageRow>(
        'SELECT * FROM messages WHERE number_id = ? AND guid = ?',
        numberId,
        guid,
      );
      return row && messageFrom(row);
    },
    async list(worldId, filter) {
      const own = new Set<string>();
      for (const handle of [filter.from, filter.to]) {
        if (handle !== undefined && (await sql.get(IS_OWN, worldId, handle)) !== undefined) own.add(handle);
      }
      const { where, params } = listConditions(worldId, filter, own);
      return many(
        `SELECT * FROM messages WHERE ${where} ORDER BY id ${filter.after === undefined ? 'DESC' : ''} LIMIT ?`,
        ...params,
        filter.limit,
      );
    },
    async timeline(messageId) {
      const rows = await sql.all<TimelineRow>(
        'SELECT at, kind, status, detail FROM timeline WHERE message_id = ? ORDER BY rowid',
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
    async setLeaseEnd(ids, leaseUntil) {
      for (const id of ids) {
        await sql.run(
          "UPDATE messages SET lease_until = ? WHERE id = ? AND status = 'polling'",
          leaseUntil,
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
    expired(now, limit) {
      return many(
        `SELECT * FROM messages WHERE status IN ('queued', 'polling') AND expires_at <= ?
         ORDER BY expires_at LIMIT ?`,
        now,
        limit,
      );
    },
    async hasDueHolds(now) {
      const row = await sql.get(
        "SELECT 1 FROM messages WHERE status = 'queued' AND not_before IS NOT NULL AND not_before <= ? LIMIT 1",
        now,
      );
      return row !== undefined;
    },
    async releaseHolds(now) {
      const rows = await sql.all<{ number_id: string }>(
        `SELECT DISTINCT number_id FROM messages
         WHERE status = 'queued' AND not_before IS NOT NULL AND not_before <= ?`,
        now,
      );
      if (rows.length === 0) return [];
      await sql.run(
        `UPDATE messages SET not_before = NULL
         WHERE status = 'queued' AND not_before IS NOT NULL AND not_before <= ?`,
        now,
      );
      return rows.map((row) => row.number_id);
    },
    openOf(numberId) {
      return many(
        "SELECT * FROM messages WHERE number_id = ? AND status IN ('queued', 'polling') ORDER BY id",
        numberId,
      );
    },
    sentSince(environment, since) {
      return many(
        `SELECT m.* FROM worlds w JOIN messages m ON m.world_id = w.id
         WHERE w.environment = ? AND m.status = 'sent' AND m.direction = 'outbound' AND m.sent_at >= ?`,
        environment,
        since,
      );
    },
    async purge(before, limit) {
      const ids = await sql.all<{ id: string }>(
        `SELECT id FROM messages WHERE created_at < ? AND status NOT IN ('queued', 'polling') ORDER BY id LIMIT ?`,
        before,
        limit,
      );
      for (const { id } of ids) {
        await sql.run('DELETE FROM timeline WHERE message_id = ?', id);
        await sql.run('DELETE FROM messages WHERE id = ?', id);
      }
      return ids.length;
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
  const addSide = (handle: string | undefined, asRemote: Direction, asOwn: Direction) => {
    if (handle === undefined) return;
    const remote = `(direction = '${asRemote}' AND remote = ?)`;
    if (own.has(handle)) add(`(${remote} OR (direction = '${asOwn}' AND own_number = ?))`, handle, handle);
    else add(remote, handle);
  };
  if (filter.before !== undefined) add('id < ?', filter.before);
  if (filter.after !== undefined) add('id > ?', filter.after);
  if (filter.status !== undefined) add('status = ?', filter.status);
  if (filter.direction !== undefined) add('direction = ?', filter.direction);
  addSide(filter.from, 'inbound', 'outbound');
  addSide(filter.to, 'outbound', 'inbound');
  return { where: conditions.join(' AND '), params };
}
