/** Sends, lists, returns and cancels messages. */
import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { type Caller, changeAs, senderOf } from '../../core/accounts/caller.ts';
import { cancelMessage } from '../../core/messages/cancel-message.ts';
import type { SendInput } from '../../core/messages/send-messages.ts';
import type { RichOptions } from '../../core/messages/send-request.ts';
import { invalidRequest, notFound } from '../../core/model/errors.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { cutPage } from '../../http/pagination.ts';
import { idInPath } from '../../http/request-schemas.ts';
import { errorResponse } from './errors.ts';
import { mediaUrls } from './media-urls.ts';
import { groupsOf, type PageContext, serializeDetail, serializeMessages } from './message-pages.ts';
import type { MessageOptions } from './options.ts';
import { listScheduled } from './scheduled-operations.ts';
import { acceptedMessage, dryRun, listQuery, messageDetail, messageList } from './schemas.ts';
import { sendBodyFor } from './send-schemas.ts';
import { serializeAccepted, serializeDryRun } from './serializers.ts';

const IDEMPOTENCY_KEY = /^[\x21-\x7e](?:[\x20-\x7e]{6,126})[\x21-\x7e]$/;

export function messageOperations(options: MessageOptions): Operation<Caller>[] {
  const { store, context, messageSender, countSegments, uploadedFiles } = options;
  const page = pageContext(options);

  /** Returns the URLs; instead of a link to a file of the broker, the stored file. */
  const attachmentsAt = (urls: readonly string[], { credential }: Caller, isList: boolean) =>
    Promise.all(
      urls.map(async (url, index) => {
        const param = isList ? `media_urls.${index}` : 'media_url';
        return (await uploadedFiles.attachmentAt(url, credential.tenant.id, param)) ?? url;
      }),
    );

  return [
    operation({
      id: 'sendMessage',
      method: 'POST',
      path: '/v1/messages/send',
      summary: 'Send a message',
      permission: 'messages:send',
      isHot: true,
      headers: {
        'Idempotency-Key':
          '8 to 128 printable ASCII characters. A repeated request with the same key and body returns the first response and sends nothing.',
      },
      body: sendBodyFor({ ...options, now: context.now, isMediaLink: uploadedFiles.isLink }),
      errors: ['recipient_suppressed', 'spend_limit_exceeded'],
      responses: {
        200: { description: 'Result of a dry run.', schema: dryRun },
        202: { description: 'The message is stored and queued.', schema: acceptedMessage },
        400: errorResponse,
        402: errorResponse,
        403: errorResponse,
        409: {
          ...errorResponse,
          description: 'The Idempotency-Key was used with a different body in the last 24 hours.',
        },
        429: errorResponse,
      },
      example: { body: { to: '+15005550014', from: '+15005550006', content: 'Hello from Homing' } },
      async handle({ caller, body, request }) {
        const idempotencyKey = readIdempotencyKey(request);
        const isDryRun = body.dry_run === true;
        const urls = body.media_urls ?? (body.media_url == null ? [] : [body.media_url]);
        const input: SendInput = {
          to: typeof body.to === 'string' ? body.to : '',
          rich: richOptionsOf(body),
          from: body.from ?? undefined,
          content: body.content ?? '',
          media: urls.length === 0 ? [] : await attachmentsAt(urls, caller, body.media_urls != null),
          fields: { media: body.media_urls == null ? 'media_url' : 'media_urls' },
          service: 'auto',
          sendAt: body.send_at ?? undefined,
          expiresAt: body.expires_at ?? undefined,
          priority: body.priority === 'high' ? -1 : undefined,
          metadata: body.metadata ?? undefined,
          callbackUrl: body.status_callback ?? undefined,
          idempotency:
            isDryRun || idempotencyKey === undefined
              ? undefined
              : { key: idempotencyKey, comparesBody: true },
        };
        if (isDryRun) {
          const found = await messageSender.dryRun(senderOf(caller), input);
          return { status: 200, body: serializeDryRun(found, countSegments(body.content ?? ''), urls) };
        }
        const { message, wait } = await messageSender.send(senderOf(caller), input);
        const group = message.chat === null ? undefined : (await groupsOf(store.read, [message]))(message);
        const accepted = serializeAccepted(message, wait, urls, group);
        return { status: 202, body: accepted, headers: { location: `/v1/messages/${accepted.id}` } };
      },
    }),
    operation({
      id: 'listMessages',
      method: 'GET',
      path: '/v1/messages',
      summary: 'List messages, newest first',
      permission: 'messages:read',
      query: listQuery,
      responses: { 200: { description: 'A page of messages.', schema: messageList }, 400: errorResponse },
      example: { query: { limit: '20', direction: 'inbound' } },
      async handle({ caller, query: { cursor, limit, is_blocked, ...filter } }) {
        const found = await store.read.messages.list(caller.credential.tenant.id, {
          ...filter,
          isBlocked: is_blocked === 'true',
          before: cursor,
          limit: limit + 1,
        });
        const { rows, end } = cutPage('msg', found, limit);
        return { status: 200, body: { messages: await serializeMessages(page, rows), ...end } };
      },
    }),
    listScheduled(page),
    operation({
      id: 'getMessage',
      method: 'GET',
      path: '/v1/messages/:id',
      summary: 'Get a message',
      permission: 'messages:read',
      responses: { 200: { description: 'The message.', schema: messageDetail }, 404: errorResponse },
      example: { params: { id: 'msg_01m7ypkdxffkmb6tyeck3vccad' } },
      async handle({ caller, params }) {
        const id = idInPath('msg', params.id, 'Message');
        const message = await store.read.messages.find(caller.credential.tenant.id, id);
        if (message === undefined) throw notFound('Message');
        return { status: 200, body: await serializeDetail(page, message) };
      },
    }),
    operation({
      id: 'cancelMessage',
      method: 'POST',
      path: '/v1/messages/:id/cancel',
      summary: 'Cancel an unsent message',
      permission: 'messages:send',
      responses: {
        200: {
          description: 'The cancelled message, or a message that failed before.',
          schema: messageDetail,
        },
        202: { description: 'A device has the message and was asked to cancel it.', schema: messageDetail },
        404: errorResponse,
        409: { ...errorResponse, description: 'The message was already sent.' },
      },
      example: { params: { id: 'msg_01m7ypkdxffkmb6tyeck3vccad' } },
      async handle({ caller, params }) {
        const id = idInPath('msg', params.id, 'Message');
        const at = { now: context.now(), ids: context.ids };
        const message = await changeAs(store, caller, (tx) =>
          cancelMessage(tx, caller.credential.tenant.id, id, at),
        );
        const body = await serializeDetail(page, message);
        if (message.status !== 'polling') return { status: 200, body };
        return { status: 202, body, headers: { location: `/v1/messages/${body.id}` } };
      },
    }),
  ];
}

