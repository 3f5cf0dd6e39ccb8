/** Defines events and their deliveries to webhooks. */
import type { IdSource } from '../../../shared/ids.ts';
import type { Message } from './message.ts';

export const EVENT_TYPES = [
  'message.sent',
  'message.delivered',
  'message.failed',
  'message.received',
  'conversation.created',
  'conversation.updated',
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
  'opt_out.created',
  'opt_in.created',
] as const satisfies readonly EventType[];

/** The subject of an event, in its state at that time. */
export type EventSubject =
  | { message: Message }
  | { conversation: string; messageId: string }
  | { handle: string; reason: string };

/** True if the subject belongs to the number, or if `numberId` is null. */
export function concernsNumber(subject: EventSubject, numberId: string | null): boolean {
  return numberId === null || ('message' in subject && subject.message.numberId === numberId);
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
