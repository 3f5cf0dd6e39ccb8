/** Creates groups, and changes their names and participants, as the signed-in member. */
import { formatId } from '../../../../shared/ids.ts';
import { normalizeHandle } from '../../../../shared/phone-numbers.ts';
import type { ActionRequest } from '../../../core/messages/action-rules.ts';
import { openGroup } from '../../../core/messages/open-group.ts';
import { sendingNumber } from '../../../core/messages/sender-number.ts';
import { invalidRequest } from '../../../core/model/errors.ts';
import type { GroupChat } from '../../../core/model/group-chat.ts';
import type { Tenant } from '../../../core/model/tenant.ts';
import type { Queries } from '../../../core/ports/store.ts';
import { idInPath, plusOf } from '../../../http/request-schemas.ts';
import { type AdminOperation, adminOperation } from '../admin-operation.ts';
import { type AdminCaller, changeAsMember } from '../caller.ts';
import { errorResponse } from '../errors.ts';
import type { SendOptions } from '../options.ts';
import { groupBody, groupNameBody, participantBody } from './action-schemas.ts';
import { conversationIn } from './conversation-operations.ts';
import { conversation } from './conversation-schemas.ts';
import { serializeConversations } from './conversation-serializers.ts';
import { ACTION_RESPONSES, queueAction } from './queue-action.ts';

type OnGroup = Extract<ActionRequest, { on: 'group' }>;
/** The change of a group without the group. */
type GroupChange = OnGroup extends infer One ? (One extends OnGroup ? Omit<One, 'on' | 'id'> : never) : never;

export function groupOperations(options: SendOptions): AdminOperation[] {
  const { store, context, acceptOptions } = options;
  const base = '/dashboard/api/:environment/conversations';
  const responses = ACTION_RESPONSES;

  const change = (caller: AdminCaller, shown: string | undefined, what: GroupChange) => {
    const id = idInPath('conv', shown, 'Group');
    return queueAction(options, caller, { on: 'group', id, ...what } as OnGroup);
  };

  const phoneNumberOf = async (tx: Queries, tenant: Tenant, numberId: string | undefined) => {
    const number = numberId === undefined ? undefined : await tx.numbers.find(tenant.id, numberId);
    if (numberId !== undefined && number === undefined) {
      throw invalidRequest('The number was removed. Select another number.', 'numberId');
    }
    return (await sendingNumber(tx, tenant, number?.phoneNumber, acceptOptions.sandbox)).phoneNumber;
  };

  return [
    adminOperation({
      id: 'createGroup',
      method: 'POST',
      path: base,
      summary: 'Create a group, which exists in Messages after its first message',
      permission: 'member',
      body: groupBody,
      responses: {
        201: { description: 'The conversation of the group.', schema: conversation },
        ...{ 400: errorResponse, 403: errorResponse, 409: errorResponse },
      },
      changes: ['conversations'],
      async handle({ caller, body: { numberId, participants, name } }) {
        const { tenant } = caller;
        const { conversationId } = await changeAsMember(
          store,
          caller,
          (group: GroupChat) => ({
            action: 'group.created',
            target: formatId('conv', group.conversationId),
            detail: { participants: group.participants.length },
          }),
          context,
          async (tx) =>
            openGroup(
              tx,
              tenant,
              {
                phoneNumber: await phoneNumberOf(tx, tenant, numberId),
                numberField: 'numberId',
                participants: [...new Set(participants)],
                name: name === undefined || name === '' ? null : name,
              },
              { now: context.now(), ids: context.ids, sandbox: acceptOptions.sandbox },
            ),
        );
        const group = await conversationIn(store.read, caller, formatId('conv', conversationId));
        const [body] = await serializeConversations(store.read, tenant, [group]);
        return { status: 201, body };
      },
    }),
    adminOperation({
      id: 'renameGroup',
      method: 'PATCH',
      path: `${base}/:id`,
      summary: 'Rename a group',
      permission: 'member',
      body: groupNameBody,
      responses,
      handle: ({ caller, params, body: { name } }) =>
        change(caller, params.id, { kind: 'rename_group', name }),
    }),
    adminOperation({
      id: 'addParticipant',
      method: 'POST',
      path: `${base}/:id/participants`,
      summary: 'Add a participant to a group',
      permission: 'member',
      body: participantBody,
      responses,
      handle: ({ caller, params, body: { handle } }) =>
        change(caller, params.id, { kind: 'add_participant', handle }),
    }),
    adminOperation({
      id: 'removeParticipant',
      method: 'DELETE',
      path: `${base}/:id/participants/:handle`,
      summary: 'Remove a participant from a group',
      permission: 'member',
      responses,
      handle: ({ caller, params }) =>
        change(caller, params.id, {
          kind: 'remove_participant',
          handle: normalizeHandle(plusOf(params.handle ?? '')),
        }),
    }),
    adminOperation({
      id: 'leaveGroup',
      method: 'POST',
      path: `${base}/:id/leave`,
      summary: 'Leave a group',
      permission: 'member',
      responses,
      handle: ({ caller, params }) => change(caller, params.id, { kind: 'leave_group' }),
    }),
  ];
}
