/**
 * Stores a transition in the caller's transaction: the message, its timeline entry and its event. A failure also frees
 * the reserved slot and refunds the committed spend; a correction of the failure charges the spend again. No other module writes a status.
 */
import { calendarDay } from '../model/calendar.ts';
import type { EventContext, EventType } from '../model/event.ts';
import type { TimelineKind } from '../model/message.ts';
import type { Transition } from '../model/message-transition.ts';
import type { Queries } from '../ports/store.ts';
import { emit } from './emit-event.ts';

const EVENTS: Partial<Record<TimelineKind, EventType>> = {
  sent: 'message.sent',
  delivered: 'message.delivered',
  failed: 'message.failed',
};

export async function recordTransition(
  tx: Queries,
  { message, from, entry }: Transition,
  context: EventContext,
): Promise<void> {
  await tx.messages.record(message, entry);
  if (message.status !== from && message.status !== 'queued' && message.status !== 'polling') {
    tx.afterCommit((metrics) => metrics.statusChanged(message, from));
  }
  if (entry.kind === 'failed' && message.isDeferred && message.deferredUntil !== null) {
    await tx.pace.unreserve(message.numberId, message.deferredUntil, message.id);
  }
  const cents = (entry.kind === 'failed' ? -1 : from === 'failed' ? 1 : 0) * message.committedCents;
  if (cents !== 0) {
    const { month } = calendarDay(message.createdAt);
    await tx.billing.addSpend(message.tenantId, month, cents);
  }
  const type = EVENTS[entry.kind];
  if (type === undefined) return;
  const { tenantId, numberId } = message;
  await emit(tx, { tenantId, numberId, type, subject: { message } }, context);
}
