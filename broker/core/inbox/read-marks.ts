/** Marks conversations as read or unread in bounded steps, with their unread counts. */
import { type Conversation, type ConversationKey, conversationId } from '../model/conversation.ts';
import type { Queries } from '../ports/store.ts';

/** Maximum number of messages that one transaction marks. */
const STEP = 500;
/** Number of the newest messages among which the newest inbound message is looked for. */
const EXAMINED_MAX = 200;

interface Step {
  /** Number of marked messages. */
  changed: number;
  isDone: boolean;
  /** The next step continues after this message. */
  oldest?: string | undefined;
}

/** Runs `work` in one transaction. */
type Transaction = <T>(work: (tx: Queries) => Promise<T>) => Promise<T>;

/**
 * Marks every message of a conversation, in several transactions. Only inbound messages can become unread. Returns the
 * number of changed messages.
 */
export async function markAll(
  transaction: Transaction,
  conversation: ConversationKey,
  isRead: boolean,
  now: () => number,
): Promise<number> {
  let changed = 0;
  let before: string | undefined;
  const step = (tx: Queries) =>
    isRead ? markStepRead(tx, conversation, now()) : markStepUnread(tx, conversation, before, now());
  for (;;) {
    const marked = await transaction(step);
    changed += marked.changed;
    if (marked.isDone) return changed;
    before = marked.oldest;
  }
}

/** Marks the next unread messages as read. Returns true if none is left. */
export async function markRead(tx: Queries, conversation: Conversation, now: number): Promise<boolean> {
  return (await markStepRead(tx, conversation, now)).isDone;
}

async function markStepRead(tx: Queries, conversation: ConversationKey, now: number): Promise<Step> {
  const { changed, counted } = await tx.messages.markRead(conversation, STEP);
  // The projections count the other messages later, by their new state.
  if (counted > 0) await tx.conversations.addUnread(conversationId(conversation), -counted, now);
  return { changed, isDone: changed < STEP };
}

/** Marks the inbound messages among the next ones older than `before` as unread. */
async function markStepUnread(
  tx: Queries,
  conversation: ConversationKey,
  before: string | undefined,
  now: number,
): Promise<Step> {
  const examined = await tx.messages.thread(conversation, { limit: STEP, before });
  const changed = examined.filter(({ direction, isUnread }) => direction === 'inbound' && !isUnread);
  for (const message of changed) await tx.messages.setUnread({ ...message, isUnread: true });
  const projected = changed.length === 0 ? [] : await tx.projections.of(changed);
  const counted = projected.filter(({ projectedStatus }) => projectedStatus !== null).length;
  if (counted > 0) await tx.conversations.addUnread(conversationId(conversation), counted, now);
  return { changed: changed.length, isDone: examined.length < STEP, oldest: examined.at(-1)?.id };
}

/** Marks the newest inbound message as unread, which shows the conversation as unread. Always returns true. */
export async function markUnread(tx: Queries, conversation: Conversation, now: number): Promise<boolean> {
  if (conversation.unreadCount > 0) return true;
  const newest = await tx.messages.thread(conversation, { limit: EXAMINED_MAX });
  const inbound = newest.find(({ direction }) => direction === 'inbound');
  if (inbound === undefined || inbound.isUnread) return true;
  await tx.messages.setUnread({ ...inbound, isUnread: true });
  const [projection] = await tx.projections.of([inbound]);
  if (projection?.projectedStatus != null) {
    await tx.conversations.addUnread(conversationId(conversation), 1, now);
  }
  return true;
}
