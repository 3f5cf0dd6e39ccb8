/** Creates, lists and revokes invitations. The link of an invitation is shown once. */

import { formatId } from '../../../../shared/ids.ts';
import type { AuditedChange } from '../../../core/members/audit.ts';
import { createInvitation, type NewLink, signInUrl } from '../../../core/members/sign-in-links.ts';
import { notFound } from '../../../core/model/errors.ts';
import type { SignInLink } from '../../../core/model/member.ts';
import { idInPath } from '../../../http/request-schemas.ts';
import { type AdminOperation, adminOperation } from '../admin-operation.ts';
import { changeAsMember } from '../caller.ts';
import { errorResponse } from '../errors.ts';
import type { MemberOptions } from '../options.ts';
import {
  type InvitationBody,
  type InvitationList,
  invitationBody,
  invitationList,
  type NewInvitation,
  newInvitation,
} from './member-schemas.ts';

export function invitationOperations({ store, context, addressFor }: MemberOptions): AdminOperation[] {
  return [
    adminOperation({
      id: 'listInvitations',
      method: 'GET',
      path: '/dashboard/api/invitations',
      summary: 'List the open invitations, newest first',
      permission: 'owner',
      responses: { 200: { description: 'The invitations.', schema: invitationList } },
      async handle({ caller }) {
        const links = await store.read.signInLinks.listOpen(caller.member.accountId, context.now());
        const body: InvitationList = {
          invitations: links.map(serializeInvitation),
        };
        return { status: 200, body };
      },
    }),
    adminOperation({
      id: 'createInvitation',
      method: 'POST',
      path: '/dashboard/api/invitations',
      summary: 'Create an invitation link',
      permission: 'owner',
      body: invitationBody,
      responses: {
        201: { description: 'The invitation.', schema: newInvitation },
        400: errorResponse,
        402: errorResponse,
      },
      changes: ['invitations'],
      async handle({ caller, body: { role, label }, request }) {
        const { link, token } = await changeAsMember<NewLink>(
          store,
          caller,
          (created) => ({
            action: 'invitation.created',
            target: formatId('inv', created.link.id),
            detail: { role, label },
          }),
          context,
          (tx) => createInvitation(tx, caller.member, { role, label }, context),
        );
        const body: NewInvitation = {
          ...serializeInvitation(link),
          url: signInUrl(addressFor(request), token),
        };
        return { status: 201, body };
      },
    }),
    adminOperation({
      id: 'revokeInvitation',
      method: 'DELETE',
      path: '/dashboard/api/invitations/:id',
      summary: 'Revoke an open invitation',
      permission: 'owner',
      responses: { 204: { description: 'Revoked.' }, 404: errorResponse },
      changes: ['invitations'],
      async handle({ caller, params }) {
        const id = idInPath('inv', params.id, 'Invitation');
        const change: AuditedChange = { action: 'invitation.revoked', target: formatId('inv', id) };
        await changeAsMember(store, caller, change, context, async (tx) => {
          const isRevoked = await tx.signInLinks.revoke(caller.member.accountId, id, context.now());
          if (!isRevoked) throw notFound('Invitation');
        });
        return { status: 204 };
      },
    }),
  ];
}

function serializeInvitation({ id, role, label, createdAt, expiresAt }: SignInLink): InvitationBody {
  return { id: formatId('inv', id), role, label, createdAt, expiresAt };
}
