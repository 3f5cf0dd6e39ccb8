/**
 * Authenticates callers by their API key and counts requests against the plan's limit per minute. Every response to a valid
 * key contains the remaining requests. Requests without a valid key are counted by network address.
 */
import type { IncomingMessage } from 'node:http';
import { type Caller, revocationError } from '../core/accounts/caller.ts';
import { MinuteLimit } from '../core/accounts/minute-limit.ts';
import { isPermitted, type Permission } from '../core/model/api-key.ts';
import { forbidden, type HomingError, rateLimited, unauthorized } from '../core/model/errors.ts';
import { type PlanTable, planNamed } from '../core/model/plan.ts';
import type { Secrets } from '../core/ports/secrets.ts';
import type { Store } from '../core/ports/store.ts';
import type { ClientAddresses } from './client-address.ts';
import type { Api, Authenticated } from './operation.ts';

export interface CallerAuthentication {
  headers: Record<string, string>;
  caller: Caller | undefined;
  error: HomingError | undefined;
}

/** Returns synchronously for a cached key, which is the common case. */
export type AuthenticateCaller = (
  key: string | undefined,
  permission: Permission | undefined,
  request: IncomingMessage,
) => CallerAuthentication | Promise<CallerAuthentication>;

const KEY = /^(?:tb_(?:live|test)_[a-z0-9]{32}|txt_[a-z0-9]{40})$/;
const BEARER = /^Bearer +(\S+)$/i;
const CACHE_MAX = 10_000;
/** Maximum requests per minute without a valid key, from one address. */
const ANONYMOUS_REQUESTS_PER_MINUTE = 5_000;

export function createCallerAuthentication(options: {
  store: Store;
  secrets: Secrets;
  plans: PlanTable;
  monotonicNow: () => number;
  clientAddresses: ClientAddresses;
}): AuthenticateCaller {
  const { store, secrets, plans, monotonicNow, clientAddresses } = options;
  const callerLimit = new MinuteLimit(monotonicNow);
  const addressLimit = new MinuteLimit(monotonicNow);

  /** Callers by key, valid until an account, key or number changes. Unknown keys are not cached. */
  const cache = new Map<string, Caller>();
  let cachedAt = -1;

  const admit = (caller: Caller, permission: Permission | undefined): CallerAuthentication => {
    const taken = callerLimit.take(caller.credential.tenant.id, caller.plan.apiRequestsPerMinute);
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
      const taken = addressLimit.take(clientAddresses.of(request), ANONYMOUS_REQUESTS_PER_MINUTE);
      return {
        headers: { 'x-ratelimit-remaining': String(taken.remaining) },
        caller: undefined,
        error: taken.isAllowed ? unauthorized() : tooMany(taken.retryAfterSeconds),
      };
    }
    const caller = { credential, plan: planNamed(plans, credential.tenant.plan) };
    if (store.referenceVersion() === version && cachedAt === version) cache.set(key, caller);
    return admit(caller, permission);
  };

  return (key, permission, request) => {
    const version = store.referenceVersion();
    if (version !== cachedAt || cache.size > CACHE_MAX) {
      cache.clear();
      cachedAt = version;
    }
    const caller = key === undefined ? undefined : cache.get(key);
    return caller === undefined ? lookUp(key, permission, request, version) : admit(caller, permission);
  };
}

/** Returns the authentication of an API whose key is found by `keyOf`. */
export function authenticateByKey(
  keyOf: (request: IncomingMessage) => string | string[] | undefined,
  { store, authenticate }: { store: Store; authenticate: AuthenticateCaller },
): Pick<Api<Caller>, 'authenticate' | 'recheck'> {
  return {
    authenticate(request, operation) {
      const key = keyOf(request);
      const permission = operation?.permission as Permission | undefined;
      // The caller of a rejected request is undefined and never reaches an operation.
      return authenticate(typeof key === 'string' ? key : undefined, permission, request) as
        | Authenticated<Caller>
        | Promise<Authenticated<Caller>>;
    },
    recheck: (caller) => revocationError(store, caller),
  };
}

/** Returns the key of an `Authorization: Bearer` header. */
export function bearerOf({ headers }: IncomingMessage): string | undefined {
  return BEARER.exec(headers.authorization ?? '')?.[1];
}

/** Returns the bearer token, otherwise the `x-api-key` header. */
export function keyOf(request: IncomingMessage): string | undefined {
  const key = request.headers['x-api-key'];
  return bearerOf(request) ?? (typeof key === 'string' ? key : undefined);
}

const tooMany = (retryAfterSeconds: number) =>
  rateLimited(`Too many requests. Try again in ${retryAfterSeconds} s.`, retryAfterSeconds);
