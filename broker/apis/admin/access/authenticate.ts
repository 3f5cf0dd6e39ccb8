/**
 * Authenticates the requests of the dashboard by the session cookie. Every request must have a host name of the broker, a
 * change also the origin of the dashboard.
 */
import type { IncomingMessage } from 'node:http';
import { needsUse, recordUse, SESSION_IDLE_DAYS } from '../../../core/members/sessions.ts';
import { invalidRequest, notFound } from '../../../core/model/errors.ts';
import { isAtLeast, type Role } from '../../../core/model/member.ts';
import { type PlanTable, planNamed } from '../../../core/model/plan.ts';
import type { Environment } from '../../../core/model/tenant.ts';
import type { Secrets } from '../../../core/ports/secrets.ts';
import type { Store } from '../../../core/ports/store.ts';
import type { Api, Authenticated, Operation } from '../../../http/operation.ts';
import type { OwnOrigin } from '../../../http/own-origin.ts';
import { isOfTenant } from '../admin-operation.ts';
import { type AdminCaller, roleRequired, signedOut } from '../caller.ts';
import { sessionCookie, sessionTokenIn } from './session-cookie.ts';

export interface AuthenticationOptions {
  store: Store;
  secrets: Secrets;
  plans: PlanTable;
  ownOrigin: OwnOrigin;
  context: { now: () => number };
  onFault(error: unknown): void;
}

const TENANT_PATH = /^\/dashboard\/api\/(live|test)\//;
const JSON_TYPE = /^application\/json\s*(?:;|$)/i;

export function authenticateBySession(
  options: AuthenticationOptions,
): Pick<Api<AdminCaller>, 'authenticate' | 'recheck'> {
  const { store, secrets, plans, ownOrigin, context, onFault } = options;

  const callerOf = async (
    request: IncomingMessage,
    operation: Operation<AdminCaller>,
    origin: string,
  ): Promise<Authenticated<AdminCaller>> => {
    const token = sessionTokenIn(request, origin);
    const now = context.now();
    const found =
      token === undefined ? undefined : await store.read.memberSessions.findLive(secrets.hash(token), now);
    if (token === undefined || found === undefined) throw signedOut();
    const { session, member } = found;
    const needed = operation.permission as Role;
    if (!isAtLeast(member.role, needed)) throw roleRequired(needed, member.role);
    const environment = isOfTenant(operation) ? environmentIn(request) : null;
    const tenant = await store.read.accounts.tenant(member.accountId, environment ?? 'live');
    if (tenant === undefined) throw notFound('Account');
    const headers: Record<string, string> = {};
    if (needsUse(session, now)) {
      // The response does not wait for the write.
      store.transaction((tx) => recordUse(tx, session, now)).catch(onFault);
      Object.assign(headers, sessionCookie(token, origin, SESSION_IDLE_DAYS));
    }
    const plan = planNamed(plans, tenant.plan);
    return { caller: { member, sessionId: session.id, tenant, environment, plan }, headers };
  };

  return {
    async authenticate(request, operation) {
      const origin = ownOrigin.of(request);
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        ownOrigin.assertSameOrigin(request);
        if (operation?.body !== undefined) assertJson(request);
      }
      // A path without an operation, and an operation for everyone, have no caller.
      if (operation?.permission === undefined)
        return { caller: undefined as unknown as AdminCaller, headers: {} };
      return callerOf(request, operation, origin);
    },
    async recheck(caller: AdminCaller | undefined) {
      if (caller === undefined) return undefined;
      const current = await store.read.memberSessions.liveMember(caller.sessionId, context.now());
      return current?.role === caller.member.role ? undefined : signedOut();
    },
  };
}

function environmentIn({ url = '' }: IncomingMessage): Environment {
  const environment = TENANT_PATH.exec(url)?.[1];
  if (environment === undefined) throw notFound('Environment');
  return environment as Environment;
}

/** A form of another site cannot send this type. */
function assertJson({ headers }: IncomingMessage): void {
  const type = headers['content-type'];
  if (type !== undefined && JSON_TYPE.test(type)) return;
  throw invalidRequest(
    `The Content-Type must be application/json (it is ${type?.slice(0, 80) ?? 'missing'}).`,
  );
}
