/** Sends messages and returns their status. */
import { formatId } from '../../../shared/ids.ts';
import { type Caller, senderOf } from '../../core/accounts/caller.ts';
import { waitOf } from '../../core/dispatch/waiting.ts';
import { notFound, recipientNotVerified } from '../../core/model/errors.ts';
import { locationBelow } from '../../http/location.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { idempotencyOf, idInPath } from '../../http/request-schemas.ts';
import { waitingField } from '../../http/waiting.ts';
import { errorResponse } from './errors.ts';
import { acceptedMessage, messageResponse, sendBody } from './message-schemas.ts';
import type { MessageOptions } from './options.ts';
import { serializeMessage } from './serializers.ts';

export function messageOperations(options: MessageOptions): Operation<Caller>[] {
  const { store, messageSender, sandbox, countSegments, waitContext } = options;
  return [
    operation({
      id: 'sendMessage',
      method: 'POST',
      path: '/api/v1/messages',
      summary: 'Send a message from the account’s default number',
      permission: 'messages:write',
      isHot: true,
      body: sendBody,
      errors: ['recipient_suppressed', 'spend_limit_exceeded', 'recipient_not_verified'],
      responses: {
        202: { description: 'The message is stored and queued.', schema: acceptedMessage },
        402: errorResponse,
        403: errorResponse,
        422: errorResponse,
        429: errorResponse,
      },
      example: {
        body: { phone_number: '+15005550014', body: 'Hello from Homing', idempotency_key: 'welcome-4711' },
      },
      async handle({ caller, body, request }) {
        const isSandbox = caller.credential.tenant.environment === 'test';
        if (isSandbox && !sandbox.isListed(body.phone_number)) throw recipientNotVerified(body.phone_number);
        const { message } = await messageSender.send(senderOf(caller), {
          to: body.phone_number,
          from: undefined,
          usesDefaultNumber: true,
          content: body.body,
          media: [],
          service: 'auto',
          idempotency: idempotencyOf(body.idempotency_key),
          metadata: body.metadata ?? undefined,
          estimatedCostCents: body.estimated_cost_cents ?? undefined,
        });
        const id = formatId('msg', message.id);
        return {
          status: 202,
          body: { message: { id, status: 'queued' } },
          headers: locationBelow(request, id),
        };
      },
    }),
    operation({
      id: 'getMessage',
      method: 'GET',
      path: '/api/v1/messages/:id',
      summary: 'Get a message',
      permission: 'messages:read',
      responses: { 200: { description: 'The message.', schema: messageResponse }, 404: errorResponse },
      example: { params: { id: 'msg_01m7ypkdxffkmb6tyeck3vccad' } },
      async handle({ caller, params }) {
        const id = idInPath('msg', params.id, 'Message');
        const message = await store.read.messages.find(caller.credential.tenant.id, id);
        if (message === undefined) throw notFound('Message');
        const wait = await waitOf(store.read, message, waitContext());
        const serialized = serializeMessage(message, countSegments(message.content));
        return { status: 200, body: { message: { ...serialized, ...waitingField(wait) } } };
      },
    }),
  ];
}
