/** Creates groups, and changes their names and participants. */
import { normalizeHandle } from '../../../shared/phone-numbers.ts';
import { type Caller, changeAs, senderOf } from '../../core/accounts/caller.ts';
import type { ActionRequest } from '../../core/messages/action-rules.ts';
import { openGroup } from '../../core/messages/open-group.ts';
import { notFound } from '../../core/model/errors.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { idInPath } from '../../http/request-schemas.ts';
import { ACTION_ERRORS } from './action-operations.ts';
import { actionSchema } from './action-schemas.ts';
import { actionHeaders, isAction, serializeAction } from './action-serializers.ts';
import { CONVERSATION_ID, conversationIn, conversationLocation } from './conversation-operations.ts';
import { conversationSchema, groupBody, groupUpdateBody, participantBody } from './conversation-schemas.ts';
import { serializeConversations } from './conversation-serializers.ts';
import { errorResponse } from './errors.ts';
import { pageContext } from './message-operations.ts';
import type { ConversationOptions } from './options.ts';

const changeResponses = {
  200: {
    description: 'Changed at once: Messages does not know the group before its first message.',
    schema: conversationSchema,
  },
  202: { description: 'The change is queued.', schema: actionSchema },
  400: errorResponse,
  403: errorResponse,
  404: errorResponse,
  409: {
    ...errorResponse,
    description: 'No device of the number can change groups, or the number has left.',
  },
  429: errorResponse,
};

export function groupOperations(options: ConversationOptions): Operation<Caller>[] {
  const { store, messageSender, context, sandbox } = options;
  const page = pageContext(options);

  const rowOf = async (caller: Caller, id: string | undefined) => {
    const found = await conversationIn(store.read, caller, id);
    const [row] = await serializeConversations(page, caller.credential.tenant.id, [found]);
    return row;
  };

  const change = async (caller: Caller, shown: string | undefined, request: ActionRequest) => {
    const { message } = await messageSender.act(senderOf(caller), request);
    if (message === null) return { status: 200, body: await rowOf(caller, shown) };
    if (!isAction(message)) throw notFound('Group');
    return { status: 202, body: serializeAction(message), headers: actionHeaders(message) };
  };

  const groupId = (shown: string | undefined) => idInPath('conv', shown, 'Group');

  return [
    operation({
      id: 'createGroup',
      method: 'POST',
      path: '/v1/conversations',
      summary: 'Create a group',
      permission: 'messages:send',
      body: groupBody,
      errors: ACTION_ERRORS,
      responses: {
        201: {
          description: 'The group. It exists in Messages after its first message.',
          schema: conversationSchema,
        },
        400: errorResponse,
        403: errorResponse,
        409: { ...errorResponse, description: 'No device of the number can send to groups.' },
      },
      example: {
        body: {
          phone_number: '+15005550006',
          participants: ['+15005550014', '+15005550015'],
          name: 'Friday',
        },
      },
      async handle({ caller, body: { phone_number, participants, name } }) {
        const { tenant } = caller.credential;
        const group = await changeAs(store, caller, (tx) =>
          openGroup(
            tx,
            tenant,
            { phoneNumber: phone_number, numberField: 'phone_number', participants, name: name ?? null },
            {
              ...{ now: context.now(), ids: context.ids },
              sandbox,
            },
          ),
        );
        const location = conversationLocation(group.conversationId);
        const [row] = await serializeConversations(page, tenant.id, [
          await conversationIn(store.read, caller, location.slice(location.lastIndexOf('/') + 1)),
        ]);
        return { status: 201, body: row, headers: { location } };
      },
    }),
    operation({
      id: 'renameGroup',
      method: 'PATCH',
      path: '/v1/conversations/:id',
      summary: 'Rename a group',
      permission: 'messages:send',
      body: groupUpdateBody,
      errors: ACTION_ERRORS,
      responses: changeResponses,
      example: { params: { id: CONVERSATION_ID }, body: { name: 'Saturday' } },
      async handle({ caller, params, body: { name } }) {
        return change(caller, params.id, { on: 'group', id: groupId(params.id), kind: 'rename_group', name });
      },
    }),
    operation({
      id: 'addParticipant',
      method: 'POST',
      path: '/v1/conversations/:id/participants',
      summary: 'Add a participant to a group',
      permission: 'messages:send',
      body: participantBody,
      errors: ACTION_ERRORS,
      responses: changeResponses,
      example: { params: { id: CONVERSATION_ID }, body: { handle: '+15005550011' } },
      async handle({ caller, params, body: { handle } }) {
        return change(caller, params.id, {
          ...{ on: 'group', id: groupId(params.id), kind: 'add_participant', handle },
        });
      },
    }),
    operation({
      id: 'removeParticipant',
      method: 'DELETE',
      path: '/v1/conversations/:id/participants/:handle',
      summary: 'Remove a participant from a group',
      permission: 'messages:send',
      errors: ACTION_ERRORS,
      responses: changeResponses,
      example: { params: { id: CONVERSATION_ID, handle: '+15005550011' } },
      async handle({ caller, params }) {
        // An unescaped `+` in a URL arrives as a space.
        const handle = normalizeHandle((params.handle ?? '').replace(/^ (?=\d)/, '+'));
        return change(caller, params.id, {
          ...{ on: 'group', id: groupId(params.id), kind: 'remove_participant', handle },
        });
      },
    }),
    operation({
      id: 'leaveGroup',
      method: 'POST',
      path: '/v1/conversations/:id/leave',
      summary: 'Leave a group',
      permission: 'messages:send',
      errors: ACTION_ERRORS,
      responses: changeResponses,
      example: { params: { id: CONVERSATION_ID } },
      async handle({ caller, params }) {
        return change(caller, params.id, { on: 'group', id: groupId(params.id), kind: 'leave_group' });
      },
    }),
  ];
}
