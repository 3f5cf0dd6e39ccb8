/**
 * Derives conversations, the full-text index and the monthly usage from messages, so that lists never count or search
 * the history.
 *
 * - A commit that accepts a message or changes its status inserts one row into `message_changes`. The projector
 *   processes these rows in small transactions.
 * - Each message stores its projected status, so a repeated projection changes nothing.
 * - Readers call `Projector.catchUp` first and then see everything that was committed before.
 */
import { settleAll } from '../../../shared/settle-all.ts';
import { groupState } from '../groups/group-chats.ts';
import { emit } from '../lifecycle/emit-event.ts';
import { calendarDay } from '../model/calendar.ts';
import { conversationId, conversationOf } from '../model/conversation.ts';
import type { ConversationState, EventContext } from '../model/event.ts';
import type { Message, MessageStatus } from '../model/message.ts';
import type { UsageChange } from '../model/usage.ts';
import type { ChangedMessage } from '../ports/inbox.ts';
import type { Queries } from '../ports/store.ts';
import { countByHour } from './count-by-hour.ts';
import { searchWords } from './search-words.ts';

export interface ProjectionContext extends EventContext {
  /** Returns the number of SMS segments of a text. */
  countSegments: (text: string) => number;
}

/** Projects up to `limit` changes. */
export async function projectChanges(tx: Queries, limit: number, context: ProjectionContext): Promise<void> {
  await projectMessages(tx, await tx.projections.take(limit), context);
}

/** Projects these messages now, before a change that depends on their counts. */
export async function projectMessages(
  tx: Queries,
  changed: readonly ChangedMessage[],
  context: ProjectionContext,
): Promise<void> {
  const added = changed
    .filter(({ projectedStatus }) => projectedStatus === null)
    .map(({ message }) => message);
  await addToConversations(tx, added, context);
  for (const message of added.toSorted((a, b) => a.createdAt - b.createdAt)) {
    const words = message.deletedAt === null ? searchWords(message.content) : [];
    if (words.length > 0) await tx.search.insert(message, words);
  }
  const statusChanges = changed.filter(({ message, projectedStatus }) => message.status !== projectedStatus);
  for (const change of usageChanges(statusChanges, context)) await tx.billing.addUsage(change);
  const counts = countByHour(statusChanges, wasAccepted, context.now);
  for (const count of counts) await tx.statistics.add(count);
  await tx.projections.setProjected(statusChanges.map(({ message }) => message));
}

async function addToConversations(
  tx: Queries,
  messages: readonly Message[],
  context: ProjectionContext,
): Promise<void> {
  const inOrder = messages
    .filter(({ deletedAt }) => deletedAt === null)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const byNumber = Map.groupBy(inOrder, (message) => message.numberId);
  await settleAll([...byNumber].map(([id, added]) => tx.projections.countTexts(id, idsOf(added), 1)));
  const byConversation = Map.groupBy(inOrder, (message) => conversationId(conversationOf(message)));
  await settleAll([...byConversation].map(([id, added]) => addToConversation(tx, id, added, context)));
}

/** Adds messages, in order, to one conversation. */
async function addToConversation(
  tx: Queries,
  id: string,
  added: readonly Message[],
  context: ProjectionContext,
): Promise<void> {
  const latest = added.at(-1);
  if (latest === undefined) return;
  const addition = {
    ...conversationOf(latest),
    ids: idsOf(added),
    unread: added.filter(({ isUnread }) => isUnread).length,
    // The recipient of an outbound group message is the group itself.
    participants: [...new Set(added.map(({ handle }) => handle))].filter((handle) => handle !== latest.chat),
  };
  const isNew = await tx.conversations.add(id, addition, context.now);
  const { tenantId, numberId } = addition;
  const type = isNew ? 'conversation.created' : 'conversation.updated';
  const state = isNew ? { state: await stateOf(tx, latest, context.now) } : {};
  const subject = { conversation: id, messageId: latest.id, ...state };
  await emit(tx, { tenantId, numberId, type, subject }, context);
}

/** Returns the state of a conversation whose first message was added, for the event. */
async function stateOf(
  tx: Queries,
  { numberId, ownNumber, handle, chat }: Message,
  now: number,
): Promise<ConversationState> {
  const group = chat === null ? undefined : await tx.groups.find(numberId, chat);
  if (group !== undefined) return groupState(group, ownNumber);
  const participants = chat === null ? [handle] : [];
  const times = { createdAt: now, updatedAt: now };
  return { isGroup: chat !== null, name: null, participants, numberId, ownNumber, ...times };
}

const idsOf = (messages: readonly Message[]) => messages.map(({ id }) => id);

function usageChanges(
  statusChanges: readonly ChangedMessage[],
  { countSegments }: ProjectionContext,
): UsageChange[] {
  const changes = new Map<string, UsageChange>();
  const add = (message: Message, status: MessageStatus, sign: 1 | -1, segments: number) => {
    const { month } = calendarDay(message.createdAt);
    const key = `${message.tenantId} ${month} ${status}`;
    const sum = changes.get(key);
    const cost = status === 'failed' ? 0 : message.costCents;
    changes.set(key, {
      tenantId: message.tenantId,
      month,
      status,
      messages: (sum?.messages ?? 0) + sign,
      segments: (sum?.segments ?? 0) + sign * segments,
      costCents: (sum?.costCents ?? 0) + sign * cost,
    });
  };
  for (const { message, projectedStatus } of statusChanges) {
    if (!wasAccepted(message)) continue;
    const segments = countSegments(message.content);
    if (projectedStatus !== null) add(message, countedAs(projectedStatus), -1, segments);
    add(message, countedAs(message.status), 1, segments);
  }
  return [...changes.values()];
}

/** A leased message counts as queued: it is not sent yet. */
function countedAs(status: MessageStatus): MessageStatus {
  return status === 'polling' ? 'queued' : status;
}

/** True for messages sent through the broker. Messages written on the device and history expire at their creation. */
function wasAccepted({ direction, expiresAt, createdAt, action }: Message): boolean {
  return direction === 'outbound' && expiresAt > createdAt && action === null;
}
