/** Serializes events for webhooks of the Texting Blue API: headers and body. */
import { formatId } from '../../../shared/ids.ts';
import type { EventSubject, HomingEvent } from '../../core/model/event.ts';
import type { Message } from '../../core/model/message.ts';
import { formatTime } from '../../http/timestamps.ts';
import { addressesOf, type MediaUrlOf } from './serializers.ts';

/** `sign` returns the hex HMAC-SHA256 of a body with the webhook's secret. */
export function eventRequest(event: HomingEvent, mediaUrlOf: MediaUrlOf, sign: (body: string) => string) {
  const body = JSON.stringify(serializeEvent(event, mediaUrlOf));
  return {
    headers: { 'x-textingblue-event': event.type, 'x-textingblue-signature': `sha256=${sign(body)}` },
    body,
  };
}

export function serializeEvent({ id, type, createdAt, subject }: HomingEvent, mediaUrlOf: MediaUrlOf) {
  return {
    id: formatId('evt', id),
    type,
    timestamp: formatTime(createdAt),
    data: serializeSubject(subject, mediaUrlOf),
  };
}

function serializeSubject(subject: EventSubject, mediaUrlOf: MediaUrlOf) {
  if ('message' in subject) return serializeMessageData(subject.message, mediaUrlOf);
  return 'handle' in subject ? { phone_number: subject.handle, reason: subject.reason } : {};
}

function serializeMessageData(message: Message, mediaUrlOf: MediaUrlOf) {
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
  };
}
