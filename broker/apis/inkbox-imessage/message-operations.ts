/** Sends and lists messages, and reacts to them. */
import { type Caller, senderOf } from '../../core/accounts/caller.ts';
import { HomingError, invalidRequest, notFound } from '../../core/model/errors.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { attachmentsAt } from '../inkbox/attachments.ts';
import { errorResponse, errorResponses, validationErrorResponse } from '../inkbox/errors.ts';
import { findConversation } from './conversation-operations.ts';
import { messagesAt, serializeMessages } from './message-pages.ts';
import {
  messageSchema,
  RECIPIENTS_MAX,
  reactionBody,
  reactionSchema,
  sendBodyFor,
  sentMessage,
} from './message-schemas.ts';
import type { InkboxImessageOptions } from './options.ts';
import { identityQuery, messagesQuery } from './query-schemas.ts';
import { reactionNamed } from './reactions.ts';
import { serializeSentReaction } from './serializers.ts';
import { boundsOf } from './time-range.ts';

/** One URL, and a text in which every character may be written as an escape sequence. */
const SEND_BODY_BYTES = 128 * 1024;
const MESSAGE_ID = '019fb2b9-5c8f-7b21-9d0e-6f1f0f6a2b34';

export function messageOperations(options: InkboxImessageOptions): Operation<Caller>[] {
  const { store, messageSender, uploadedFiles } = options;

  return [
    operation({
      id: 'sendMessage',
      method: 'POST',
      path: '/messages',
      summary: 'Send a message',
      permission: 'messages:send',
      query: identityQuery,
      body: sendBodyFor({ ...options, isMediaLink: uploadedFiles.isLink }),
      bodyLimit: SEND_BODY_BYTES,
      errors: ['recipient_suppressed', 'spend_limit_exceeded', 'not_supported_by_device'],
      responses: {
        201: { description: 'The message is stored and queued.', schema: sentMessage },
        401: errorResponse,
        402: errorResponse,
        403: errorResponse,
        409: {
          ...errorResponse,
          description: 'No device of the number can send this, or the number has left the group.',
        },
        422: validationErrorResponse,
        429: errorResponse,
      },
      example: { body: { to: '+15005550014', text: 'Hello from Homing' } },
      async handle({ caller, body: { to, conversation_id, text, media_urls, send_style } }) {
        const several = Array.isArray(to) ? [...new Set(to)] : [];
        const isGroup = several.length > 1;
        const isPlain = !isGroup && conversation_id == null && send_style == null;
        const sending = messageSender.send(senderOf(caller), {
          to: isGroup || conversation_id != null ? '' : (several[0] ?? String(to)),
          rich: isPlain
            ? undefined
            : {
                conversationId: conversation_id ?? undefined,
                participants: isGroup ? several : undefined,
                effect: send_style ?? undefined,
              },
          from: undefined,
          usesDefaultNumber: true,
          content: text ?? '',
          media: await attachmentsAt(uploadedFiles, media_urls ?? [], caller.credential.tenant.id),
          fields: { media: 'media_urls' },
          service: 'auto',
        });
        const { message } = await sending.catch((error: unknown) => {
          throw isGroup ? inTermsOfRecipients(error) : error;
        });
        const [sent] = await serializeMessages(options, [message]);
        return { status: 201, body: { message: sent } };
      },
    }),
    operation({
      id: 'listMessages',
      method: 'GET',
      path: '/messages',
      summary: 'List messages, newest first',
      permission: 'messages:read',
      query: messagesQuery,
      responses: {
        200: { description: 'A page of messages.', schema: messageSchema.array() },
        ...errorResponses,
      },
      example: { query: { limit: '20', is_read: 'false' } },
      async handle({ caller, query }) {
        const tenantId = caller.credential.tenant.id;
        const { conversation_id, is_read, is_blocked, include_groups, limit, offset } = query;
        const conversation =
          conversation_id === undefined
            ? undefined
            : await findConversation(options, store.read, caller, conversation_id);
        const blocked = is_blocked === true ? ('only' as const) : undefined;
        const filter = {
          conversation,
          isUnread: is_read === undefined ? undefined : !is_read,
          blocked,
          omitsGroups: include_groups !== true,
          ...boundsOf(query),
        };
        const messages = await messagesAt(store.read, tenantId, filter, { limit, offset });
        return { status: 200, body: await serializeMessages(options, messages) };
      },
    }),
    operation({
      id: 'addReaction',
      method: 'POST',
      path: '/reactions',
      summary: 'React to a message',
      permission: 'messages:send',
      body: reactionBody,
      errors: ['recipient_suppressed', 'not_supported_by_device'],
      responses: {
        201: { description: 'The reaction is stored and queued.', schema: reactionSchema },
        ...errorResponses,
        409: { ...errorResponse, description: 'No device of the number can send reactions.' },
        429: errorResponse,
      },
      example: { body: { message_id: MESSAGE_ID, reaction: 'love' } },
      async handle({ caller, body: { message_id, reaction, part_index } }) {
        const request = {
          ...{ on: 'message' as const, kind: 'react' as const, id: message_id },
          ...{ reaction: reactionNamed(reaction), part: part_index ?? 0 },
        };
        const { message } = await messageSender.act(senderOf(caller), request);
        const { messageId, value, part } = message?.action ?? {};
        if (message === null || messageId == null || value === undefined || part === undefined) {
          throw notFound('Message');
        }
        return { status: 201, body: serializeSentReaction(message, { messageId, value, part }) };
      },
    }),
  ];
}

/** The core reports the number of participants of a group, which this API names recipients and limits to fewer. */
function inTermsOfRecipients(error: unknown): unknown {
  if (!(error instanceof HomingError) || error.code !== 'invalid_request' || error.param !== 'to')
    return error;
  return invalidRequest(
    `A group must have 2 to ${RECIPIENTS_MAX} different recipients in 'to', besides your number.`,
    'to',
  );
}
