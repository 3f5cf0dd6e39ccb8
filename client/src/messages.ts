/** Sends, reads, changes and cancels messages over the Texting Blue API. Every error is thrown as a HomingApiError. */
import type { Client } from 'openapi-fetch';
import { type Clock, wait, withTimeout } from './clock.ts';
import { HomingApiError } from './errors.ts';
import type { paths } from './schema.ts';
import type {
  AcceptedMessage,
  Action,
  DryRun,
  Message,
  MessageDetail,
  MessageFilter,
  MessageList,
  MessageStatus,
  QueuedReaction,
  SendMessage,
} from './types.ts';
import type { Unwrap } from './unwrap.ts';
import { randomKey } from './web-crypto.ts';

export interface CallOptions {
  signal?: AbortSignal;
}

export interface SendOptions extends CallOptions {
  /**
   * 8 to 128 printable ASCII characters. For 24 hours, a request with the same key and message returns the first
   * response and sends nothing. Default: a new random key for each call, so a retry never sends twice.
   */
  idempotencyKey?: string;
}

export interface ReactOptions extends CallOptions {
  /** The text or file of the message, counted from 0. Default: 0. */
  part?: number;
}

export interface WaitOptions extends CallOptions {
  /** Timeout in milliseconds. Default: 60,000. */
  timeoutMs?: number;
}

export interface Messages {
  send(message: SendMessage, options?: SendOptions): Promise<AcceptedMessage>;
  /** Returns the result that `send` would have, or throws its error. Stores and sends nothing. */
  preview(message: SendMessage, options?: CallOptions): Promise<DryRun>;
  get(id: string, options?: CallOptions): Promise<MessageDetail>;
  /** Returns one page, newest first. */
  list(filter?: MessageFilter, options?: CallOptions): Promise<MessageList>;
  /** Iterates over all messages, newest first. Requests each page when it is needed. */
  all(filter?: MessageFilter, options?: CallOptions): AsyncGenerator<Message, void, undefined>;
  /**
   * Cancels a message that was not sent yet. A device that already has the message drops it if it can.
   * @throws HomingApiError `conflict` if the message was already sent.
   */
  cancel(id: string, options?: CallOptions): Promise<MessageDetail>;
  /**
   * Queues a reaction: `love`, `like`, `dislike`, `laugh`, `emphasize` or `question`, or one emoji. It replaces your
   * earlier reaction.
   * @throws HomingApiError `not_supported_by_device` with a `fix` if no device of the number can react.
   */
  react(id: string, reaction: string, options?: ReactOptions): Promise<QueuedReaction>;
  /** `reactionId`: the id of your reaction, `rct_…`. Cancels a reaction that was not sent yet. */
  removeReaction(id: string, reactionId: string, options?: CallOptions): Promise<Action>;
  /**
   * Queues a new text for a sent message.
   * @throws HomingApiError `too_late` if Messages does not allow it any more: 15 minutes after the sending, or 5 edits.
   */
  edit(id: string, content: string, options?: CallOptions): Promise<Action>;
  /** @throws HomingApiError `too_late` 2 minutes after the sending. */
  unsend(id: string, options?: CallOptions): Promise<Action>;
  /**
   * Resolves with the message when it has reached or passed one of the statuses.
   * @throws HomingApiError `timed_out`, or `message_failed` if the message failed and `failed` is not awaited.
   */
  waitUntil(
    id: string,
    statuses: MessageStatus | readonly MessageStatus[],
    options?: WaitOptions,
  ): Promise<MessageDetail>;
}

const FIRST_POLL_MS = 200;
const MAXIMUM_POLL_MS = 2_000;
const DEFAULT_WAIT_MS = 60_000;
/** Statuses in order. `failed` and `received` are final and not in this order. */
const STATUS_ORDER: readonly MessageStatus[] = ['queued', 'polling', 'sent', 'delivered'];

