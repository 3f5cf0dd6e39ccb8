/** Maps the event types of the contract to those of the core: `imessage.*` of the account, and `text.*` of one number. */
import type { EventType } from '../../core/model/event.ts';

const IMESSAGE_EVENTS = {
  'imessage.received': 'message.received',
  'imessage.reaction_received': 'message.reaction',
  'imessage.sent': 'message.sent',
  'imessage.delivered': 'message.delivered',
  'imessage.delivery_failed': 'message.failed',
} as const satisfies Record<string, EventType>;

const TEXT_EVENTS = {
  'text.received': 'message.received',
  'text.sent': 'message.sent',
  'text.delivered': 'message.delivered',
  'text.delivery_failed': 'message.failed',
} as const satisfies Record<string, EventType>;

export type ImessageEvent = keyof typeof IMESSAGE_EVENTS;
export type TextEvent = keyof typeof TEXT_EVENTS;
export type EventName = ImessageEvent | TextEvent;

export const IMESSAGE_NAMES = Object.keys(IMESSAGE_EVENTS) as [ImessageEvent, ...ImessageEvent[]];
export const TEXT_NAMES = Object.keys(TEXT_EVENTS) as [TextEvent, ...TextEvent[]];
export const EVENT_NAMES: readonly [EventName, ...EventName[]] = [...IMESSAGE_NAMES, ...TEXT_NAMES];

export const isTextEvent = (name: EventName): name is TextEvent => name in TEXT_EVENTS;

export function eventTypeOf(name: EventName) {
  return isTextEvent(name) ? TEXT_EVENTS[name] : IMESSAGE_EVENTS[name];
}

/** Returns undefined for a type that webhooks of this API do not receive. */
export function eventNameOf(
  type: EventType,
  { numberId }: { numberId: string | null },
): EventName | undefined {
  const names: readonly EventName[] = numberId === null ? IMESSAGE_NAMES : TEXT_NAMES;
  return names.find((name) => eventTypeOf(name) === type);
}
