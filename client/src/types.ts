/** Defines short names for the request and response types of the message methods. Other types are available by path. */
import type { components, operations } from './schema.ts';

type Schemas = components['schemas'];

type SendBody = operations['texting_blue_sendMessage']['requestBody']['content']['application/json'];

/**
 * A message needs a text or an attachment, and a recipient: `to` (a handle, or the handles of a group) or
 * `conversation_id`. `dry_run` is omitted: use `messages.preview`.
 */
export type SendMessage = Omit<SendBody, 'dry_run' | 'content'> &
  (
    | { content: string }
    | { content?: string | null; media_url: string }
    | { content?: string | null; media_urls: string[] }
  );
export type AcceptedMessage = Schemas['texting-blue.AcceptedMessage'];
export type DryRun = Schemas['texting-blue.DryRun'];
export type Message = Schemas['texting-blue.Message'];
export type MessageDetail = Schemas['texting-blue.MessageDetail'];
export type MessageList = Schemas['texting-blue.MessageList'];
export type MessageStatus = Message['status'];
/** A queued reaction. `id` is the id of the reaction. */
export type QueuedReaction = Schemas['texting-blue.QueuedReaction'];
/** A queued change of a message or of a group. */
export type Action = Schemas['texting-blue.Action'];
export type Conversation = Schemas['texting-blue.ConversationSummary'];
/** With the latest changes of a group. */
export type ConversationDetail = Schemas['texting-blue.ConversationDetail'];
export type ConversationList = Schemas['texting-blue.ConversationList'];
export type ConversationFilter = NonNullable<
  operations['texting_blue_listConversations']['parameters']['query']
>;
export type ThreadPage = NonNullable<
  operations['texting_blue_listConversationMessages']['parameters']['query']
>;
export type NewGroup = operations['texting_blue_createGroup']['requestBody']['content']['application/json'];
/** `limit` is the page size. */
export type MessageFilter = NonNullable<operations['texting_blue_listMessages']['parameters']['query']>;