export function createMessages(
  { GET, POST, PATCH, DELETE }: Client<paths>,
  unwrap: Unwrap,
  clock: Clock,
): Messages {
  const messages: Messages = {
    async send(body, { idempotencyKey, ...options } = {}) {
      const header = { 'Idempotency-Key': idempotencyKey ?? (await randomKey()) };
      const response = await unwrap(POST('/v1/messages/send', { ...options, params: { header }, body }));
      if ('dry_run' in response) throw unexpectedResponse('a dry run');
      return response;
    },

    async preview(message, options) {
      const body = { ...message, dry_run: true };
      const response = await unwrap(POST('/v1/messages/send', { ...options, body }));
      if (!('dry_run' in response)) throw unexpectedResponse('a sent message');
      return response;
    },

    get: (id, options) => unwrap(GET('/v1/messages/{id}', { ...options, params: { path: { id } } })),

    list: (query = {}, options = {}) => unwrap(GET('/v1/messages', { ...options, params: { query } })),

    async *all(filter, options) {
      let next: MessageFilter | undefined = { ...filter };
      while (next !== undefined) {
        const page: MessageList = await messages.list(next, options);
        yield* page.messages;
        next = page.cursor === null ? undefined : { ...filter, cursor: page.cursor };
      }
    },

    cancel: (id, options) =>
      unwrap(POST('/v1/messages/{id}/cancel', { ...options, params: { path: { id } } })),

    async react(id, reaction, { part = 0, ...options } = {}) {
      const response = await unwrap(
        POST('/v1/messages/{id}/reactions', {
          ...options,
          params: { path: { id } },
          body: { reaction, part },
        }),
      );
      if (!('action_id' in response)) throw unexpectedResponse('a sent message');
      return response;
    },

    removeReaction: (id, reactionId, options) =>
      unwrap(
        DELETE('/v1/messages/{id}/reactions/{reaction_id}', {
          ...options,
          params: { path: { id, reaction_id: reactionId } },
        }),
      ),

    edit: (id, content, options) =>
      unwrap(PATCH('/v1/messages/{id}', { ...options, params: { path: { id } }, body: { content } })),

    unsend: (id, options) =>
      unwrap(POST('/v1/messages/{id}/unsend', { ...options, params: { path: { id } } })),

    waitUntil(id, statuses, { timeoutMs = DEFAULT_WAIT_MS, ...options } = {}) {
      const awaited = typeof statuses === 'string' ? [statuses] : statuses;
      let last: MessageDetail | undefined;
      const onTimeout = () =>
        new HomingApiError(
          'timed_out',
          `Message ${id} is not ${awaited.join(' or ')} after ${timeoutMs / 1000} s${last ? `; its status is ${last.status}` : ''}.`,
        );
      return withTimeout({ clock, ms: timeoutMs, onTimeout, ...options }, async (signal) => {
        for (let pauseMs = FIRST_POLL_MS; ; pauseMs = Math.min(pauseMs * 1.5, MAXIMUM_POLL_MS)) {
          const message = await messages.get(id, { signal });
          if (awaited.some((status) => hasReached(message.status, status))) return message;
          if (message.status === 'failed') throw messageFailed(message);
          last = message;
          await wait(clock, pauseMs, signal);
        }
      });
    },
  };
  return messages;
}

function hasReached(status: MessageStatus, awaited: MessageStatus): boolean {
  return (
    status === awaited ||
    (STATUS_ORDER.includes(awaited) && STATUS_ORDER.indexOf(status) > STATUS_ORDER.indexOf(awaited))
  );
}

function unexpectedResponse(kind: string): HomingApiError {
  return new HomingApiError('unexpected_answer', `The broker returned the response of ${kind}.`);
}

function messageFailed({ id, error_code, error_message }: MessageDetail): HomingApiError {
  return new HomingApiError('message_failed', `Message ${id} failed: ${error_message} (${error_code})`);
}
