/**
 * A conversation: everything between one of our numbers and one correspondent, or one group. It is known by the two,
 * so that a message names its conversation without a look-up; what lists show of it (the newest message, how many
 * there are, how many are unread) is kept by the projections.
 */
import { derivedId } from '../../../shared/ids.ts';
import type { Message } from './message.ts';

export interface Conversation {
  id: string;
  tenantId: number;
  numberId: string;
  /** The correspondent, or the guid of the group's chat. */
  recipient: string;
  isGroup: boolean;
  /** Whoever wrote in it, and whom we wrote to; ours is not among them. */
  participants: readonly string[];
  /** The newest message that was not deleted; null when none is left. */
  latest: Message | null;
  unreadCount: number;
  totalCount: number;
  createdAt: number;
  updatedAt: number;
}

export interface ConversationKey {
  tenantId: number;
  numberId: string;
  recipient: string;
  isGroup: boolean;
}

export function conversationOf({
  tenantId,
  numberId,
  handle,
  chat,
}: Pick<Message, 'tenantId' | 'numberId' | 'handle' | 'chat'>): ConversationKey {
  return { tenantId, numberId, recipient: chat ?? handle, isGroup: chat !== null };
}

export function conversationId({
  numberId,
  recipient,
}: Pick<ConversationKey, 'numberId' | 'recipient'>): string {
  return derivedId('conversation', numberId, recipient);
}

/** Messages that are new to the projections, of one conversation. */
export interface ConversationAddition extends ConversationKey {
  /** In order, oldest first. */
  ids: readonly string[];
  unread: number;
  participants: readonly string[];
}
