/**
 * Stores a transition in the caller's transaction: the message, its timeline entry and its event. A failure also frees
 * the reserved slot and refunds the committed spend; a correction of the failure charges the spend again. No other module writes a status.
 */
import { calendarDay } from '../model/calendar.ts';
import { conversationId, conversationOf } from '../model/conversation.ts';
import type { EventContext, EventType } from '../model/event.ts';
import type { Message, TimelineEntry, TimelineKind } from '../model/message.ts';
import type { Transition } from '../model/message-transition.ts';
import type { Queries } from '../ports/store.ts';
import { emit, emitOfMessage } from './emit-event.ts';

const EVENTS: Partial<Record<TimelineKind, EventType>> = {
  sent: 'message.sent',
  delivered: 'message.delivered',
  failed: 'message.failed',
  read: 'message.read',
};

export async function recordTransition(
  tx: Queries,
  { message, from, entry }: Transition,
  context: EventContext,
): Promise<void> {
  await tx.messages.record(message, entry);
  if (message.action !== null) {
    await recordActionStep(tx, message, entry, context);
    return;
  }
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
  if (type !== undefined) await emitOfMessage(tx, type, message, context);
}

/** Adds the step to the timeline of the message that the action is about. A failed action leaves the message as it is. */
async function recordActionStep(
  tx: Queries,
  action: Message,
  { at, kind }: TimelineEntry,
  context: EventContext,
): Promise<void> {
  const { tenantId, numberId, status } = action;
  if (status !== 'sent' && status !== 'failed') return;
  const targetId = action.action?.messageId ?? null;
  const message = targetId === null ? undefined : await tx.messages.find(tenantId, targetId);
  if (message !== undefined) await addActionEntry(tx, message, action, at);
  if (kind !== 'failed') return;
  if (action.isDeferred && action.deferredUntil !== null) {
    await tx.pace.unreserve(numberId, action.deferredUntil, action.id);
  }
  if (message !== undefined) {
    await emitOfMessage(tx, 'action.failed', message, context, { action });
    return;
  }
  const conversation = conversationId(conversationOf(action));
  const subject = { conversation, messageId: null, action };
  await emit(tx, { tenantId, numberId, type: 'action.failed', subject }, context);
}

/** Adds the state of an action to the timeline of its message. */
export async function addActionEntry(
  tx: Queries,
  message: Message,
  { id, action, status, errorCode }: Message,
  at: number,
): Promise<void> {
  if (action === null) return;
  const detail = {
    ...{ action: id, kind: action.kind, state: status },
    ...(action.value === '' || action.kind === 'edit' ? {} : { value: action.value }),
    ...(errorCode === null ? {} : { code: errorCode }),
  };
  await tx.messages.addTimelineEntry(message.id, { at, kind: 'action', status: message.status, detail });
}
