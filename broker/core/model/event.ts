/** Defines events and their deliveries to webhooks. */
import type { IdSource } from '../../../shared/ids.ts';
import type { GroupChange } from './group-chat.ts';
import type { Message } from './message.ts';
import type { Reaction } from './reaction.ts';

export const EVENT_TYPES = [
  'message.sent',
  'message.delivered',
  'message.failed',
  'message.received',
  'message.reaction',
  'message.edited',
  'message.unsent',
  'message.read',
  'conversation.created',
  // A message was added to the conversation.
  'conversation.updated',
  // The name or the participants of a group changed.
  'conversation.changed',
  'action.failed',
  'device.online',
  'device.offline',
  'device.problem',
  'typing.started',
  'typing.stopped',
  'opt_out.created',
  'opt_in.created',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** The types that event streams deliver. */
export const STREAMED_TYPES = [
  'message.received',
  'message.sent',
  'message.delivered',
  'message.failed',
  'message.reaction',
  'message.edited',
  'message.unsent',
  'message.read',
  'conversation.created',
  'conversation.changed',
  'action.failed',
  'device.online',
  'device.offline',
  'device.problem',
  'typing.started',
  'typing.stopped',
  'opt_out.created',
  'opt_in.created',
] as const satisfies readonly EventType[];

/** Types that are delivered at once or never: they are not stored and not retried. */
export const EPHEMERAL_TYPES = ['typing.started', 'typing.stopped'] as const satisfies readonly EventType[];

/** A test event of a webhook is not an event of the account. */
export function isTestEvent({ subject, messageId }: HomingEvent): boolean {
  return 'message' in subject && messageId === null;
}

/** The other parties of a message or conversation. */
export interface ConversationParties {
  isGroup: boolean;
  name: string | null;
  participants: readonly string[];
}

export interface MessageSubject {
  message: Message;
  /** The group of the message; missing: not a group message. */
  group?: ConversationParties;
  /** The reaction of `message.reaction`. */
  reaction?: Reaction & { isRemoved: boolean };
  /** The action of `action.failed`; `message` is the message that it was about. */
  action?: Message;
}

export interface ConversationState extends ConversationParties {
  numberId: string;
  ownNumber: string;
  /** Epoch ms. */
  createdAt: number;
  updatedAt: number;
}

export interface ConversationSubject {
  /** Id of the conversation. */
  conversation: string;
  /** The message that was added; null: none. */
  messageId: string | null;
  /** Missing in events of earlier versions. */
  state?: ConversationState;
  /** The change of `conversation.changed`. */
  change?: GroupChange;
  /** The action of `action.failed`. */
  action?: Message;
}

export interface DeviceSubject {
  device: {
    id: string;
    name: string;
    /** E.164. */
    numbers: readonly string[];
    numberIds: readonly string[];
    /** A code such as `signed_out`; null: no problem. */
    problem: string | null;
    /** The problem as a sentence. */
    message: string | null;
  };
}

export interface TypingSubject {
  typing: { numberId: string; ownNumber: string; conversation: string; handle: string; isGroup: boolean };
}

/** The subject of an event, in its state at that time. */
export type EventSubject =
  | MessageSubject
  | ConversationSubject
  | DeviceSubject
  | TypingSubject
  | { handle: string; reason: string };

/** True if the subject belongs to the number, or if `numberId` is null. */
export function concernsNumber(subject: EventSubject, numberId: string | null): boolean {
  if (numberId === null) return true;
  if ('message' in subject) return subject.message.numberId === numberId;
  if ('typing' in subject) return subject.typing.numberId === numberId;
  if ('conversation' in subject) {
    return (subject.state?.numberId ?? subject.action?.numberId) === numberId;
  }
  return 'device' in subject && subject.device.numberIds.includes(numberId);
}

export interface NewEvent {
  tenantId: number;
  /** The own number; null: the event concerns the whole account. */
  numberId: string | null;
  type: EventType;
  subject: EventSubject;
}

export interface HomingEvent {
  id: string;
  tenantId: number;
  type: EventType;
  /** Events of the same message are delivered in order. */
  messageId: string | null;
  subject: EventSubject;
  createdAt: number;
}

export interface EventContext {
  now: number;
  ids: IdSource;
  /** True: no events, for messages from before the pairing. */
  isSilent?: boolean;
}

export type DeliveryStatus = 'pending' | 'delivered' | 'failed';

export interface WebhookDelivery {
  id: string;
  webhookId: string;
  eventId: string;
  messageId: string | null;
  /** Requested with the replay API. */
  isReplay: boolean;
  status: DeliveryStatus;
  attempts: number;
  nextAttemptAt: number;
  createdAt: number;
}

/** A delivery that may be attempted now. Its event is read on demand. */
export interface DueDelivery {
  delivery: WebhookDelivery;
  readEvent(): HomingEvent;
}

/** One attempt to deliver an event to a webhook. */
export interface WebhookAttempt {
  attempt: number;
  at: number;
  durationMs: number;
  /** null: no response. */
  statusCode: number | null;
  /** The first 2 KB of the response body, or the reason for a missing response. */
  answer: string;
}

export function newDelivery(
  id: string,
  webhookId: string,
  event: Pick<HomingEvent, 'id' | 'messageId'>,
  now: number,
  isReplay = false,
): WebhookDelivery {
  return {
    id,
    webhookId,
    eventId: event.id,
    messageId: event.messageId,
    isReplay,
    status: 'pending',
    attempts: 0,
    nextAttemptAt: now,
    createdAt: now,
  };
}
