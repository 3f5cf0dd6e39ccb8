/** Serializes domain values for the results of tools. */
import type { z } from 'zod';
import { formatId } from '../../../shared/ids.ts';
import type { Contact } from '../../core/model/contact.ts';
import type { Conversation } from '../../core/model/conversation.ts';
import type { Message } from '../../core/model/message.ts';
import { formatTime } from '../../http/timestamps.ts';
import type {
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
    phone_number: message.handle,
    from: message.ownNumber,
    segments,
    cost_cents: message.status === 'failed' ? 0 : message.costCents,
    error_code: message.errorCode,
    error_message: message.errorMessage,
    created_at: formatTime(message.createdAt),
  };
}

export function serializeConversation(
  conversation: Conversation,
  latest: Message,
  contactName: string | null,
): z.infer<typeof conversationSchema> {
  return {
    id: conversation.id,
    phone_number: conversation.isGroup ? null : conversation.recipient,
    name: contactName,
    is_group: conversation.isGroup,
    participants: [...conversation.participants],
    unread_count: conversation.unreadCount,
    total_count: conversation.totalCount,
    latest: {
      direction: latest.direction,
      body: latest.content,
      status: serializeStatus(latest),
      at: formatTime(latest.createdAt),
    },
  };
}

export function serializeConversationMessage(message: Message): z.infer<typeof conversationMessageSchema> {
  return {
    id: formatId('msg', message.id),
    direction: message.direction,
    phone_number: message.handle,
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
