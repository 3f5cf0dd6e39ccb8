/** Serializes domain values for the Inkbox API. */
import mime from 'mime';
import { formatUuid } from '../../../shared/ids.ts';
import { type Conversation, conversationId, conversationOf } from '../../core/model/conversation.ts';
import type { Media } from '../../core/model/media.ts';
import { type Message, otherPartyOf } from '../../core/model/message.ts';
import type { OwnNumber } from '../../core/model/number.ts';
import { formatTime, formatTimeOrNull } from '../../http/timestamps.ts';
import type { InkboxOptions } from './options.ts';

/** Lifetime of a link to an attachment. */
export const LINK_MS = 60 * 60 * 1000;

export function serializeNumber({ id, phoneNumber, status, verified, createdAt }: OwnNumber) {
  return {
    id: formatUuid(id),
    number: phoneNumber,
    type: 'local',
    status: verified ? status : 'pending',
    created_at: formatTime(createdAt),
  };
}

export async function serializeTexts(options: InkboxOptions, tenantId: number, messages: readonly Message[]) {
  const { suppressions } = options.store.read;
  const handles = [...new Set(messages.map(({ handle }) => handle))];
  const optedOut = await suppressions.filterSuppressed(tenantId, handles);
  const until = options.projectionContext().now + LINK_MS;
  const urlOf: UrlOf = ({ id }) => options.linkTo(id, until);
  return messages.map((message) => {
    const { handle, isBlocked } = message;
    return serializeText(message, isBlocked || optedOut.has(handle), urlOf);
  });
}

export type UrlOf = (media: Media) => string;

function serializeText(message: Message, isBlocked: boolean, urlOf: UrlOf) {
  const { media } = message;
  return {
    id: formatUuid(message.id),
    direction: message.direction,
    local_phone_number: message.ownNumber,
    remote_phone_number: otherPartyOf(message),
    text: message.content,
    type: typeOf(message),
    media: media.length === 0 ? null : media.map((one) => serializeMedia(one, urlOf)),
    is_read: !message.isUnread,
    conversation_id: formatUuid(conversationId(conversationOf(message))),
    delivery_status: deliveryStatusOf(message),
    error_code: message.errorCode,
    error_detail: message.errorMessage,
    sent_at: formatTimeOrNull(message.sentAt),
    delivered_at: formatTimeOrNull(message.deliveredAt),
    failed_at: formatTimeOrNull(message.failedAt),
    is_blocked: isBlocked,
    created_at: formatTime(message.createdAt),
    updated_at: formatTime(lastChangeOf(message)),
  };
}

export function serializeMedia(media: Media, urlOf: UrlOf) {
  const { contentType, size, name } = media;
  return {
    // Before the download only the name is known. The slash makes `mime` require a dot before the extension.
    content_type: contentType ?? mime.getType(`/${name}`) ?? 'application/octet-stream',
    size,
    url: urlOf(media),
  };
}

/** `latest`: the newest message, source of the `latest_*` fields. */
export function serializeConversation(conversation: Conversation, latest: Message) {
  return {
    id: formatUuid(conversation.id),
    remote_phone_number: handleOf(conversation),
    participants: conversation.participants,
    is_group: conversation.isGroup,
    latest_text: latest.content,
    latest_direction: latest.direction,
    latest_type: typeOf(latest),
    latest_has_media: latest.media.length > 0,
    latest_message_at: formatTime(latest.createdAt),
    unread_count: conversation.unreadCount,
    total_count: conversation.totalCount,
  };
}

/** Returns null for a group: it is addressed by its id. */
export function handleOf({ recipient, isGroup }: Pick<Conversation, 'recipient' | 'isGroup'>): string | null {
  return isGroup ? null : recipient;
}

function typeOf({ media }: Message): 'sms' | 'mms' {
  return media.length > 0 ? 'mms' : 'sms';
}

function deliveryStatusOf({ direction, status }: Message) {
  if (direction === 'inbound') return null;
  return status === 'polling' ? 'queued' : status;
}

export function lastChangeOf(message: Message): number {
  const { createdAt, sentAt, deliveredAt, readAt, failedAt, editedAt, retractedAt, deletedAt } = message;
  const later = [sentAt, deliveredAt, readAt, failedAt, editedAt, retractedAt, deletedAt];
  return Math.max(createdAt, ...later.map((at) => at ?? 0));
}
