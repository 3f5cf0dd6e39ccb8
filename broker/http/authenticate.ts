/**
 * Who calls: an API key becomes a credential, counted against its plan's requests a minute. Every answer to a
 * known key carries what is left of the minute; strangers share a minute of their own by address.
 */
import type { IncomingMessage } from 'node:http';
import { type Caller, revocationError } from '../core/accounts/caller.ts';
import { MinuteLimit } from '../core/accounts/minute-limit.ts';
import { isPermitted, type Permission } from '../core/model/api-key.ts';
import { forbidden, type HomingError, rateLimited, unauthorized } from '../core/model/errors.ts';
import { type PlanTable, planNamed } from '../core/model/plan.ts';
import type { Secrets } from '../core/ports/secrets.ts';
import type { Store } from '../core/ports/store.ts';
import type { Api, Authenticated } from './operation.ts';

export interface CallerAuthentication {
  headers: Record<string, string>;
  caller: Caller | undefined;
  error: HomingError | undefined;
}

/** Answers at once for a key that was seen before, which nearly every request's was. */
export type AuthenticateCaller = (
  key: string | undefined,
  permission: Permission | undefined,
  request: IncomingMessage,
) => CallerAuthentication | Promise<CallerAuthentication>;

const KEY = /^(?:tb_(?:live|test)_[a-z0-9]{32}|txt_[a-z0-9]{40})$/;
const BEARER = /^Bearer +(\S+)$/i;
const KNOWN_MAX = 10_000;
/** Requests a minute without a valid key, from one address. */
const STRANGER_REQUESTS_PER_MINUTE = 5_000;

export function createCallerAuthentication(options: {
  store: Store;
  secrets: Secrets;
  plans: PlanTable;
  now: () => number;
}): AuthenticateCaller {
  const { store, secrets, plans, now } = options;
  const customers = new MinuteLimit(now);
  const strangers = new MinuteLimit(now);

  /** Customers by their key, as long as no account, key or number changed. Strangers' keys are not kept. */
  const known = new Map<string, Caller>();
  let knownAt = -1;

  const admit = (caller: Caller, permission: Permission | undefined): CallerAuthentication => {
    const taken = customers.take(caller.credential.tenant.id, caller.plan.apiRequestsPerMinute);
    const headers = { 'x-ratelimit-remaining': String(taken.remaining) };
    if (!taken.isAllowed) return { headers, caller, error: tooMany(taken.retryAfterSeconds) };
    if (permission !== undefined && !isPermitted(caller.credential, permission)) {
      const error = forbidden(`Your API key does not have the '${permission}' permission.`);
      return { headers, caller, error };
    }
    return { headers, caller, error: undefined };
  };

  const lookUp = async (
    key: string | undefined,
    permission: Permission | undefined,
    request: IncomingMessage,
    version: number,
  ): Promise<CallerAuthentication> => {
    const credential =
      key !== undefined && KEY.test(key)
        ? await store.read.credentials.findByHash(secrets.hash(key))
        : undefined;
    if (key === undefined || credential === undefined || credential.revokedAt !== null) {
      const taken = strangers.take(request.socket.remoteAddress ?? '', STRANGER_REQUESTS_PER_MINUTE);
      return {
        headers: { 'x-ratelimit-remaining': String(taken.remaining) },
        caller: undefined,
        error: taken.isAllowed ? unauthorized() : tooMany(taken.retryAfterSeconds),
      };
    }
    const caller = { credential, plan: planNamed(plans, credential.tenant.plan) };
    if (store.referenceVersion() === version && knownAt === version) known.set(key, caller);
    return admit(caller, permission);
  };

  return (key, permission, request) => {
    const version = store.referenceVersion();
    if (version !== knownAt || known.size > KNOWN_MAX) {
      known.clear();
      knownAt = version;
    }
    const caller = key === undefined ? undefined : known.get(key);
    return caller === undefined ? lookUp(key, permission, request, version) : admit(caller, permission);
  };
}

/** How an API knows its callers: by the key that it finds in a request, checked once more where that matters. */
export function authenticateByKey(
  keyOf: (request: IncomingMessage) => string | string[] | undefined,
  { store, authenticate }: { store: Store; authenticate: AuthenticateCaller },
): Pick<Api<Caller>, 'authenticate' | 'recheck'> {
  return {
    authenticate(request, operation) {
      const key = keyOf(request);
      const permission = operation?.permission as Permission | undefined;
      // A refused caller is undefined, and never reaches an operation.
      return authenticate(typeof key === 'string' ? key : undefined, permission, request) as
        | Authenticated<Caller>
        | Promise<Authenticated<Caller>>;
    },
    recheck: (caller) => revocationError(store, caller),
  };
}

/** The key of an `Authorization: Bearer` header. */
export function bearerOf({ headers }: IncomingMessage): string | undefined {
  return BEARER.exec(headers.authorization ?? '')?.[1];
}

/** The key of a bearer token, or else of `x-api-key`. */
export function keyOf(request: IncomingMessage): string | undefined {
  const key = request.headers['x-api-key'];
  return bearerOf(request) ?? (typeof key === 'string' ? key : undefined);
}

const tooMany = (retryAfterSeconds: number) =>
  rateLimited(`Too many requests. Try again in ${retryAfterSeconds} s.`, retryAfterSeconds);
