/** An event in Textree's envelope. */
import { showId } from '../../../shared/ids.ts';
import type { EventSubject, HomingEvent } from '../../core/model/event.ts';
import type { Message } from '../../core/model/message.ts';
import { showMessage } from './serializers.ts';

export function eventRequest(event: HomingEvent, countSegments: (text: string) => number) {
  const body = JSON.stringify({
    id: showId('evt', event.id),
    type: event.type,
    created_at: new Date(event.createdAt).toISOString(),
    data: showSubject(event.subject, countSegments),
  });
  return { headers: { 'x-textree-event': event.type }, body };
}

function showSubject(subject: EventSubject, countSegments: (text: string) => number) {
  if ('handle' in subject) return { contact: { phone_number: subject.handle } };
  if ('conversation' in subject) {
    return { conversation: { id: subject.conversation }, message: { id: showId('msg', subject.messageId) } };
  }
  return { message: showWhole(subject.message, countSegments) };
}

/** As `GET /api/v1/messages/{id}` shows it, and what it says, since nobody could ask for what came in. */
function showWhole(message: Message, countSegments: (text: string) => number) {
  return {
    ...showMessage(message, countSegments(message.content)),
    direction: message.direction,
    body: message.content,
    metadata: message.metadata,
  };
}
