/** Returns the session of the signed-in member and ends it. */
import { formatId } from '../../../shared/ids.ts';
import { type AdminOperation, adminOperation } from './admin-operation.ts';
import { changeAsMember } from './caller.ts';
import { errorResponse } from './errors.ts';
import type { SessionOptions } from './options.ts';
import { sessionCookie } from './session-cookie.ts';
import { session } from './session-schemas.ts';
import { sessionBody } from './sign-in-session.ts';

export function sessionOperations(options: SessionOptions): AdminOperation[] {
  const { store, context, ownOrigin } = options;
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
  ];
}