export function pageContext({ store, linkTo, context, waitContext }: MessageOptions): PageContext {
  return { read: store.read, mediaUrlOf: mediaUrls(linkTo, context.now), waitContext };
}

type SendBody = z.output<ReturnType<typeof sendBodyFor>>;

/**
 * Returns undefined for a plain message, which is accepted without further reads. A message with `fallback` is not plain:
 * the field is part of the body that an idempotency key compares.
 */
function richOptionsOf(body: SendBody): RichOptions | undefined {
  const { to, conversation_id, reply_to, effect, subject, voice_note, fallback } = body;
  const hasOption = reply_to != null || effect != null || subject != null || voice_note || fallback != null;
  if (typeof to === 'string' && !hasOption) return undefined;
  return {
    conversationId: conversation_id ?? undefined,
    participants: Array.isArray(to) ? to : undefined,
    replyTo: reply_to == null ? undefined : { messageId: reply_to, part: body.reply_to_part ?? 0 },
    effect: effect ?? undefined,
    subject: subject ?? undefined,
    isVoiceNote: voice_note ?? undefined,
    usesFallback: fallback === 'text' ? true : undefined,
  };
}

function readIdempotencyKey(request: IncomingMessage): string | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (request.headersDistinct['idempotency-key']?.length !== 1) {
    throw invalidRequest('The Idempotency-Key header must be given once.', 'Idempotency-Key');
  }
  if (typeof key !== 'string' || !IDEMPOTENCY_KEY.test(key)) {
    throw invalidRequest(
      'The Idempotency-Key must be 8 to 128 printable ASCII characters.',
      'Idempotency-Key',
    );
  }
  return key;
}
