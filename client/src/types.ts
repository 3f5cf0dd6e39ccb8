/** The names of what the conveniences take and give; everything else has its types by its path. */
import type { components, operations } from './schema.ts';

type Schemas = components['schemas'];

/** A dry run is a call of its own. */
export type SendMessage = Omit<
  operations['texting_blue_sendMessage']['requestBody']['content']['application/json'],
  'dry_run'
>;
export type AcceptedMessage = Schemas['texting-blue.AcceptedMessage'];
export type DryRun = Schemas['texting-blue.DryRun'];
export type Message = Schemas['texting-blue.Message'];
export type MessageDetail = Schemas['texting-blue.MessageDetail'];
export type MessageList = Schemas['texting-blue.MessageList'];
export type MessageStatus = Message['status'];
/** `limit` is how many a page has. */
export type MessageFilter = NonNullable<operations['texting_blue_listMessages']['parameters']['query']>;
