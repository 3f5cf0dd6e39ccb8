/** Reacts to messages, edits and unsends them, and returns and cancels the actions that do it. */
import { type Caller, changeAs, senderOf } from '../../core/accounts/caller.ts';
import type { ActionRequest } from '../../core/messages/action-rules.ts';
import { cancelAction } from '../../core/messages/cancel-message.ts';
import { reactionText } from '../../core/messages/reaction-text.ts';
import { conversationId, conversationOf } from '../../core/model/conversation.ts';
import { HomingError, notFound } from '../../core/model/errors.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { idInPath } from '../../http/request-schemas.ts';
import { actionSchema, editBody, queuedReaction, reactionBody } from './action-schemas.ts';
import { actionHeaders, isAction, serializeAction, serializeQueuedReaction } from './action-serializers.ts';
import { errorResponse } from './errors.ts';
import { groupsOf } from './message-pages.ts';
import type { MessageOptions } from './options.ts';
import { acceptedMessage } from './schemas.ts';
import { serializeAccepted } from './serializers.ts';

const MESSAGE_ID = 'msg_01m7ypkdxffkmb6tyeck3vccad';
const ACTION_ID = 'act_01m7ypkdxffkmb6tyeck3vccad';
const REACTION_ID = 'rct_01m7ypkdxffkmb6tyeck3vccad';

export const ACTION_ERRORS = ['recipient_suppressed', 'not_supported_by_device'] as const;

