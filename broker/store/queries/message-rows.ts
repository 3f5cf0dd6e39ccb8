/**
 * Converts rows of `messages` to domain messages with their attachments.
 *
 * Columns keep earlier names: `world_id` is the tenant, `remote` the handle of the other party, `not_before` and
 * `hold_reason` the time and the reason of a deferral. `lane` is the priority, plus `DEFERRED_LANE_OFFSET` while the
 * message is deferred.
 */
import type { Media } from '../../core/model/media.ts';
import type {
  Message,
  MessageStatus,
  Priority,
  ReplyTarget,
  RequestedService,
} from '../../core/model/message.ts';
import type { ActionKind, MessageAction } from '../../core/model/message-action.ts';
import type { WaitReason } from '../../core/model/pace.ts';
import type { Reaction } from '../../core/model/reaction.ts';
import type { Parameters, Sql } from '../database.ts';
import { type MediaRow, mediaFrom } from './media.ts';
import { reactionsOf } from './reaction-rows.ts';

export interface MessageRow {
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
  lane: number;
  send_at: number | null;
  not_before: number | null;
  hold_reason: string | null;
  expires_at: number;
  has_own_expiry: number;
  callback_id: string | null;
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
  metadata: string | null;
  template: string | null;
  cost_cents: number;
  committed_cents: number;
  is_unread: number;
  deleted_at: number | null;
  projected_status: string | null;
  rich: string | null;
  action: string | null;
  needs: number;
  reaction_count: number;
  is_blocked: number;
}

/** The column `rich` as an object. Missing fields have their default. */
export interface RichFields {
  effect?: string;
  subject?: string;
  isVoiceNote?: true;
  replyTo?: ReplyTarget;
  action?: Omit<MessageAction, 'kind'>;
}

/** Added to the lane of a deferred message, so that the queue can skip it in the index; see migrations/0008-pace.ts. */
export const DEFERRED_LANE_OFFSET = 1_000;
const isDeferred = ({ lane }: MessageRow) => lane >= DEFERRED_LANE_OFFSET / 2;

const NOT_RICH: RichFields = {};

function messageFrom(row: MessageRow, media: readonly Media[], reactions: readonly Reaction[]): Message {
  const rich: RichFields = row.rich === null ? NOT_RICH : JSON.parse(row.rich);
  return {
    id: row.id,
    tenantId: row.world_id,
    numberId: row.number_id,
    direction: row.direction as Message['direction'],
    status: row.status as MessageStatus,
    ownNumber: row.own_number,
    handle: row.remote,
    content: row.content,
    media,
    chat: row.chat,
    replyTo: rich.replyTo ?? null,
    effect: rich.effect ?? null,
    subject: rich.subject ?? null,
    isVoiceNote: rich.isVoiceNote ?? false,
    action:
      rich.action === undefined || row.action === null
        ? null
        : { kind: row.action as ActionKind, ...rich.action },
    needs: row.needs,
    reactions,
    isBlocked: row.is_blocked === 1,
    requestedService: row.requested_service as RequestedService,
    service: row.service,
    errorCode: row.error_code,
    errorMessage: row.error_message,
    errorRetryable: row.error_retryable === 1,
    priority: (isDeferred(row) ? row.lane - DEFERRED_LANE_OFFSET : row.lane) as Priority,
    sendAt: row.send_at,
    isDeferred: isDeferred(row),
    deferredUntil: row.not_before,
    deferReason: row.hold_reason as WaitReason | null,
    expiresAt: row.expires_at,
    hasRequestedExpiry: row.has_own_expiry === 1,
    callbackId: row.callback_id,
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
    metadata: row.metadata === null ? null : JSON.parse(row.metadata),
    template: row.template === null ? null : JSON.parse(row.template),
    costCents: row.cost_cents,
    committedCents: row.committed_cents,
    isUnread: row.is_unread === 1,
    deletedAt: row.deleted_at,
  };
}

const NO_MEDIA: readonly Media[] = [];
const NO_REACTIONS: readonly Reaction[] = [];

export interface MessageReader {
  from(rows: readonly MessageRow[]): Promise<Message[]>;
  one(query: string, ...params: Parameters): Promise<Message | undefined>;
  many(query: string, ...params: Parameters): Promise<Message[]>;
}

export function messageReader(sql: Sql): MessageReader {
  /** Reads the attachments of all rows together. */
  const mediaOf = async (rows: readonly MessageRow[]): Promise<Map<string, Media[]> | undefined> => {
    if (!rows.some(({ media_count }) => media_count > 0)) return undefined;
    const ids = rows.filter(({ media_count }) => media_count > 0).map(({ id }) => id);
    const found = await sql.all<MediaRow & { message_id: string }>(
      `SELECT media.* ${sql.dialect.lookup(
        '?',
        'media INDEXED BY media_of_message',
        'media',
        'media.message_id = wanted.value AND media.message_id IS NOT NULL',
      )} ORDER BY media.position`,
      JSON.stringify(ids),
    );
    const byMessage = new Map<string, Media[]>();
    for (const row of found) {
      const others = byMessage.get(row.message_id);
      if (others === undefined) byMessage.set(row.message_id, [mediaFrom(row)]);
      else others.push(mediaFrom(row));
    }
    return byMessage;
  };
  const from = async (rows: readonly MessageRow[]): Promise<Message[]> => {
    const media = await mediaOf(rows);
    const reactions = await reactionsOf(sql, rows);
    return rows.map((row) =>
      messageFrom(row, media?.get(row.id) ?? NO_MEDIA, reactions?.get(row.id) ?? NO_REACTIONS),
    );
  };
  return {
    from,
    async one(query, ...params) {
      const row = await sql.get<MessageRow>(query, ...params);
      return row && (await from([row]))[0];
    },
    async many(query, ...params) {
      return from(await sql.all<MessageRow>(query, ...params));
    },
  };
}
