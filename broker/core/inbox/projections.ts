/**
 * What is kept of messages in other places, so that no list counts or searches through the history: conversations
 * with their newest message and counts, full text, and the month's figures. A commit that accepts a message or moves
 * its status leaves one row behind in `message_changes`; here those rows are taken up a few at a time, each step in a
 * transaction of its own. A message says by which status it is counted, so taking it up twice changes nothing.
 * Whoever reads what is kept here lets it catch up first, and sees everything that was committed before.
 */

import { emit } from '../lifecycle/emit-event.ts';
import { calendarDay } from '../model/calendar.ts';
import { conversationId, conversationOf } from '../model/conversation.ts';
import type { EventContext } from '../model/event.ts';
import type { Message, MessageStatus } from '../model/message.ts';
import type { UsageChange } from '../model/usage.ts';
import type { ChangedMessage } from '../ports/inbox.ts';
import type { Queries } from '../ports/store.ts';
import { searchWords } from './search-words.ts';

export interface ProjectionContext extends EventContext {
  /** How many SMS a text would take. */
  countSegments: (text: string) => number;
}

/** Takes up one step of what has changed. */
export async function projectChanges(tx: Queries, limit: number, context: ProjectionContext): Promise<void> {
  await projectMessages(tx, await tx.projections.take(limit), context);
}

/** Sees to it that a message is counted, before something is done to it that changes the counts. */
export async function projectMessages(
  tx: Queries,
  changed: readonly ChangedMessage[],
  context: ProjectionContext,
): Promise<void> {
  const fresh = changed
    .filter(({ projectedStatus }) => projectedStatus === null)
    .map(({ message }) => message);
  await addToConversations(tx, fresh, context);
  for (const message of fresh.toSorted((a, b) => a.createdAt - b.createdAt)) {
    const words = message.deletedAt === null ? searchWords(message.content) : [];
    if (words.length > 0) await tx.search.insert(message, words);
  }
  const moved = changed.filter(({ message, projectedStatus }) => message.status !== projectedStatus);
  for (const change of usageChanges(moved, context)) await tx.billing.addUsage(change);
  await tx.projections.setProjected(moved.map(({ message }) => message));
}

async function addToConversations(
  tx: Queries,
  messages: readonly Message[],
  context: ProjectionContext,
): Promise<void> {
  const inOrder = messages
    .filter(({ deletedAt }) => deletedAt === null)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  for (const [numberId, own] of Map.groupBy(inOrder, (message) => message.numberId)) {
    await tx.projections.countTexts(numberId, idsOf(own), 1);
  }
  for (const [id, own] of Map.groupBy(inOrder, (message) => conversationId(conversationOf(message)))) {
    const addition = {
      ...conversationOf(own[0]!),
      ids: idsOf(own),
      unread: own.filter(({ isUnread }) => isUnread).length,
      participants: [...new Set(own.map(({ handle }) => handle))],
    };
    const isNew = await tx.conversations.add(id, addition, context.now);
    const { tenantId, numberId } = addition;
    const type = isNew ? 'conversation.created' : 'conversation.updated';
    const subject = { conversation: id, messageId: own.at(-1)!.id };
    await emit(tx, { tenantId, numberId, type, subject }, context);
  }
}

const idsOf = (messages: readonly Message[]) => messages.map(({ id }) => id);

function usageChanges(moved: readonly ChangedMessage[], { countSegments }: ProjectionContext): UsageChange[] {
  const changes = new Map<string, UsageChange>();
  const add = (message: Message, status: MessageStatus, sign: 1 | -1, segments: number) => {
    const { month } = calendarDay(message.createdAt);
    const key = `${message.tenantId} ${month} ${status}`;
    const known = changes.get(key);
    const cost = status === 'failed' ? 0 : message.costCents;
    changes.set(key, {
      tenantId: message.tenantId,
      month,
      status,
      messages: (known?.messages ?? 0) + sign,
      segments: (known?.segments ?? 0) + sign * segments,
      costCents: (known?.costCents ?? 0) + sign * cost,
    });
  };
  for (const { message, projectedStatus } of moved) {
    if (!wasAccepted(message)) continue;
    const segments = countSegments(message.content);
    if (projectedStatus !== null) add(message, countedAs(projectedStatus), -1, segments);
    add(message, countedAs(message.status), 1, segments);
  }
  return [...changes.values()];
}

/** What a device has and has not sent yet still waits, for whoever asked for it. */
function countedAs(status: MessageStatus): MessageStatus {
  return status === 'polling' ? 'queued' : status;
}

/** It was sent by way of the broker: what was written on the phone itself, and history, never waited for anything. */
function wasAccepted({ direction, expiresAt, createdAt }: Message): boolean {
  return direction === 'outbound' && expiresAt > createdAt;
}
