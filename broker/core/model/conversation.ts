/**
 * Defines the conversation: all messages between one number and one recipient or group. Its id derives from both, so a
 * message determines its conversation without a query. The projections maintain the latest message and the counts.
 */
import { derivedId } from '../../../shared/ids.ts';
import type { GroupChat } from './group-chat.ts';
import type { Message } from './message.ts';

export interface Conversation {
  id: string;
  tenantId: number;
  numberId: string;
  /** Handle of the other participant, or key of the group chat. */
  recipient: string;
  isGroup: boolean;
  /** The group; null: a conversation with one handle. */
  group: GroupChat | null;
  /** The members of the group, or the handle of the other participant. */
  participants: readonly string[];
  /** The newest message that was not deleted; null if all were deleted. */
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

/** Messages of one conversation that the projections add to it. */
export interface ConversationAddition extends ConversationKey {
  /** Oldest first. */
  ids: readonly string[];
  unread: number;
  participants: readonly string[];
}
