/**
 * Marks texts as read or unread, and removes texts from the inbox. Updates the counts and previews of the conversations in
 * the same transaction.
 */
import { conversationId, conversationOf } from '../model/conversation.ts';
import { notFound } from '../model/errors.ts';
import type { Message } from '../model/message.ts';
import type { Queries } from '../ports/store.ts';
import { type ProjectionContext, projectMessages } from './projections.ts';

/** Returns a text of the number. @throws HomingError if it is unknown or was deleted */
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

/** Marks or removes one text. Only inbound texts can become unread. Returns the changed text. */
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
    const removed = { ids: [message.id], unread: message.isUnread ? 1 : 0 };
    await tx.conversations.remove(conversation, removed, context.now);
    await tx.projections.countTexts(numberId, removed.ids, -1);
    await tx.conversations.refreshLatest(conversation);
  }
  return message;
}
