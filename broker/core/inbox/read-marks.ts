/** Marks conversations as read or unread in bounded steps, with their unread counts. */
import { type Conversation, conversationId } from '../model/conversation.ts';
import type { Queries } from '../ports/store.ts';

/** Maximum number of messages that one transaction marks. */
const STEP = 500;
/** Number of the newest messages among which the newest inbound message is looked for. */
const EXAMINED_MAX = 200;

/** Marks the next unread messages as read. Returns true if none is left. */
export async function markRead(tx: Queries, conversation: Conversation, now: number): Promise<boolean> {
  return (await markStepRead(tx, conversation, now)).isDone;
}

/** Marks the next unread messages as read. Returns their number, and whether none is left. */
export async function markStepRead(
  tx: Queries,
  conversation: Conversation,
  now: number,
): Promise<{ changed: number; isDone: boolean }> {
  const { changed, counted } = await tx.messages.markRead(conversation, STEP);
  // The projections count the other messages later, by their new state.
  if (counted > 0) await tx.conversations.addUnread(conversationId(conversation), -counted, now);
  return { changed, isDone: changed < STEP };
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
