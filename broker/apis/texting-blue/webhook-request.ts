/** Serializes events for webhooks of the Texting Blue API: headers and body. */
import { formatId } from '../../../shared/ids.ts';
import { conversationId, conversationOf } from '../../core/model/conversation.ts';
import type {
  ConversationSubject,
  DeviceSubject,
  EventSubject,
  EventType,
  HomingEvent,
  MessageSubject,
  TypingSubject,
} from '../../core/model/event.ts';
import type { GroupChange } from '../../core/model/group-chat.ts';
import type { Message } from '../../core/model/message.ts';
import { formatTime, formatTimeOrNull } from '../../http/timestamps.ts';
import { eventName } from './event-names.ts';
import type { MediaUrlOf } from './media-urls.ts';
import { richFields, serializeReaction } from './rich-fields.ts';
import { addressesOf } from './serializers.ts';

/** `sign` returns the hex HMAC-SHA256 of a body with the webhook's secret. */
export function eventRequest(event: HomingEvent, mediaUrlOf: MediaUrlOf, sign: (body: string) => string) {
  const body = JSON.stringify(serializeEvent(event, mediaUrlOf));
  return {
    headers: {
      'x-textingblue-event': eventName(event.type),
      'x-textingblue-signature': `sha256=${sign(body)}`,
    },
    body,
  };
}

export function serializeEvent({ id, type, createdAt, subject }: HomingEvent, mediaUrlOf: MediaUrlOf) {
  return {
    id: formatId('evt', id),
    type: eventName(type),
    timestamp: formatTime(createdAt),
    data: serializeSubject(type, subject, mediaUrlOf),
  };
}

function serializeSubject(type: EventType, subject: EventSubject, mediaUrlOf: MediaUrlOf) {
  if ('action' in subject && subject.action !== undefined) return serializeFailedAction(subject.action);
  if ('message' in subject) return serializeMessageData(subject, mediaUrlOf);
  if ('conversation' in subject) return serializeConversation(subject);
  if ('typing' in subject) return serializeTyping(type, subject);
  if ('device' in subject) return serializeDevice(subject);
  return 'handle' in subject ? { phone_number: subject.handle, reason: subject.reason } : {};
}

function serializeTyping(type: EventType, { typing }: TypingSubject) {
  return {
    conversation_id: formatId('conv', typing.conversation),
    phone_number: typing.ownNumber,
    handle: typing.handle,
    is_group: typing.isGroup,
    state: type === 'typing.started' ? 'start' : 'stop',
  };
}

function serializeDevice({ device }: DeviceSubject) {
  return {
    device: { id: formatId('dev', device.id), name: device.name },
    phone_numbers: device.numbers,
    problem: device.problem,
    message: device.message,
  };
}

function serializeConversation({ conversation, messageId, state, change }: ConversationSubject) {
  return {
    id: formatId('conv', conversation),
    phone_number: state?.ownNumber ?? null,
    is_group: state?.isGroup ?? null,
    name: state?.name ?? null,
    participants: state?.participants ?? [],
    message_id: messageId === null ? null : formatId('msg', messageId),
    created_at: formatTimeOrNull(state?.createdAt ?? null),
    updated_at: formatTimeOrNull(state?.updatedAt ?? null),
    change: change === undefined ? null : serializeChange(change),
  };
}

function serializeChange({ kind, actor, value, at }: GroupChange) {
  return { kind, actor, value, at: formatTime(at) };
}

function serializeFailedAction(failed: Message) {
  const { id, action, errorCode, errorMessage } = failed;
  const messageId = action?.messageId ?? null;
  return {
    action: { id: formatId('act', id), kind: action?.kind ?? null, value: action?.value ?? null },
    message_id: messageId === null ? null : formatId('msg', messageId),
    conversation_id: formatId('conv', conversationId(conversationOf(failed))),
    error_code: errorCode,
    error_message: errorMessage,
  };
}

function serializeMessageData({ message, group, reaction }: MessageSubject, mediaUrlOf: MediaUrlOf) {
  const isInbound = message.direction === 'inbound';
  const { from, to } = addressesOf(message);
  return {
    id: formatId('msg', message.id),
    from,
    to,
    content: message.content,
    media_url: mediaUrlOf(message),
    received_at: isInbound ? formatTime(message.createdAt) : null,
    ...(message.metadata === null ? {} : { metadata: message.metadata }),
    // Extension of the original API, for events of outbound messages.
    ...(isInbound
      ? {}
      : { status: message.status, error_code: message.errorCode, error_message: message.errorMessage }),
    ...richFields(message, group, mediaUrlOf),
    ...(reaction === undefined
      ? {}
      : { reaction: { ...serializeReaction(reaction), change: reaction.isRemoved ? 'removed' : 'added' } }),
  };
}
