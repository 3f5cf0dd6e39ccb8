/**
 * What people do with the texts of a number: read them, mark them, take them out. Counts and previews of the
 * conversations follow in the same transaction.
 */

import { type ConversationKey, conversationId, conversationOf } from '../model/conversation.ts';
import { notFound } from '../model/errors.ts';
import type { Message } from '../model/message.ts';
import type { Queries } from '../ports/store.ts';
import { type ProjectionContext, projectMessages } from './projections.ts';

/** A text of the number that was not deleted. */
export async function findText(
  tx: Queries,
  tenantId: number,
  numberId: string,
  id: string,
): Promise<Message> {
  const message = await tx.messages.find(tenantId, id);
  if (message === undefined || message.numberId !== numberId || message.deletedAt !== null)
    throw notFound('Text');
  return message;
}

export interface TextChange {
  isRead?: boolean | undefined;
  isDeleted?: boolean | undefined;
}

/** SetupMilestone one text, or takes it out of the inbox; only what came in becomes unread. Gives it as it is then. */
export async function updateText(
  tx: Queries,
  tenantId: number,
  numberId: string,
  id: string,
  change: TextChange,
  context: ProjectionContext,
): Promise<Message> {
  let message = await findText(tx, tenantId, numberId, id);
  await projectMessages(tx, await tx.projections.of([message]), context);
  const conversation = conversationId(conversationOf(message));
  const mayChange = change.isRead || message.direction === 'inbound';
  if (change.isRead !== undefined && mayChange && message.isUnread === change.isRead) {
    message = { ...message, isUnread: !change.isRead };
    await tx.messages.setUnread(message);
    await tx.conversations.addUnread(conversation, message.isUnread ? 1 : -1, context.now);
  }
  if (change.isDeleted) {
    message = { ...message, deletedAt: context.now };
    await tx.messages.setDeleted(message);
    await tx.search.remove(message);
    const left = { ids: [message.id], unread: message.isUnread ? 1 : 0 };
    await tx.conversations.remove(conversation, left, context.now);
    await tx.projections.countTexts(numberId, left.ids, -1);
    await tx.conversations.refreshLatest(conversation);
  }
  return message;
}

/** SetupMilestone every text of a conversation. Gives how many were changed. */
export async function updateConversation(
  tx: Queries,
  key: ConversationKey,
  isRead: boolean,
  context: ProjectionContext,
): Promise<number> {
  const changed = await tx.messages.setUnreadIn(key, !isRead);
  if (changed === 0) return 0;
  // What the projections do not have yet brings its own mark along.
  await tx.conversations.recountUnread(conversationId(key), context.now);
  return changed;
}
