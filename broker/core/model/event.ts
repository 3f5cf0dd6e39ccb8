/** What happened, for whoever asked to be told, and what is still to be delivered of it. */
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

/** What streams tell of. */
export const STREAMED_TYPES = [
  'message.received',
  'message.sent',
  'message.delivered',
  'message.failed',
  'opt_out.created',
  'opt_in.created',
] as const satisfies readonly EventType[];

/** What an event is about, as it was then. */
export type EventSubject =
  | { message: Message }
  | { conversation: string; messageId: string }
  | { handle: string; reason: string };

/** Whether it is of the number; null: whether of any. */
export function concernsNumber(subject: EventSubject, numberId: string | null): boolean {
  return numberId === null || ('message' in subject && subject.message.numberId === numberId);
}

export interface NewEvent {
  tenantId: number;
  /** The number of ours that it happened with; null: the account as a whole. */
  numberId: string | null;
  type: EventType;
  subject: EventSubject;
}

export interface HomingEvent {
  id: string;
  tenantId: number;
  type: EventType;
  /** Events of one message are delivered in order. */
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
  /** Asked for again by the customer. */
  isReplay: boolean;
  status: DeliveryStatus;
  attempts: number;
  nextAttemptAt: number;
  createdAt: number;
}

/** A delivery that may be tried, and what it tells, which is read where it is needed. */
export interface DueDelivery {
  delivery: WebhookDelivery;
  readEvent(): HomingEvent;
}

/** One try to tell a webhook. */
export interface WebhookAttempt {
  attempt: number;
  at: number;
  durationMs: number;
  /** null: there was no answer. */
  statusCode: number | null;
  /** The first 2 KB of the answer, or why there was none. */
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
