/** An event as the Texting Blue API tells it: its headers and its body. */
import { showId } from '../../../shared/ids.ts';
import type { Message } from '../../core/messages/messages.ts';
import type { HomingEvent } from '../../core/webhooks/events.ts';
import { showTime } from '../../http/show-time.ts';
import { type MediaUrlOf, sidesOf } from './render.ts';

/** `sign` gives the hex HMAC-SHA256 of a body by the webhook's secret. */
export function eventRequest(event: HomingEvent, mediaUrlOf: MediaUrlOf, sign: (body: string) => string) {
  const { id, type, createdAt, subject } = event;
  const message = 'message' in subject ? subject.message : undefined;
  const body = JSON.stringify({
    id: showId('evt', id),
    type,
    timestamp: showTime(createdAt),
    data: message === undefined ? {} : showData(message, mediaUrlOf),
  });
  return {
    headers: { 'x-textingblue-event': type, 'x-textingblue-signature': `sha256=${sign(body)}` },
    body,
  };
}

function showData(message: Message, mediaUrlOf: MediaUrlOf) {
  const isInbound = message.direction === 'inbound';
  const { from, to } = sidesOf(message);
  return {
    id: showId('msg', message.id),
    from,
    to,
    content: message.content,
    media_url: mediaUrlOf(message),
    received_at: isInbound ? showTime(message.createdAt) : null,
    ...(message.metadata === null ? {} : { metadata: message.metadata }),
    // Beyond the original, for the events of what was sent.
    ...(isInbound
      ? {}
      : { status: message.status, error_code: message.errorCode, error_message: message.errorMessage }),
  };
}
