/**
 * Stores an event and one delivery per subscribed webhook, in the transaction of the change. Stores nothing without a
 * subscribed webhook or an active stream.
 */
import {
  type EventContext,
  type EventType,
  type NewEvent,
  newDelivery,
  STREAMED_TYPES,
} from '../model/event.ts';
import type { Queries } from '../ports/store.ts';

const STREAMED: ReadonlySet<EventType> = new Set(STREAMED_TYPES);

export async function emit(tx: Queries, newEvent: NewEvent, { now, ids }: EventContext): Promise<void> {
  const { tenantId, numberId, type, subject } = newEvent;
  const subscribed = (await tx.webhooks.activeOf(tenantId)).filter(
    (webhook) =>
      webhook.events.includes(type) && (webhook.numberId === null || webhook.numberId === numberId),
  );
  if ('message' in subject && subject.message.callbackId !== null) {
    const callback = await tx.webhooks.get(subject.message.callbackId);
    if (callback?.isActive && callback.events.includes(type)) subscribed.push(callback);
  }
  const isStreamed = STREAMED.has(type) && (await tx.streams.recordedUntil(tenantId)) > now;
  if (subscribed.length === 0 && !isStreamed) return;
  const messageId = 'message' in subject ? subject.message.id : null;
  const event = { id: ids(), tenantId, type, messageId, subject, createdAt: now };
  await tx.events.insert(event);
  for (const { id } of subscribed) await tx.deliveries.insert(newDelivery(ids(), id, event, now));
}
