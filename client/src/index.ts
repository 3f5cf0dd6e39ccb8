/** Exports a typed client for Homing. The types are generated from the OpenAPI document of the broker. */
export type { Clock } from './clock.ts';
export type { Conversations } from './conversations.ts';
export { type ClientErrorCode, HomingApiError } from './errors.ts';
export type { EventOptions, Events } from './events.ts';
export { createHoming, type Homing, type HomingOptions } from './homing.ts';
export type { CallOptions, Messages, ReactOptions, SendOptions, WaitOptions } from './messages.ts';
export type { Fetch } from './retry.ts';
export type { components, operations, paths } from './schema.ts';
export type {
  AcceptedMessage,
  Action,
  Conversation,
  ConversationDetail,
  ConversationFilter,
  ConversationList,
  DryRun,
  Message,
  MessageDetail,
  MessageFilter,
  MessageList,
  MessageStatus,
  NewGroup,
  QueuedReaction,
  SendMessage,
  ThreadPage,
} from './types.ts';
export type { Unwrap } from './unwrap.ts';
export type { VerifyOptions, WebhookEvent, WebhookHeaders } from './webhooks.ts';
