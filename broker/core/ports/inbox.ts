/** Queries of the inbox: texts, conversations, projections and search. */
import type { Conversation, ConversationAddition, ConversationKey } from '../model/conversation.ts';
import type { Direction, Message, MessageStatus } from '../model/message.ts';

export interface Page {
  limit: number;
  offset?: number | undefined;
  /** Returns only entries older than this id. */
  before?: string | undefined;
}

export interface ThreadPage extends Page {
  /** Returns the next messages that are newer than this id. */
  after?: string | undefined;
}

export interface TextFilter extends Page {
  isUnread?: boolean | undefined;
}

export interface BlockedMessage {
  id: string;
  conversation: ConversationKey;
  /** Epoch ms. */
  createdAt: number;
}

export interface InboxQueries {
  /** Returns the texts of a number that were not deleted. Newest first. */
  texts(tenantId: number, numberId: string, filter: TextFilter): Promise<Message[]>;
  /** Returns the texts of a conversation that were not deleted. Newest first. */
  thread(key: ConversationKey, page: ThreadPage): Promise<Message[]>;
  /** Returns the messages in the order of the ids; omits unknown ids. */
  findMany(tenantId: number, ids: readonly string[]): Promise<Message[]>;
  setUnread(message: Message): Promise<void>;
  /** Marks up to `limit` messages of a conversation as read. Returns the number of changes, and of those in its counts. */
  markRead(key: ConversationKey, limit: number): Promise<{ changed: number; counted: number }>;
  setDeleted(message: Message): Promise<void>;
  /** Returns the messages of blocked senders with their conversations. Newest first. */
  blocked(tenantId: number, page: Omit<Page, 'offset'>): Promise<BlockedMessage[]>;
  /** True if the handle sent a message by the service after the id. */
  hasInboundSince(
    tenantId: number,
    numberId: string,
    handle: string,
    service: string,
    sinceId: string,
  ): Promise<boolean>;
}

/** A message that was accepted or changed its status. */
export interface ChangedMessage {
  message: Message;
  /** The status by which the projections count the message; null: not projected yet. */
  projectedStatus: MessageStatus | null;
}

export interface ProjectionQueries {
  isBehind(): Promise<boolean>;
  /** Returns the number of commits since the oldest unprojected change: an upper bound of the backlog. */
  commitsBehind(): Promise<number>;
  /** Removes and returns the oldest changes, in order. Each message occurs once. */
  take(limit: number): Promise<ChangedMessage[]>;
  of(messages: readonly Message[]): Promise<ChangedMessage[]>;
  /** Counts texts added to a number's list (1) or removed from it (-1). */
  countTexts(numberId: string, ids: readonly string[], by: 1 | -1): Promise<void>;
  /** Stores the current status of these messages as projected. */
  setProjected(messages: readonly Message[]): Promise<void>;
}

export interface ConversationFilter {
  tenantId: number;
  numberId?: string | undefined;
  /** Only conversations with unread messages, or only groups. */
  only?: 'unread' | 'groups' | undefined;
}

export interface ConversationQueries {
  find(tenantId: number, id: string): Promise<Conversation | undefined>;
  /** Returns the conversations that have messages. Latest activity first; `before` is the id of a latest message. */
  list(of: ConversationFilter, page: Page): Promise<Conversation[]>;
  /** Returns the conversations with these ids that match the filter. Latest activity first. */
  findMany(of: ConversationFilter, ids: readonly string[], page: Page): Promise<Conversation[]>;
  /** Returns the number of conversations with unread messages, counted up to the limit. */
  countUnread(tenantId: number, limit: number): Promise<number>;
  /** Returns the total number of conversations in `list`. */
  countOf(of: { tenantId: number; numberId?: string | undefined }): Promise<number>;
  /** Returns true if the conversation is new. */
  add(id: string, addition: ConversationAddition, at: number): Promise<boolean>;
  /** Removes messages from the counts; `unread` is the number of unread messages among them. */
  remove(id: string, removed: { ids: readonly string[]; unread: number }, at: number): Promise<void>;
  addUnread(id: string, by: number, at: number): Promise<void>;
  /** Sets the latest message to the newest remaining one. */
  refreshLatest(id: string): Promise<void>;
  /** Deletes the conversation if it has no messages. */
  removeIfEmpty(id: string): Promise<void>;
}

/** The filters of the dashboard. */
export interface MessageBrowseFilter {
  status?: MessageStatus | undefined;
  direction?: Direction | undefined;
  numberId?: string | undefined;
  /** Handle of the other party. */
  handle?: string | undefined;
  /** Created at or after, and before this time (epoch ms). */
  since?: number | undefined;
  until?: number | undefined;
}

export interface MessagePageFilter extends MessageBrowseFilter {
  /** Instead of `numberId` and `handle`: one conversation. */
  conversation?: ConversationKey | undefined;
  isUnread?: boolean | undefined;
  /** Messages of blocked senders: only these; undefined: none. */
  blocked?: 'only' | undefined;
  /** Has no effect with a conversation. */
  omitsGroups?: boolean | undefined;
}

export interface BrowsePage {
  messages: Message[];
  /** Where to continue; undefined: the end. A page with fewer messages than the limit may have a next page. */
  next: string | undefined;
}

export interface SearchQueries {
  /**
   * Searches conversations by the names of their contacts, by handles and by words of their messages. Latest activity
   * first. `messageId`: the newest message that contains the words.
   */
  conversations(
    of: ConversationFilter,
    text: string,
    page: Page,
  ): Promise<ReadonlyArray<{ id: string; messageId: string | null }>>;
  insert(message: Message, words: readonly string[]): Promise<void>;
  remove(message: Message): Promise<void>;
  /** Returns the messages that contain the words and match the filter, newest first. */
  messages(
    tenantId: number,
    text: string,
    filter: MessageBrowseFilter,
    page: { limit: number; before?: string | undefined },
  ): Promise<BrowsePage>;
  /** Returns the texts of the number that contain all phrases. Best match first. */
  find(
    tenantId: number,
    numberId: string,
    phrases: readonly (readonly string[])[],
    limit: number,
  ): Promise<Message[]>;
}
