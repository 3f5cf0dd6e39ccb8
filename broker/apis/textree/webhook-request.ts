/** Serializes events for Textree webhooks: headers and body. */
import { formatId } from '../../../shared/ids.ts';
import type { EventSubject, HomingEvent } from '../../core/model/event.ts';
import type { Message } from '../../core/model/message.ts';
import { serializeMessage } from './serializers.ts';

export function eventRequest(event: HomingEvent, countSegments: (text: string) => number) {
  const body = JSON.stringify({
    id: formatId('evt', event.id),
    type: event.type,
    created_at: new Date(event.createdAt).toISOString(),
    data: serializeSubject(event.subject, countSegments),
  });
  return { headers: { 'x-textree-event': event.type }, body };
}

function serializeSubject(subject: EventSubject, countSegments: (text: string) => number) {
  if ('handle' in subject) return { contact: { phone_number: subject.handle } };
  if ('conversation' in subject) {
    return {
      conversation: { id: subject.conversation },
      message: subject.messageId === null ? null : { id: formatId('msg', subject.messageId) },
    };
  }
  if (!('message' in subject)) return {};
  return { message: serializeMessageWithContent(subject.message, countSegments) };
}

/** The fields of `GET /api/v1/messages/{id}`, and the content, because the API has no list of inbound messages. */
function serializeMessageWithContent(message: Message, countSegments: (text: string) => number) {
  return {
    ...serializeMessage(message, countSegments(message.content)),
    direction: message.direction,
    body: message.content,
    metadata: message.metadata,
  };
}
