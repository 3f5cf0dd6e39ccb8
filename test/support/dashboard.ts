/** Signs in to the dashboard of a running broker, with a session in its database and without a password. */
import { findTenant } from '../../broker/core/accounts/accounts.ts';
import { startSession } from '../../broker/core/members/sessions.ts';
import { createSignInLink } from '../../broker/core/members/sign-in-links.ts';
import type { Role } from '../../broker/core/model/member.ts';
import { formatId } from '../../shared/ids.ts';
import type { RunningBroker } from './homing-process.ts';
import { besideBroker, clientFor, type HttpResponse } from './http-client.ts';

/** Base path of the API of the dashboard. */
const BASE = '/dashboard/api';

export interface DashboardClient {
  memberId: string;
  sessionId: string;
  email: string;
  /** The Cookie header of the session. */
  cookie: string;
  /** Sends a request with the cookie and the origin of the dashboard. `path` is below `/dashboard/api`. */
  request(
    method: string,
    path: string,
    options?: { headers?: Record<string, string>; body?: unknown },
  ): Promise<HttpResponse>;
  get(path: string): Promise<HttpResponse>;
  post(path: string, body?: unknown): Promise<HttpResponse>;
  put(path: string, body: unknown): Promise<HttpResponse>;
  patch(path: string, body: unknown): Promise<HttpResponse>;
  delete(path: string): Promise<HttpResponse>;
}

interface SignInOptions {
  role?: Role;
  account?: string;
  email?: string;
  name?: string;
  /** Time since the session was used, in ms. */
  idleMs?: number;
}

let count = 0;

/** Adds a member and signs in. */
export async function signIn(
  broker: RunningBroker,
  { role = 'owner', account = 'default', email, name = 'Robin Doe', idleMs = 0 }: SignInOptions = {},
): Promise<DashboardClient> {
  count += 1;
  const address = email ?? `${role}-${count}@example.com`;
  const { memberId, sessionId, token } = await besideBroker(broker, (store, context) =>
    store.transaction(async (tx) => {
      const { accountId } = await findTenant(tx, account, 'live');
      const member = {
        ...{ id: context.ids(), accountId, email: address, name, role },
        ...{ createdAt: context.now(), lastSeenAt: null, removedAt: null },
      };
      await tx.members.insert(member, 'none');
      const session = await startSession(
        tx,
        member,
        { userAgent: 'test', address: '127.0.0.1' },
        { ...context, now: () => context.now() - idleMs },
      );
      return { memberId: member.id, ...session };
    }),
  );
  const cookie = `homing=${token}`;
  return {
    ...dashboardClient(broker.url, cookie),
    ...{ memberId: formatId('mem', memberId), sessionId: formatId('ses', sessionId), email: address, cookie },
  };
}

type Requests = Omit<DashboardClient, 'memberId' | 'sessionId' | 'email' | 'cookie'>;

/** Returns a client with the cookie; without one for a client that is not signed in. */
export function dashboardClient(url: string, cookie?: string): Requests {
  const request: DashboardClient['request'] = (method, path, { headers, body } = {}) =>
    clientFor(url).request(method, BASE + path, {
      headers: { origin: url, ...(cookie === undefined ? {} : { cookie }), ...headers },
      ...(body === undefined ? {} : { body }),
    });
  return {
    request,
    get: (path) => request('GET', path),
    post: (path, body) => request('POST', path, { body }),
    put: (path, body) => request('PUT', path, { body }),
    patch: (path, body) => request('PATCH', path, { body }),
    delete: (path) => request('DELETE', path),
  };
}

/** Returns the token of a new sign-in link, like `homing dashboard`. The link is `ageMs` old. */
export function newSignInLink(
  broker: RunningBroker,
  { account = 'default', email, ageMs = 0 }: { account?: string; email?: string; ageMs?: number } = {},
): Promise<string> {
  return besideBroker(broker, (store, context) =>
    store.transaction(async (tx) => {
      const { accountId: id } = await findTenant(tx, account, 'live');
      const now = () => context.now() - ageMs;
      return createSignInLink(tx, { id, slug: account }, email, { ...context, now });
    }),
  );
}

/** Returns the session token in the Set-Cookie header of a response. */
export function tokenIn({ headers }: HttpResponse): string {
  const token = /homing=([\w-]{43});/.exec(headers.get('set-cookie') ?? '')?.[1];
  if (token === undefined) throw new Error('The response sets no session cookie.');
  return token;
}
