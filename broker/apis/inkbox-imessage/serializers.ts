/** Serializes messages and reactions for the Inkbox iMessage API. */
import { formatUuid } from '../../../shared/ids.ts';
import { conversationId, conversationOf } from '../../core/model/conversation.ts';
import type { ConversationParties } from '../../core/model/event.ts';
import type { Message, MessageStatus } from '../../core/model/message.ts';
import type { Reaction } from '../../core/model/reaction.ts';
import type { Receipt } from '../../core/ports/message-edits.ts';
import { formatTime, formatTimeOrNull } from '../../http/timestamps.ts';
import { lastChangeOf, serializeMedia, type UrlOf } from '../inkbox/serializers.ts';
import { serializeReactionName } from './reactions.ts';

const STATUSES = {
  queued: 'queued',
  polling: 'accepted',
  sent: 'sent',
  delivered: 'delivered',
  failed: 'error',
  received: 'received',
} as const satisfies Record<MessageStatus, string>;

export interface MessageState {
  /** The group of the message; undefined: not a group message, or unknown. */
  group: Pick<ConversationParties, 'participants'> | undefined;
  /** The receipts of the participants of the group. */
  receipts: readonly Receipt[];
  urlOf: UrlOf;
}

export function serializeMessage(message: Message, { group, receipts, urlOf }: MessageState) {
  const { media, reactions, chat, direction } = message;
  const participants = chat === null ? null : (group?.participants ?? []);
  return {
    id: formatUuid(message.id),
    conversation_id: formatUuid(conversationId(conversationOf(message))),
    assignment_id: null,
    direction,
    remote_number: remoteNumberOf(message),
    sender_number: direction === 'inbound' ? message.handle : null,
    participants,
    is_group: chat !== null,
    content: message.content === '' ? null : message.content,
    message_type: 'message',
    service: serviceOf(message),
    send_style: message.effect,
    media: media.length === 0 ? null : media.map((one) => mediaOf(serializeMedia(one, urlOf))),
    was_downgraded: wasDowngraded(message),
    status: STATUSES[message.status],
    ...errorsOf(message),
    is_read: !message.isUnread,
    is_blocked: message.isBlocked,
    recipients:
      participants === null || direction === 'inbound'
        ? null
        : serializeRecipients(message, participants, receipts),
    reactions: reactions.length === 0 ? null : reactions.map((one) => serializeReaction(one, message)),
    created_at: formatTime(message.createdAt),
    updated_at: formatTime(lastChangeOf(message)),
  };
}

/** In the order of the contract. */
function mediaOf({ url, content_type, size }: ReturnType<typeof serializeMedia>) {
  return { url, content_type, size };
}

/** Returns null in a group. */
function remoteNumberOf({ handle, chat }: Message): string | null {
  return chat === null ? handle : null;
}

/** The contract has no name for other services than these. */
function serviceOf({ service }: Message): 'imessage' | 'sms' | 'rcs' {
  if (service === null || service === 'imessage') return 'imessage';
  return service === 'rcs' ? 'rcs' : 'sms';
}

function wasDowngraded({ direction, service }: Message): boolean | null {
  return direction === 'inbound' || service === null ? null : service !== 'imessage';
}

function errorsOf({ errorCode, errorMessage }: Message) {
  return {
    error_code: errorCode,
    error_message: errorMessage,
    error_reason: errorCode,
    error_detail: errorMessage,
  };
}

function serializeRecipients(
  message: Message,
  participants: readonly string[],
  receipts: readonly Receipt[],
) {
  const byHandle = new Map(receipts.map((receipt) => [receipt.handle, receipt]));
  return participants.map((handle) => {
    const deliveredAt = deliveryTo(message, byHandle, handle);
    const status = message.status === 'delivered' && deliveredAt === null ? 'sent' : message.status;
    return {
      remote_number: handle,
      delivery_status: deliveredAt === null ? STATUSES[status] : 'delivered',
      service: serviceOf(message),
      ...errorsOf(message),
      sent_at: formatTimeOrNull(message.sentAt),
      delivered_at: formatTimeOrNull(deliveredAt),
      failed_at: formatTimeOrNull(message.failedAt),
    };
  });
}

/** A device that reports no participants reports the delivery to the whole group. */
function deliveryTo(
  { status, deliveredAt }: Message,
  receipts: ReadonlyMap<string, Receipt>,
  handle: string,
): number | null {
  if (receipts.size > 0) return receipts.get(handle)?.deliveredAt ?? null;
  return status === 'delivered' ? deliveredAt : null;
}

export function serializeReaction(reaction: Reaction, message: Message) {
  const { id, direction, handle, part, createdAt } = reaction;
  return {
    id: formatUuid(id),
    direction,
    ...serializeReactionName(reaction.reaction),
    remote_number: direction === 'inbound' ? handle : numberOfOwnReaction(message),
    part_index: part,
    created_at: formatTime(createdAt),
  };
}

/** The SDK requires a number, and a group has none, so the own number names its reaction there. */
function numberOfOwnReaction({ handle, chat, ownNumber }: Message): string {
  return chat === null ? handle : ownNumber;
}

/** The reaction that an action sends. Its id is that of the reaction from the start. */
export function serializeSentReaction(action: Message, { messageId, value, part }: ReactionAction) {
  return {
    id: formatUuid(action.id),
    conversation_id: formatUuid(conversationId(conversationOf(action))),
    assignment_id: null,
    target_message_id: formatUuid(messageId),
    direction: action.direction,
    ...serializeReactionName(value),
    remote_number: numberOfOwnReaction(action),
    part_index: part,
    created_at: formatTime(action.createdAt),
    updated_at: formatTime(action.sentAt ?? action.failedAt ?? action.createdAt),
  };
}

export interface ReactionAction {
  messageId: string;
  /** A tapback or an emoji. */
  value: string;
  part: number;
}
