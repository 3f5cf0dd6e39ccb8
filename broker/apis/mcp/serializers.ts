/** Serializes domain values for the results of tools. */
import type { z } from 'zod';
import { formatId } from '../../../shared/ids.ts';
import type { Contact } from '../../core/model/contact.ts';
import { type Conversation, conversationId, conversationOf } from '../../core/model/conversation.ts';
import { type Message, otherPartyOf } from '../../core/model/message.ts';
import { type MessageEdit, messageVersions } from '../../core/model/message-edit.ts';
import { formatTime, formatTimeOrNull } from '../../http/timestamps.ts';
import type { conversationDetailSchema, detailMessageSchema } from './detail-schemas.ts';
import type {
  actionSchema,
  contactSchema,
  conversationMessageSchema,
  conversationSchema,
  messageSchema,
  STATUS_NAMES,
} from './schemas.ts';

/** A message that was leased to a device is still `queued` for the caller. */
function serializeStatus({ status }: Pick<Message, 'status'>): (typeof STATUS_NAMES)[number] {
  return status === 'polling' ? 'queued' : status;
}

export function serializeContact(
  { id, handle, name, email, customFields }: Contact,
  isOptedOut: boolean,
): z.infer<typeof contactSchema> {
  return {
    id: formatId('con', id),
    phone_number: handle,
    name,
    email,
    custom_fields: customFields,
    opted_out: isOptedOut,
  };
}

export function serializeMessage(message: Message, segments: number): z.infer<typeof messageSchema> {
  return {
    id: formatId('msg', message.id),
    status: serializeStatus(message),
    direction: message.direction,
    phone_number: otherPartyOf(message),
    conversation_id: conversationId(conversationOf(message)),
    from: message.ownNumber,
    segments,
    cost_cents: message.status === 'failed' ? 0 : message.costCents,
    error_code: message.errorCode,
    error_message: message.errorMessage,
    created_at: formatTime(message.createdAt),
  };
}

export function serializeAction(message: Message): z.infer<typeof actionSchema> {
  const { id, action, createdAt } = message;
  if (action === null) throw new Error(`The message ${id} is not an action.`);
  return {
    id: formatId('act', id),
    kind: action.kind,
    message_id: formatId('msg', action.messageId ?? ''),
    value: action.value === '' ? null : action.value,
    status: serializeStatus(message),
    created_at: formatTime(createdAt),
  };
}

export function serializeConversation(
  conversation: Conversation,
  latest: Message,
  contactName: string | null,
): z.infer<typeof conversationSchema> {
  return { ...serializeParties(conversation, contactName), latest: serializeLatest(latest) };
}

export function serializeConversationDetail(
  conversation: Conversation,
  from: string,
  contactName: string | null,
): z.infer<typeof conversationDetailSchema> {
  const { latest } = conversation;
  return {
    ...serializeParties(conversation, contactName),
    from,
    latest: latest === null ? null : serializeLatest(latest),
  };
}

function serializeParties(conversation: Conversation, contactName: string | null) {
  return {
    id: conversation.id,
    phone_number: conversation.isGroup ? null : conversation.recipient,
    name: conversation.isGroup ? (conversation.group?.name ?? null) : contactName,
    is_group: conversation.isGroup,
    participants: [...conversation.participants],
    unread_count: conversation.unreadCount,
    total_count: conversation.totalCount,
  };
}

function serializeLatest(latest: Message) {
  return {
    direction: latest.direction,
    body: latest.content,
    status: serializeStatus(latest),
    at: formatTime(latest.createdAt),
  };
}

export function serializeConversationMessage(message: Message): z.infer<typeof conversationMessageSchema> {
  return {
    id: formatId('msg', message.id),
    direction: message.direction,
    phone_number: otherPartyOf(message),
    body: message.content,
    attachments: message.media.map(({ name, contentType, size }) => ({
      name,
      content_type: contentType,
      size,
    })),
    status: serializeStatus(message),
    error_code: message.errorCode,
    is_unread: message.isUnread,
    is_late: message.isLate,
    at: formatTime(message.createdAt),
  };
}

/** `edits`: the stored reports of its edits. */
export function serializeDetailMessage(
  message: Message,
  edits: readonly MessageEdit[],
): z.infer<typeof detailMessageSchema> {
  const { direction, handle, ownNumber, replyTo, effect, subject, reactions, retractedAt, readAt } = message;
  const versions = messageVersions(edits).filter(({ kind }) => kind !== 'unsent');
  return {
    ...serializeConversationMessage(message),
    sender: direction === 'inbound' ? handle : ownNumber,
    reply_to:
      replyTo === null
        ? null
        : {
            message_id: replyTo.messageId === null ? null : formatId('msg', replyTo.messageId),
            part: replyTo.part,
          },
    effect,
    subject,
    reactions: reactions.map(({ reaction, handle: sender, part, createdAt }) => ({
      ...{ reaction, sender, part, at: formatTime(createdAt) },
    })),
    edits: versions.map(({ content, at }) => ({
      body: content,
      at: formatTime(at),
    })),
    unsent_at: formatTimeOrNull(retractedAt),
    read_at: formatTimeOrNull(readAt),
  };
}
