/** Names the event types of the Texting Blue API. */
import type { EventType } from '../../core/model/event.ts';
import { DIALECT_EVENTS } from '../../core/model/webhook.ts';

type ApiEvent = Exclude<(typeof DIALECT_EVENTS)['texting-blue'][number], 'conversation.changed'>;
/** Textree's `conversation.updated`, an event of each message, is no event of this API. */
type ApiName = ApiEvent | 'conversation.updated';

export function eventName(type: EventType): EventType {
  return type === 'conversation.changed' ? 'conversation.updated' : type;
}

export function eventTypeOf(name: EventType): EventType {
  return name === 'conversation.updated' ? 'conversation.changed' : name;
}

/** The names of the event types that a webhook can receive. */
export const EVENT_NAMES = DIALECT_EVENTS['texting-blue'].map(eventName) as unknown as readonly [
  ApiName,
  ...ApiName[],
];
