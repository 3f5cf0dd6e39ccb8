/** Reacts to messages, edits and unsends them, as the signed-in member. */
import { notFound } from '../../../core/model/errors.ts';
import { idInPath } from '../../../http/request-schemas.ts';
import { type AdminOperation, adminOperation } from '../admin-operation.ts';
import { errorResponse } from '../errors.ts';
import type { SendOptions } from '../options.ts';
import { type ActionResponseBody, actionResponse, editBody, reactionBody } from './action-schemas.ts';
import { ACTION_RESPONSES, queueAction, serializeAction } from './queue-action.ts';

export function actionOperations(options: SendOptions): AdminOperation[] {
  const base = '/dashboard/api/:environment/messages/:id';
  const responses = ACTION_RESPONSES;
  return [
    adminOperation({
      id: 'addReaction',
      method: 'POST',
      path: `${base}/reactions`,
      summary: 'React to a message',
      permission: 'member',
      body: reactionBody,
      responses,
      handle({ caller, params, body: { reaction, part } }) {
        const id = idInPath('msg', params.id, 'Message');
        return queueAction(options, caller, { on: 'message', id, kind: 'react', reaction, part });
      },
    }),
    adminOperation({
      id: 'removeReaction',
      method: 'DELETE',
      path: `${base}/reactions/:reactionId`,
      summary: 'Remove your reaction',
      permission: 'member',
      responses,
      handle({ caller, params }) {
        const id = idInPath('msg', params.id, 'Message');
        const reactionId = idInPath('rct', params.reactionId, 'Reaction');
        return queueAction(options, caller, { on: 'message', id, kind: 'unreact', reactionId });
      },
    }),
    adminOperation({
      id: 'editMessage',
      method: 'PATCH',
      path: base,
      summary: 'Edit a sent message',
      permission: 'member',
      body: editBody,
      responses,
      handle({ caller, params, body: { content } }) {
        const id = idInPath('msg', params.id, 'Message');
        return queueAction(options, caller, { on: 'message', id, kind: 'edit', content });
      },
    }),
    adminOperation({
      id: 'unsendMessage',
      method: 'POST',
      path: `${base}/unsend`,
      summary: 'Unsend a message',
      permission: 'member',
      responses,
      handle({ caller, params }) {
        const id = idInPath('msg', params.id, 'Message');
        return queueAction(options, caller, { on: 'message', id, kind: 'unsend' });
      },
    }),
    adminOperation({
      id: 'getAction',
      method: 'GET',
      path: '/dashboard/api/:environment/actions/:id',
      summary: 'Get an action on a message or group',
      permission: 'viewer',
      responses: { 200: { description: 'The action.', schema: actionResponse }, 404: errorResponse },
      async handle({ caller, params }) {
        const id = idInPath('act', params.id, 'Action');
        const found = await options.store.read.messages.findItem(caller.tenant.id, id);
        const action = found === undefined ? null : serializeAction(found);
        if (action === null) throw notFound('Action');
        const body: ActionResponseBody = { action };
        return { status: 200, body };
      },
    }),
  ];
}
