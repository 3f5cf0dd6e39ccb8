/** Lists and ends the sessions of the signed-in member, and changes the password. */

import { formatId } from '../../../../shared/ids.ts';
import type { AuditedChange } from '../../../core/members/audit.ts';
import { conflict, invalidRequest, notFound } from '../../../core/model/errors.ts';
import { idInPath } from '../../../http/request-schemas.ts';
import { type AdminOperation, adminOperation } from '../admin-operation.ts';
import { changeAsMember } from '../caller.ts';
import { errorResponse } from '../errors.ts';
import type { SignInOptions } from '../options.ts';
import { sessionCookie } from './session-cookie.ts';
import { passwordBody, type SessionList, session, sessionList } from './session-schemas.ts';
import { sessionBody } from './sign-in-session.ts';

export function sessionOperations(options: SignInOptions): AdminOperation[] {
  const { store, context, ownOrigin, passwords, throttle } = options;
  return [
    adminOperation({
      id: 'getSession',
      method: 'GET',
      path: '/dashboard/api/session',
      summary: 'Get the signed-in member',
      permission: 'viewer',
      responses: { 200: { description: 'The session.', schema: session }, 401: errorResponse },
      async handle({ caller: { member, sessionId, tenant } }) {
        const body = sessionBody(options, member, sessionId, tenant);
        return { status: 200, body };
      },
    }),
    adminOperation({
      id: 'signOut',
      method: 'POST',
      path: '/dashboard/api/sign-out',
      summary: 'End the session',
      permission: 'viewer',
      responses: { 204: { description: 'Signed out.' }, 401: errorResponse },
      changes: ['sessions'],
      async handle({ caller, request }) {
        const { member, sessionId } = caller;
        const target = formatId('ses', sessionId);
        await changeAsMember(store, caller, { action: 'session.ended', target }, context, (tx) =>
          tx.memberSessions.revoke(member.id, sessionId, context.now()),
        );
        return { status: 204, headers: sessionCookie(undefined, ownOrigin.of(request), 0) };
      },
    }),
    adminOperation({
      id: 'listSessions',
      method: 'GET',
      path: '/dashboard/api/sessions',
      summary: 'List the sessions of the signed-in member, newest first',
      permission: 'viewer',
      responses: { 200: { description: 'The sessions.', schema: sessionList } },
      async handle({ caller: { member, sessionId } }) {
        const sessions = await store.read.memberSessions.list(member.id, context.now());
        const body: SessionList = {
          sessions: sessions.map(({ id, createdAt, lastUsedAt, expiresAt, userAgent, address }) => ({
            ...{ id: formatId('ses', id), isCurrent: id === sessionId },
            ...{ createdAt, lastUsedAt, expiresAt, userAgent, address },
          })),
        };
        return { status: 200, body };
      },
    }),
    adminOperation({
      id: 'endOtherSessions',
      method: 'DELETE',
      path: '/dashboard/api/sessions',
      summary: 'End all other sessions of the signed-in member',
      permission: 'viewer',
      responses: { 204: { description: 'Ended.' } },
      changes: ['sessions'],
      async handle({ caller }) {
        const { member, sessionId } = caller;
        await changeAsMember(store, caller, { action: 'session.others_ended' }, context, (tx) =>
          tx.memberSessions.revokeAll(member.id, sessionId, context.now()),
        );
        return { status: 204 };
      },
    }),
    adminOperation({
      id: 'endSession',
      method: 'DELETE',
      path: '/dashboard/api/sessions/:id',
      summary: 'End a session of the signed-in member',
      permission: 'viewer',
      responses: { 204: { description: 'Ended.' }, 404: errorResponse },
      changes: ['sessions'],
      async handle({ caller, params, request }) {
        const id = idInPath('ses', params.id, 'Session');
        const change: AuditedChange = { action: 'session.ended', target: formatId('ses', id) };
        await changeAsMember(store, caller, change, context, async (tx) => {
          const isEnded = await tx.memberSessions.revoke(caller.member.id, id, context.now());
          if (!isEnded) throw notFound('Session');
        });
        if (id !== caller.sessionId) return { status: 204 };
        return { status: 204, headers: sessionCookie(undefined, ownOrigin.of(request), 0) };
      },
    }),
    adminOperation({
      id: 'changePassword',
      method: 'PUT',
      path: '/dashboard/api/password',
      summary: 'Change the password of the signed-in member; ends the other sessions',
      permission: 'viewer',
      body: passwordBody,
      responses: { 204: { description: 'Changed.' }, 400: errorResponse, 429: errorResponse },
      changes: ['sessions'],
      async handle({ caller, body: { currentPassword, newPassword }, request }) {
        const { member, sessionId } = caller;
        const current = await store.read.members.passwordHash(member.id);
        const isRight = await throttle.isRight(request, member.email, () =>
          passwords.verify(currentPassword, current),
        );
        if (!isRight) throw invalidRequest('The current password is wrong.', 'currentPassword');
        const hash = await passwords.hash(newPassword);
        await changeAsMember(store, caller, { action: 'password.changed' }, context, async (tx) => {
          if ((await tx.members.passwordHash(member.id)) !== current) {
            throw conflict('The password was changed at the same time. Try again.');
          }
          await tx.members.setPassword(member.id, hash);
          await tx.memberSessions.revokeAll(member.id, sessionId, context.now());
        });
        return { status: 204 };
      },
    }),
  ];
}
