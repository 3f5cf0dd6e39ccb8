/** Queries of group chats and their changes. */
import type { GroupChange, GroupChat } from '../model/group-chat.ts';

export interface GroupQueries {
  insert(group: GroupChat): Promise<void>;
  update(group: GroupChat): Promise<void>;
  find(numberId: string, chat: string): Promise<GroupChat | undefined>;
  /** Finds a group by its guid with any prefix. */
  findByGuid(numberId: string, guid: string): Promise<GroupChat | undefined>;
  findByConversation(tenantId: number, conversationId: string): Promise<GroupChat | undefined>;
  /** Returns the group with exactly these participants that was used last. */
  findByParticipants(numberId: string, participants: readonly string[]): Promise<GroupChat | undefined>;
  /** Returns the groups of the conversations that are groups, by the id of the conversation. */
  ofConversations(conversationIds: readonly string[]): Promise<Map<string, GroupChat>>;
  /** Returns false if the change was stored before. */
  addChange(group: GroupChat, change: GroupChange): Promise<boolean>;
  /** Newest first. */
  changesOf(conversationId: string, limit: number): Promise<GroupChange[]>;
  /**
   * Deletes up to `limit` groups without a message that were created by request and last changed before the time (epoch ms),
   * with their conversations. Returns the number of deletions.
   */
  purgeUnused(before: number, limit: number): Promise<number>;
  /** Deletes up to `limit` changes from before the time (epoch ms). Returns the number of deletions. */
  purgeChanges(before: number, limit: number): Promise<number>;
}
