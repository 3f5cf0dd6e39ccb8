/** Defines short names for the request and response types of the message methods. Other types are available by path. */
import type { components, operations } from './schema.ts';

type Schemas = components['schemas'];

type SendBody = operations['texting_blue_sendMessage']['requestBody']['content']['application/json'];

/** A message needs a text or an attachment. `dry_run` is omitted: use `messages.preview`. */
export type SendMessage = Omit<SendBody, 'dry_run' | 'content'> &
  ({ content: string } | { content?: string | null; media_url: string });
export type AcceptedMessage = Schemas['texting-blue.AcceptedMessage'];
export type DryRun = Schemas['texting-blue.DryRun'];
export type Message = Schemas['texting-blue.Message'];
export type MessageDetail = Schemas['texting-blue.MessageDetail'];
export type MessageList = Schemas['texting-blue.MessageList'];
export type MessageStatus = Message['status'];
/** `limit` is the page size. */
export type MessageFilter = NonNullable<operations['texting_blue_listMessages']['parameters']['query']>;
