/** An event in Textree's envelope. */
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
      message: { id: formatId('msg', subject.messageId) },
    };
  }
  return { message: serializeWhole(subject.message, countSegments) };
}

/** As `GET /api/v1/messages/{id}` shows it, and what it says, since nobody could ask for what came in. */
function serializeWhole(message: Message, countSegments: (text: string) => number) {
  return {
    ...serializeMessage(message, countSegments(message.content)),
    direction: message.direction,
    body: message.content,
    metadata: message.metadata,
  };
}
