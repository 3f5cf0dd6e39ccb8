/** Starts the session of a member who proved to be that member, and returns it with its cookie. */
import type { IncomingMessage } from 'node:http';
import { formatId } from '../../../../shared/ids.ts';
import { type AuditedChange, recordChange } from '../../../core/members/audit.ts';
import { SESSION_IDLE_DAYS, startSession } from '../../../core/members/sessions.ts';
import { notFound } from '../../../core/model/errors.ts';
import type { Member } from '../../../core/model/member.ts';
import type { Tenant } from '../../../core/model/tenant.ts';
import type { Queries } from '../../../core/ports/store.ts';
import type { OperationResponse } from '../../../http/operation.ts';
import type { ChangeTopic } from '../change-feed.ts';
import type { SessionOptions } from '../options.ts';
import { serializeMember } from '../serializers.ts';
import { sessionCookie, sessionTokenIn } from './session-cookie.ts';
import type { SessionBody } from './session-schemas.ts';

/** The lists that a sign-in changes. A link may create a member, and use an invitation. */
const CHANGES = {
  password: ['sessions', 'audit'],
  link: ['members', 'invitations', 'sessions', 'audit'],
  passkey: ['passkeys', 'sessions', 'audit'],
} as const satisfies Record<string, readonly ChangeTopic[]>;

/**
 * Runs `prove` and starts a session of its member, in one transaction. The session has a new token, so a token that was in
 * the browser before is of no use. A session that the browser had before ends.
 */
export async function signInMember(
  options: SessionOptions,
  request: IncomingMessage,
  method: keyof typeof CHANGES,
  prove: (tx: Queries) => Promise<Member>,
): Promise<OperationResponse> {
  const { store, ownOrigin, addressOf } = options;
  const at = options.context.now();
  const context = { ...options.context, now: () => at };
  const origin = ownOrigin.of(request);
  const earlier = sessionTokenIn(request, origin);
  const from = { userAgent: request.headers['user-agent'] ?? '', address: addressOf(request) };
  const { member, tenant, sessionId, token } = await store.transaction(async (tx) => {
    const member = await prove(tx);
    const before = earlier && (await tx.memberSessions.findLive(context.secrets.hash(earlier), at));
    if (before) await tx.memberSessions.revoke(before.session.memberId, before.session.id, at);
    const started = await startSession(tx, member, from, context);
    const change: AuditedChange = {
      action: 'session.started',
      target: formatId('ses', started.sessionId),
      detail: { method, address: from.address },
    };
    await recordChange(tx, member, change, context);
    const tenant = await tx.accounts.tenant(member.accountId, 'live');
    if (tenant === undefined) throw notFound('Account');
    return { member: { ...member, lastSeenAt: at }, tenant, ...started };
  });
  options.changeFeed.publish(member.accountId, null, CHANGES[method]);
  return {
    status: 200,
    body: sessionBody(options, member, sessionId, tenant),
    headers: sessionCookie(token, origin, SESSION_IDLE_DAYS),
  };
}

export function sessionBody(
  { version, publicUrl }: Pick<SessionOptions, 'version' | 'publicUrl'>,
  member: Member,
  sessionId: string,
  { accountSlug, plan }: Tenant,
): SessionBody {
  return {
    member: serializeMember(member),
    sessionId: formatId('ses', sessionId),
    account: { slug: accountSlug, plan },
    environments: ['live', 'test'],
    ...{ version, publicUrl: publicUrl() },
  };
}
