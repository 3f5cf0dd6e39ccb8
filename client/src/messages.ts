/** Messages of the Texting Blue API: what programs do with them every day. Refusals are thrown. */
import type { Client } from 'openapi-fetch';
import { type Clock, wait, withDeadline } from './clock.ts';
import { HomingApiError } from './errors.ts';
import type { paths } from './schema.ts';
import type {
  AcceptedMessage,
  DryRun,
  Message,
  MessageDetail,
  MessageFilter,
  MessageList,
  MessageStatus,
  SendMessage,
} from './types.ts';
import type { Unwrap } from './unwrap.ts';
import { randomKey } from './web-crypto.ts';

export interface CallOptions {
  signal?: AbortSignal;
}

export interface SendOptions extends CallOptions {
  /**
   * 8 to 128 printable ASCII characters. For 24 hours, a repeat with the same key and message gets the first answer
   * and sends nothing. One is made for each call unless it is given, so that a retry never sends twice.
   */
  idempotencyKey?: string;
}

export interface WaitOptions extends CallOptions {
  /** 60,000 unless said. */
  timeoutMs?: number;
}

export interface Messages {
  send(message: SendMessage, options?: SendOptions): Promise<AcceptedMessage>;
  /** What sending it would come to; nothing is kept or sent. Refusals are those of the send. */
  preview(message: SendMessage, options?: CallOptions): Promise<DryRun>;
  get(id: string, options?: CallOptions): Promise<MessageDetail>;
  /** One page, the newest first. */
  list(filter?: MessageFilter, options?: CallOptions): Promise<MessageList>;
  /** All of them, the newest first, page by page as they are asked for. */
  all(filter?: MessageFilter, options?: CallOptions): AsyncGenerator<Message, void, undefined>;
  /** What a device has already is dropped if it can be; its status then says so. */
  cancel(id: string, options?: CallOptions): Promise<MessageDetail>;
  /**
   * Gives the message as soon as it has one of the statuses, or has gone past one.
   * @throws HomingApiError `timed_out`; `message_failed` where it failed and that was not waited for.
   */
  waitUntil(
    id: string,
    statuses: MessageStatus | readonly MessageStatus[],
    options?: WaitOptions,
  ): Promise<MessageDetail>;
}

const FIRST_LOOK_MS = 200;
const SLOWEST_LOOK_MS = 2_000;
const WAIT_MS = 60_000;
/** `failed` and `received` come after none of them. */
const ORDER: readonly MessageStatus[] = ['queued', 'polling', 'sent', 'delivered'];

export function messagesOf({ GET, POST }: Client<paths>, unwrap: Unwrap, clock: Clock): Messages {
  const messages: Messages = {
    async send(body, { idempotencyKey, ...options } = {}) {
      const header = { 'Idempotency-Key': idempotencyKey ?? (await randomKey()) };
      const answer = await unwrap(POST('/v1/messages/send', { ...options, params: { header }, body }));
      if ('dry_run' in answer) throw unexpected('a dry run');
      return answer;
    },

    async preview(message, options) {
      const body = { ...message, dry_run: true };
      const answer = await unwrap(POST('/v1/messages/send', { ...options, body }));
      if (!('dry_run' in answer)) throw unexpected('a send');
      return answer;
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

    waitUntil(id, statuses, { timeoutMs = WAIT_MS, ...options } = {}) {
      const wanted = typeof statuses === 'string' ? [statuses] : statuses;
      let last: MessageDetail | undefined;
      const late = () =>
        new HomingApiError(
          'timed_out',
          `Message ${id} is not ${wanted.join(' or ')} after ${timeoutMs / 1000} s${last ? `, but ${last.status}` : ''}.`,
        );
      return withDeadline({ clock, ms: timeoutMs, late, ...options }, async (signal) => {
        for (let pauseMs = FIRST_LOOK_MS; ; pauseMs = Math.min(pauseMs * 1.5, SLOWEST_LOOK_MS)) {
          last = await messages.get(id, { signal });
          if (wanted.some((status) => hasReached(last!.status, status))) return last;
          if (last.status === 'failed') throw failed(last);
          await wait(clock, pauseMs, signal);
        }
      });
    },
  };
  return messages;
}

function hasReached(status: MessageStatus, wanted: MessageStatus): boolean {
  return status === wanted || (ORDER.includes(wanted) && ORDER.indexOf(status) > ORDER.indexOf(wanted));
}

function unexpected(what: string): HomingApiError {
  return new HomingApiError('unexpected_answer', `The broker answered as if it were ${what}.`);
}

function failed({ id, error_code, error_message }: MessageDetail): HomingApiError {
  return new HomingApiError('message_failed', `Message ${id} failed: ${error_message} (${error_code})`);
}
