/** Send, list, get and cancel messages. */
import type { IncomingMessage } from 'node:http';
import { readId, showId } from '../../../shared/ids.ts';
import { invalidRequest, notFound, rateLimited, unauthorized } from '../../core/errors.ts';
import type { HandOff } from '../../core/hand-off.ts';
import { advance } from '../../core/messages.ts';
import type { Plan } from '../../core/plans.ts';
import type { MinuteLimit } from '../../core/rate-limits.ts';
import { acceptMessage, type SendRules } from '../../core/send.ts';
import type { Store } from '../../core/store-port.ts';
import type { Customer } from '../../http/authenticate.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { type MediaUrlOf, showAccepted, showMessage, showMessageDetail } from './render.ts';
import { acceptedMessage, errorBody, listQuery, messageDetail, messageList, sendBodyFor } from './schemas.ts';

export interface MessageServices {
  store: Store;
  handOff: HandOff;
  sendRules: SendRules;
  /** Whether a media_url may be http:// or private. */
  allowsPrivateUrls: boolean;
  /** A link to an attachment that works until then (epoch ms). */
  linkTo(mediaId: string, until: number): string;
  /** Messages a minute, by world. */
  sendLimit: MinuteLimit;
}

/** How long a link to an attachment works. */
const LINK_MS = 60 * 60 * 1000;
const IDEMPOTENCY_KEY = /^[\x21-\x7e](?:[\x20-\x7e]{6,126})[\x21-\x7e]$/;

export function messageOperations(services: MessageServices): Operation<Customer>[] {
  const { store, handOff, sendRules, sendLimit } = services;
  const mediaUrlOf: MediaUrlOf = ({ media: [first] }) => {
    if (first === undefined) return null;
    if (first.sourceUrl !== null) return first.sourceUrl;
    return first.sha256 === null ? null : services.linkTo(first.id, sendRules.now() + LINK_MS);
  };
  const refused = { description: 'Refused; see the error codes.', schema: errorBody };
  return [
    operation({
      id: 'sendMessage',
      method: 'POST',
      path: '/v1/messages/send',
      summary: 'Send a message',
      permission: 'messages:send',
      isHot: true,
      body: sendBodyFor(services),
      answers: {
        202: { description: 'Queued, durably.', schema: acceptedMessage },
        400: refused,
        402: refused,
        409: refused,
        429: refused,
      },
      example: { body: { to: '+15005550014', from: '+15005550006', content: 'Hello from Homing' } },
      async handle({ caller, body, request }) {
        const { credential, plan } = caller;
        const idempotencyKey = readIdempotencyKey(request);
        const worldId = credential.world.id;
        const taken = sendLimit.take(worldId, plan.messagesPerMinute);
        const { message, isRepeat } = await store
          .transaction((tx) =>
            acceptMessage(
              tx,
              { kind: 'credential', credential },
              plan,
              {
                to: body.to,
                from: body.from ?? undefined,
                content: body.content,
                mediaUrl: body.media_url ?? null,
                service: 'auto',
                idempotencyKey,
                refusal: taken.isAllowed ? undefined : tooManyMessages(plan, taken.retryAfterSeconds),
              },
              sendRules,
            ),
          )
          .catch((error: unknown) => {
            if (taken.isAllowed) sendLimit.giveBack(worldId);
            throw error;
          });
        if (isRepeat && taken.isAllowed) sendLimit.giveBack(worldId);
        if (!isRepeat) handOff.wake(message.numberId, credential.world.environment);
        return { status: 202, body: showAccepted(message) };
      },
    }),
    operation({
      id: 'listMessages',
      method: 'GET',
      path: '/v1/messages',
      summary: 'List messages, newest first',
      permission: 'messages:read',
      query: listQuery,
      answers: { 200: { description: 'One page.', schema: messageList }, 400: refused },
      example: { query: { limit: '20', direction: 'inbound' } },
      async handle({ caller, query: { cursor, limit, ...filter } }) {
        const found = await store.read.messages.list(caller.credential.world.id, {
          ...filter,
          before: cursor,
          limit: limit + 1,
        });
        const page = found.slice(0, limit);
        const hasMore = found.length > limit;
        return {
          status: 200,
          body: {
            messages: page.map((message) => showMessage(message, mediaUrlOf)),
            cursor: hasMore ? showId('msg', page.at(-1)!.id) : null,
            has_more: hasMore,
          },
        };
      },
    }),
    operation({
      id: 'getMessage',
      method: 'GET',
      path: '/v1/messages/:id',
      summary: 'Get one message',
      permission: 'messages:read',
      answers: { 200: { description: 'The message.', schema: messageDetail }, 404: refused },
      example: { params: { id: 'msg_01m7ypkdxffkmb6tyeck3vccad' } },
      async handle({ caller, params }) {
        const id = readId('msg', params.id!);
        const message = id && (await store.read.messages.find(caller.credential.world.id, id));
        if (!message) throw notFound('Message');
        return { status: 200, body: showMessageDetail(message, mediaUrlOf) };
      },
    }),
    operation({
      id: 'cancelMessage',
      method: 'POST',
      path: '/v1/messages/:id/cancel',
      summary: 'Cancel a message that was not sent yet',
      permission: 'messages:send',
      answers: {
        200: { description: 'Cancelled, or over already: the message as it is.', schema: messageDetail },
        202: { description: 'A device has it and was asked to drop it.', schema: messageDetail },
        404: refused,
      },
      example: { params: { id: 'msg_01m7ypkdxffkmb6tyeck3vccad' } },
      async handle({ caller: { credential }, params }) {
        const id = readId('msg', params.id!);
        const message = await store.transaction(async (tx) => {
          if (!(await tx.credentials.isLive(credential.id))) throw unauthorized();
          const found = id && (await tx.messages.find(credential.world.id, id));
          if (!found) throw notFound('Message');
          const step = advance(found, { kind: 'cancel' }, sendRules.now());
          if (step !== undefined) await tx.messages.record(step.message, step.entry);
          return step?.message ?? found;
        });
        if (message.status !== 'polling')
          return { status: 200, body: showMessageDetail(message, mediaUrlOf) };
        handOff.cancel(message);
        return { status: 202, body: showMessageDetail(message, mediaUrlOf) };
      },
    }),
  ];
}

function tooManyMessages({ messagesPerMinute }: Plan, retryAfterSeconds: number) {
  return rateLimited(
    `Your plan sends ${messagesPerMinute} messages a minute. Try again in ${retryAfterSeconds} s.`,
    retryAfterSeconds,
  );
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
