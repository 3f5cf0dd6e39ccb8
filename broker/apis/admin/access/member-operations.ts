/** Lists, changes and removes the members of the account. */

import { formatId } from '../../../../shared/ids.ts';
import type { AuditedChange } from '../../../core/members/audit.ts';
import { changeMember, removeMember } from '../../../core/members/members.ts';
import { notFound } from '../../../core/model/errors.ts';
import type { Member } from '../../../core/model/member.ts';
import { idInPath } from '../../../http/request-schemas.ts';
import { type AdminOperation, adminOperation } from '../admin-operation.ts';
import { changeAsMember } from '../caller.ts';
import { errorResponse } from '../errors.ts';
import type { MemberOptions } from '../options.ts';
import { serializeMember } from '../serializers.ts';
import { type MemberList, memberChangeBody, memberList } from './member-schemas.ts';
import { member as memberSchema } from './session-schemas.ts';

export function memberOperations({ store, context }: MemberOptions): AdminOperation[] {
  return [
    adminOperation({
      id: 'listMembers',
      method: 'GET',
      path: '/dashboard/api/members',
      summary: 'List the members of the account',
      permission: 'viewer',
      responses: { 200: { description: 'The members.', schema: memberList } },
      async handle({ caller }) {
        const members = await store.read.members.list(caller.member.accountId);
        const body: MemberList = { members: members.map(serializeMember) };
        return { status: 200, body };
      },
    }),
    adminOperation({
      id: 'getMember',
      method: 'GET',
      path: '/dashboard/api/members/:id',
      summary: 'Get a member',
      permission: 'viewer',
      responses: { 200: { description: 'The member.', schema: memberSchema }, 404: errorResponse },
      async handle({ caller, params }) {
        const id = idInPath('mem', params.id, 'Member');
        const member = await store.read.members.find(caller.member.accountId, id);
        if (member === undefined) throw notFound('Member');
        return { status: 200, body: serializeMember(member) };
      },
    }),
    adminOperation({
      id: 'changeMember',
      method: 'PATCH',
      path: '/dashboard/api/members/:id',
      summary: 'Change the role or the name of a member',
      permission: 'owner',
      body: memberChangeBody,
      responses: {
        200: { description: 'The member.', schema: memberSchema },
        400: errorResponse,
        404: errorResponse,
        409: errorResponse,
      },
      changes: ['members'],
      async handle({ caller, params, body: { role, name } }) {
        const id = idInPath('mem', params.id, 'Member');
        const change: AuditedChange = {
          action: 'member.changed',
          target: formatId('mem', id),
          detail: { ...(role && { role }), ...(name && { name }) },
        };
        const changed = await changeAsMember(store, caller, change, context, (tx) =>
          changeMember(tx, caller.member.accountId, id, { role, name }),
        );
        return { status: 200, body: serializeMember(changed) };
      },
    }),
    adminOperation({
      id: 'removeMember',
      method: 'DELETE',
      path: '/dashboard/api/members/:id',
      summary: 'Remove a member and end the sessions of the member',
      permission: 'owner',
      responses: { 204: { description: 'Removed.' }, 404: errorResponse, 409: errorResponse },
      changes: ['members'],
      async handle({ caller, params }) {
        const id = idInPath('mem', params.id, 'Member');
        await changeAsMember<Member>(
          store,
          caller,
          ({ email, name, role }) => ({
            action: 'member.removed',
            target: formatId('mem', id),
            detail: { email, name, role },
          }),
          context,
          (tx) => removeMember(tx, caller.member.accountId, id, context.now()),
        );
        return { status: 204 };
      },
    }),
  ];
}