export function actionOperations(options: MessageOptions): Operation<Caller>[] {
  const { store, context, messageSender } = options;

  /** Queues the action. Returns it. */
  const act = async (caller: Caller, request: ActionRequest) => {
    const { message } = await messageSender.act(senderOf(caller), request);
    if (message === null || !isAction(message)) throw notFound('Message');
    return message;
  };

  /** Sends the reaction as a text to the conversation. */
  const sendAsText = async (caller: Caller, messageId: string, reaction: string) => {
    const target = await store.read.messages.find(caller.credential.tenant.id, messageId);
    if (target === undefined) throw notFound('Message');
    const isGroup = target.chat !== null;
    const { message, wait } = await messageSender.send(senderOf(caller), {
      to: isGroup ? '' : target.handle,
      rich: isGroup ? { conversationId: conversationId(conversationOf(target)) } : undefined,
      from: target.ownNumber,
      content: reactionText(reaction, target.content),
      media: [],
      service: 'auto',
    });
    const group = (await groupsOf(store.read, [message]))(message);
    return serializeAccepted(message, wait, [], group);
  };

  return [
    operation({
      id: 'addReaction',
      method: 'POST',
      path: '/v1/messages/:id/reactions',
      summary: 'React to a message',
      permission: 'messages:send',
      body: reactionBody,
      errors: ACTION_ERRORS,
      responses: {
        202: {
          description: 'The reaction is queued; with `fallback`, the text that is sent instead.',
          schema: queuedReaction.or(acceptedMessage),
        },
        400: errorResponse,
        403: errorResponse,
        404: errorResponse,
        409: { ...errorResponse, description: 'No device of the number can send reactions.' },
        429: errorResponse,
      },
      example: { params: { id: MESSAGE_ID }, body: { reaction: 'love' } },
      async handle({ caller, params, body: { reaction, part, fallback } }) {
        const id = idInPath('msg', params.id, 'Message');
        try {
          const action = await act(caller, { on: 'message', id, kind: 'react', reaction, part: part ?? 0 });
          return { status: 202, body: serializeQueuedReaction(action), headers: actionHeaders(action) };
        } catch (error) {
          const isUnsupported = error instanceof HomingError && error.code === 'not_supported_by_device';
          if (!isUnsupported || fallback !== 'text') throw error;
          const body = await sendAsText(caller, id, reaction);
          return { status: 202, body, headers: { location: `/v1/messages/${body.id}` } };
        }
      },
    }),
    operation({
      id: 'removeReaction',
      method: 'DELETE',
      path: '/v1/messages/:id/reactions/:reaction_id',
      summary: 'Remove your reaction',
      permission: 'messages:send',
      errors: ACTION_ERRORS,
      responses: {
        202: {
          description: 'The removal is queued, or the queued reaction is cancelled.',
          schema: actionSchema,
        },
        403: errorResponse,
        404: errorResponse,
        409: { ...errorResponse, description: 'The reaction is not yours, or a device is sending it.' },
        429: errorResponse,
      },
      example: { params: { id: MESSAGE_ID, reaction_id: REACTION_ID } },
      async handle({ caller, params }) {
        const id = idInPath('msg', params.id, 'Message');
        const reactionId = idInPath('rct', params.reaction_id, 'Reaction');
        const action = await act(caller, { on: 'message', id, kind: 'unreact', reactionId });
        return { status: 202, body: serializeAction(action), headers: actionHeaders(action) };
      },
    }),
    operation({
      id: 'editMessage',
      method: 'PATCH',
      path: '/v1/messages/:id',
      summary: 'Edit a sent message',
      permission: 'messages:send',
      body: editBody,
      errors: [...ACTION_ERRORS, 'too_late'],
      responses: {
        202: { description: 'The edit is queued.', schema: actionSchema },
        400: errorResponse,
        403: errorResponse,
        404: errorResponse,
        409: {
          ...errorResponse,
          description: 'The message is not sent yet, or Messages does not allow the edit any more.',
        },
        429: errorResponse,
      },
      example: { params: { id: MESSAGE_ID }, body: { content: 'Hello from Homing, corrected' } },
      async handle({ caller, params, body: { content } }) {
        const id = idInPath('msg', params.id, 'Message');
        const action = await act(caller, { on: 'message', id, kind: 'edit', content });
        return { status: 202, body: serializeAction(action), headers: actionHeaders(action) };
      },
    }),
    operation({
      id: 'unsendMessage',
      method: 'POST',
      path: '/v1/messages/:id/unsend',
      summary: 'Unsend a message',
      permission: 'messages:send',
      errors: [...ACTION_ERRORS, 'too_late'],
      responses: {
        202: { description: 'The action is queued.', schema: actionSchema },
        403: errorResponse,
        404: errorResponse,
        409: {
          ...errorResponse,
          description: 'The message is not sent yet, or Messages does not allow it any more.',
        },
        429: errorResponse,
      },
      example: { params: { id: MESSAGE_ID } },
      async handle({ caller, params }) {
        const id = idInPath('msg', params.id, 'Message');
        const action = await act(caller, { on: 'message', id, kind: 'unsend' });
        return { status: 202, body: serializeAction(action), headers: actionHeaders(action) };
      },
    }),
    operation({
      id: 'getAction',
      method: 'GET',
      path: '/v1/actions/:id',
      summary: 'Get an action on a message or group',
      permission: 'messages:read',
      responses: { 200: { description: 'The action.', schema: actionSchema }, 404: errorResponse },
      example: { params: { id: ACTION_ID } },
      async handle({ caller, params }) {
        const id = idInPath('act', params.id, 'Action');
        const found = await store.read.messages.findItem(caller.credential.tenant.id, id);
        if (found === undefined || !isAction(found)) throw notFound('Action');
        return { status: 200, body: serializeAction(found) };
      },
    }),
    operation({
      id: 'cancelAction',
      method: 'POST',
      path: '/v1/actions/:id/cancel',
      summary: 'Cancel an action that was not carried out yet',
      permission: 'messages:send',
      responses: {
        200: { description: 'The cancelled action, or an action that failed before.', schema: actionSchema },
        202: { description: 'A device has the action and was asked to cancel it.', schema: actionSchema },
        404: errorResponse,
        409: { ...errorResponse, description: 'The action was already carried out.' },
      },
      example: { params: { id: ACTION_ID } },
      async handle({ caller, params }) {
        const id = idInPath('act', params.id, 'Action');
        const at = { now: context.now(), ids: context.ids };
        const action = await changeAs(store, caller, (tx) =>
          cancelAction(tx, caller.credential.tenant.id, id, at),
        );
        if (!isAction(action)) throw notFound('Action');
        return { status: action.status === 'polling' ? 202 : 200, body: serializeAction(action) };
      },
    }),
  ];
}
