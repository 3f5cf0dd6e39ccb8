/**
 * Stores an event and one delivery per subscribed webhook, in the transaction of the change. Stores nothing without a
 * subscribed webhook or an active stream.
 */
import {
  type ConversationParties,
  concernsNumber,
  type EventContext,
  type EventSubject,
  type EventType,
  type MessageSubject,
  type NewEvent,
  newDelivery,
  STREAMED_TYPES,
} from '../model/event.ts';
import type { Message } from '../model/message.ts';
import type { Webhook } from '../model/webhook.ts';
import type { Queries } from '../ports/store.ts';

const STREAMED: ReadonlySet<EventType> = new Set(STREAMED_TYPES);

export async function emit(tx: Queries, newEvent: NewEvent, context: EventContext): Promise<void> {
  const subscribed = await subscribersOf(tx, newEvent, context);
  if (subscribed !== undefined) await store(tx, newEvent, subscribed, context);
}

/** Emits an event of a message, with the name and the participants of its group. */
export async function emitOfMessage(
  tx: Queries,
  type: EventType,
  message: Message,
  context: EventContext,
  more: Pick<MessageSubject, 'reaction' | 'action'> = {},
): Promise<void> {
  const { tenantId, numberId } = message;
  const newEvent: NewEvent = { tenantId, numberId, type, subject: { message, ...more } };
  const subscribed = await subscribersOf(tx, newEvent, context);
  if (subscribed === undefined) return;
  const group = await partiesOf(tx, message);
  const subject = group === undefined ? newEvent.subject : { message, group, ...more };
  await store(tx, { ...newEvent, subject }, subscribed, context);
}

/** Returns the name and the participants of the group; undefined: not a group message. */
async function partiesOf(tx: Queries, { numberId, chat }: Message): Promise<ConversationParties | undefined> {
  if (chat === null) return undefined;
  const group = await tx.groups.find(numberId, chat);
  return { isGroup: true, name: group?.name ?? null, participants: group?.participants ?? [] };
}

/** Returns undefined if the event is not stored. */
async function subscribersOf(
  tx: Queries,
  { tenantId, numberId, type, subject }: NewEvent,
  { now, isSilent }: EventContext,
): Promise<Webhook[] | undefined> {
  if (isSilent) return undefined;
  const subscribed = (await tx.webhooks.activeOf(tenantId)).filter(
    (webhook) =>
      webhook.events.includes(type) &&
      (webhook.numberId === numberId || concernsNumber(subject, webhook.numberId)) &&
      isShownTo(webhook, subject),
  );
  if ('message' in subject && subject.message.callbackId !== null) {
    const callback = await tx.webhooks.get(subject.message.callbackId);
    if (callback?.isActive && callback.events.includes(type)) subscribed.push(callback);
  }
  const isStreamed = STREAMED.has(type) && (await tx.streams.recordedUntil(tenantId)) > now;
  return subscribed.length === 0 && !isStreamed ? undefined : subscribed;
}

/** Whether a webhook of this API receives events with the subject. */
export function isShownTo({ dialect, numberId }: Webhook, subject: EventSubject): boolean {
  // The conversations of Textree begin with a message.
  if (dialect === 'textree') return !('conversation' in subject) || subject.messageId !== null;
  // Inkbox has an event for the reactions that the account receives, and none for those of one number.
  if (dialect !== 'inkbox' || !('message' in subject) || subject.reaction === undefined) return true;
  const { direction, isRemoved } = subject.reaction;
  return numberId === null && direction === 'inbound' && !isRemoved;
}

async function store(
  tx: Queries,
  { tenantId, type, subject }: NewEvent,
  subscribed: readonly Webhook[],
  { now, ids }: EventContext,
): Promise<void> {
  const messageId = 'message' in subject ? subject.message.id : null;
  const event = { id: ids(), tenantId, type, messageId, subject, createdAt: now };
  await tx.events.insert(event);
  for (const { id } of subscribed) await tx.deliveries.insert(newDelivery(ids(), id, event, now));
}
