/** Domain values as the Inkbox API shows them. */
import mime from 'mime';
import { showUuid } from '../../../shared/ids.ts';
import { type Conversation, conversationId, conversationOf } from '../../core/model/conversation.ts';
import type { Media } from '../../core/model/media.ts';
import type { Message } from '../../core/model/message.ts';
import type { OwnNumber } from '../../core/model/number.ts';
import { showTime, showTimeOrNull } from '../../http/timestamps.ts';
import type { InkboxServices } from './options.ts';

/** How long a link to an attachment works. */
const LINK_MS = 60 * 60 * 1000;

export function showNumber({ id, phoneNumber, status, verified, createdAt }: OwnNumber) {
  return {
    id: showUuid(id),
    number: phoneNumber,
    type: 'local',
    status: verified ? status : 'pending',
    created_at: showTime(createdAt),
  };
}

export async function showTexts(services: InkboxServices, tenantId: number, messages: readonly Message[]) {
  const remotes = new Set(messages.map(({ remote }) => remote));
  const blocked = await services.store.read.suppressions.among(tenantId, [...remotes]);
  const until = services.projectionRules().now + LINK_MS;
  const urlOf: UrlOf = ({ id }) => services.linkTo(id, until);
  return messages.map((message) => showText(message, blocked.has(message.remote), urlOf));
}

type UrlOf = (media: Media) => string;

function showText(message: Message, isBlocked: boolean, urlOf: UrlOf) {
  const { media } = message;
  return {
    id: showUuid(message.id),
    direction: message.direction,
    local_phone_number: message.ownNumber,
    remote_phone_number: message.remote,
    text: message.content,
    type: typeOf(message),
    media: media.length === 0 ? null : media.map((one) => showMedia(one, urlOf)),
    is_read: !message.isUnread,
    conversation_id: showUuid(conversationId(conversationOf(message))),
    delivery_status: deliveryStatusOf(message),
    error_code: message.errorCode,
    error_detail: message.errorMessage,
    sent_at: showTimeOrNull(message.sentAt),
    delivered_at: showTimeOrNull(message.deliveredAt),
    failed_at: showTimeOrNull(message.failedAt),
    is_blocked: isBlocked,
    created_at: showTime(message.createdAt),
    updated_at: showTime(lastChangeOf(message)),
  };
}

function showMedia(media: Media, urlOf: UrlOf) {
  const { contentType, size, name } = media;
  return {
    // What is not fetched yet is known by its name only; the slash makes an ending count only after a dot.
    content_type: contentType ?? mime.getType(`/${name}`) ?? 'application/octet-stream',
    size,
    url: urlOf(media),
  };
}

/** The newest message decides what is shown of one. */
export function showConversation(conversation: Conversation, latest: Message) {
  return {
    id: showUuid(conversation.id),
    remote_phone_number: remoteOf(conversation),
    participants: conversation.participants,
    is_group: conversation.isGroup,
    latest_text: latest.content,
    latest_direction: latest.direction,
    latest_type: typeOf(latest),
    latest_has_media: latest.media.length > 0,
    latest_message_at: showTime(latest.createdAt),
    unread_count: conversation.unreadCount,
    total_count: conversation.totalCount,
  };
}

/** A group has none: it is known by its id. */
export function remoteOf({ peer, isGroup }: Pick<Conversation, 'peer' | 'isGroup'>): string | null {
  return isGroup ? null : peer;
}

function typeOf({ media }: Message): 'sms' | 'mms' {
  return media.length > 0 ? 'mms' : 'sms';
}

function deliveryStatusOf({ direction, status }: Message) {
  if (direction === 'inbound') return null;
  return status === 'polling' ? 'queued' : status;
}

function lastChangeOf(message: Message): number {
  const { createdAt, sentAt, deliveredAt, readAt, failedAt, editedAt, retractedAt, deletedAt } = message;
  const later = [sentAt, deliveredAt, readAt, failedAt, editedAt, retractedAt, deletedAt];
  return Math.max(createdAt, ...later.map((at) => at ?? 0));
}
