/** Texts as people see them, and what follows them, as the core needs it kept. */

import type { Conversation, ConversationAddition, ConversationKey } from '../model/conversation.ts';
import type { Message, MessageStatus } from '../model/message.ts';

export interface Page {
  limit: number;
  offset?: number | undefined;
  /** Only what is older than the message, or whatever it is, of this id. */
  before?: string | undefined;
}

export interface TextFilter extends Page {
  isUnread?: boolean | undefined;
}

/** Texts of a number as the people of the account see them. */
export interface InboxQueries {
  /** Texts of a number that were not deleted, newest first. */
  texts(tenantId: number, numberId: string, filter: TextFilter): Promise<Message[]>;
  /** The same of one conversation. */
  thread(key: ConversationKey, page: Page): Promise<Message[]>;
  /** By their ids, in the order of these; those that are not there are left out. */
  findMany(tenantId: number, ids: readonly string[]): Promise<Message[]>;
  setUnread(message: Message): Promise<void>;
  /** Gives how many were not so before. Only what came in becomes unread. */
  setUnreadIn(key: ConversationKey, isUnread: boolean): Promise<number>;
  setDeleted(message: Message): Promise<void>;
  /** Whether something came in from them by that service since the id. */
  hasInboundSince(
    tenantId: number,
    numberId: string,
    handle: string,
    service: string,
    sinceId: string,
  ): Promise<boolean>;
}

/** A message that was accepted or changed its status, and the status by which the projections have it. */
export interface ChangedMessage {
  message: Message;
  projectedStatus: MessageStatus | null;
}

export interface ProjectionQueries {
  isBehind(): Promise<boolean>;
  /** How many commits have changed messages since the oldest that is not taken up; at most that many are left. */
  commitsBehind(): Promise<number>;
  /** Takes what changed first, in the order in which it did; each message once. */
  take(limit: number): Promise<ChangedMessage[]>;
  of(messages: readonly Message[]): Promise<ChangedMessage[]>;
  /** Counts texts that were added to a number's list, or left it (by -1). */
  countTexts(numberId: string, ids: readonly string[], by: 1 | -1): Promise<void>;
  /** The projections have these by the status they are in. */
  setProjected(messages: readonly Message[]): Promise<void>;
}

export interface ConversationQueries {
  find(tenantId: number, id: string): Promise<Conversation | undefined>;
  /** Newest activity first; those without a message left are left out. */
  list(of: { tenantId: number; numberId?: string | undefined }, page: Page): Promise<Conversation[]>;
  /** How many `list` has of it. */
  countOf(of: { tenantId: number; numberId?: string | undefined }): Promise<number>;
  /** Gives whether it is a new one. */
  add(id: string, addition: ConversationAddition, at: number): Promise<boolean>;
  /** These left it; so many of them were unread. */
  remove(id: string, left: { ids: readonly string[]; unread: number }, at: number): Promise<void>;
  addUnread(id: string, by: 1 | -1, at: number): Promise<void>;
  recountUnread(id: string, at: number): Promise<void>;
  /** The newest message that is left becomes its preview. */
  refreshLatest(id: string): Promise<void>;
  /** Messages of it were deleted for good: with none left it goes too. */
  removeIfEmpty(id: string): Promise<void>;
}

export interface SearchQueries {
  insert(message: Message, words: readonly string[]): Promise<void>;
  remove(message: Message): Promise<void>;
  /** Texts of the number that have all the phrases, best first. */
  find(
    tenantId: number,
    numberId: string,
    phrases: readonly (readonly string[])[],
    limit: number,
  ): Promise<Message[]>;
}
