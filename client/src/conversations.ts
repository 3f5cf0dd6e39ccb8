/** Lists and reads conversations, and creates and changes groups. Every error is thrown as a HomingApiError. */
import type { Client } from 'openapi-fetch';
import type { CallOptions } from './messages.ts';
import type { paths } from './schema.ts';
import type {
  Action,
  Conversation,
  ConversationDetail,
  ConversationFilter,
  ConversationList,
  Message,
  MessageList,
  NewGroup,
  ThreadPage,
} from './types.ts';
import type { Unwrap } from './unwrap.ts';

export interface Conversations {
  /** Returns one page, latest activity first. */
  list(filter?: ConversationFilter, options?: CallOptions): Promise<ConversationList>;
  /** Iterates over all conversations, latest activity first. Requests each page when it is needed. */
  all(filter?: ConversationFilter, options?: CallOptions): AsyncGenerator<Conversation, void, undefined>;
  get(id: string, options?: CallOptions): Promise<ConversationDetail>;
  /** Returns one page of the messages, newest first. */
  messages(id: string, page?: ThreadPage, options?: CallOptions): Promise<MessageList>;
  /** Iterates over all messages of a conversation, newest first. */
  allMessages(id: string, page?: ThreadPage, options?: CallOptions): AsyncGenerator<Message, void, undefined>;
  /** Creates a group. Its first message shows it to the participants. */
  createGroup(group: NewGroup, options?: CallOptions): Promise<Conversation>;
  /** Returns the queued action, or the changed group if it has no message yet. */
  rename(id: string, name: string, options?: CallOptions): Promise<Action | Conversation>;
  addParticipant(id: string, handle: string, options?: CallOptions): Promise<Action | Conversation>;
  removeParticipant(id: string, handle: string, options?: CallOptions): Promise<Action | Conversation>;
  leave(id: string, options?: CallOptions): Promise<Action | Conversation>;
  /**
   * Marks the conversation as read, and sends the read receipt if a device of the number can.
   * @throws HomingApiError `device_offline` if the device is offline. The conversation is marked all the same.
   */
  markRead(id: string, options?: CallOptions): Promise<void>;
  /** Shows or hides that you are typing. @throws HomingApiError `device_offline` if no device is connected. */
  setTyping(id: string, state: 'start' | 'stop', options?: CallOptions): Promise<void>;
}

export function createConversations(
  { GET, POST, PATCH, DELETE }: Client<paths>,
  unwrap: Unwrap,
): Conversations {
  const conversations: Conversations = {
    list: (query = {}, options = {}) => unwrap(GET('/v1/conversations', { ...options, params: { query } })),

    async *all(filter, options) {
      let next: ConversationFilter | undefined = { ...filter };
      while (next !== undefined) {
        const page: ConversationList = await conversations.list(next, options);
        yield* page.conversations;
        next = page.cursor === null ? undefined : { ...filter, cursor: page.cursor };
      }
    },

    get: (id, options) => unwrap(GET('/v1/conversations/{id}', { ...options, params: { path: { id } } })),

    messages: (id, query = {}, options = {}) =>
      unwrap(GET('/v1/conversations/{id}/messages', { ...options, params: { path: { id }, query } })),

    async *allMessages(id, first, options) {
      let next: ThreadPage | undefined = { ...first };
      while (next !== undefined) {
        const page: MessageList = await conversations.messages(id, next, options);
        yield* page.messages;
        next = page.cursor === null ? undefined : { ...first, cursor: page.cursor };
      }
    },

    createGroup: (body, options) => unwrap(POST('/v1/conversations', { ...options, body })),

    rename: (id, name, options) =>
      unwrap(PATCH('/v1/conversations/{id}', { ...options, params: { path: { id } }, body: { name } })),

    addParticipant: (id, handle, options) =>
      unwrap(
        POST('/v1/conversations/{id}/participants', {
          ...options,
          params: { path: { id } },
          body: { handle },
        }),
      ),

    removeParticipant: (id, handle, options) =>
      unwrap(
        DELETE('/v1/conversations/{id}/participants/{handle}', {
          ...options,
          params: { path: { id, handle } },
        }),
      ),

    leave: (id, options) =>
      unwrap(POST('/v1/conversations/{id}/leave', { ...options, params: { path: { id } } })),

    async markRead(id, options) {
      await unwrap(POST('/v1/conversations/{id}/read', { ...options, params: { path: { id } } }));
    },

    async setTyping(id, state, options) {
      await unwrap(
        POST('/v1/conversations/{id}/typing', { ...options, params: { path: { id } }, body: { state } }),
      );
    },
  };
  return conversations;
}
