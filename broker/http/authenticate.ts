/**
 * Authenticates callers by their API key and counts requests against the plan's limit per minute. Every response contains
 * the limit, the remaining requests and the time until the limit resets. Requests without a valid key are counted by
 * network address.
 */
import type { IncomingMessage } from 'node:http';
import { type Caller, revocationError } from '../core/accounts/caller.ts';
import type { KeyUse } from '../core/accounts/key-use.ts';
import { isPermitted, type Permission } from '../core/model/api-key.ts';
import { forbidden, type HomingError, rateLimited } from '../core/model/errors.ts';
import { type PlanTable, planNamed } from '../core/model/plan.ts';
import type { Allowance, RateLimits } from '../core/ports/rate-limits.ts';
import type { Secrets } from '../core/ports/secrets.ts';
import type { Store } from '../core/ports/store.ts';
import type { ClientAddresses } from './client-address.ts';
import { keyError, keyIn } from './key-places.ts';
import type { Api, Authenticated, KeyPlace } from './operation.ts';

export interface CallerAuthentication {
  headers: Record<string, string>;
  caller: Caller | undefined;
  error: HomingError | undefined;
}

/** Returns synchronously for a cached key if the broker is alone on its database, which is the common case. */
export type AuthenticateCaller = (
  request: IncomingMessage,
  /** Headers of the key. */
  places: readonly KeyPlace[],
  permission: Permission | undefined,
) => CallerAuthentication | Promise<CallerAuthentication>;

const KEY = /^(?:tb_(?:live|test)_[a-z0-9]{32}|txt_[a-z0-9]{40})$/;
const CACHE_MAX = 10_000;
/** Maximum requests per minute without a valid key, from one address. */
const ANONYMOUS_REQUESTS_PER_MINUTE = 5_000;

export function createCallerAuthentication(options: {
  store: Store;
  secrets: Secrets;
  plans: PlanTable;
  limits: RateLimits;
  clientAddresses: ClientAddresses;
  keyUse: Pick<KeyUse, 'mark'>;
}): AuthenticateCaller {
  const { store, secrets, plans, limits, clientAddresses, keyUse } = options;
  const callerLimit = limits.open('requests');
  const addressLimit = limits.open('anonymous requests');

  /** Callers by key, valid until an account, key or number changes. Unknown keys are not cached. */
  const cache = new Map<string, Caller>();
  let cachedAt = -1;

  const admit = (
    caller: Caller,
    permission: Permission | undefined,
  ): CallerAuthentication | Promise<CallerAuthentication> => {
    keyUse.mark(caller.credential.id);
    const taken = callerLimit.take(caller.credential.tenant.id, caller.plan.apiRequestsPerMinute);
    return taken instanceof Promise
      ? taken.then((one) => admitTaken(caller, permission, one))
      : admitTaken(caller, permission, taken);
  };

  const admitTaken = (
    caller: Caller,
    permission: Permission | undefined,
    taken: Allowance,
  ): CallerAuthentication => {
    const headers = rateLimitHeaders(caller.plan.apiRequestsPerMinute, taken);
    if (!taken.isAllowed) return { headers, caller, error: tooMany(taken.retryAfterSeconds) };
    if (permission !== undefined && !isPermitted(caller.credential, permission)) {
      const error = forbidden(`Your API key does not have the '${permission}' permission.`);
      return { headers, caller, error };
    }
    return { headers, caller, error: undefined };
  };

  const lookUp = async (
    key: string | undefined,
    request: IncomingMessage,
    places: readonly KeyPlace[],
    permission: Permission | undefined,
    version: number,
  ): Promise<CallerAuthentication> => {
    const isWellFormed = key !== undefined && KEY.test(key);
    const credential = isWellFormed ? await store.read.credentials.findByHash(secrets.hash(key)) : undefined;
    if (key === undefined || credential === undefined || credential.revokedAt !== null) {
      const taken = await addressLimit.take(clientAddresses.of(request), ANONYMOUS_REQUESTS_PER_MINUTE);
      return {
        headers: rateLimitHeaders(ANONYMOUS_REQUESTS_PER_MINUTE, taken),
        caller: undefined,
        error: taken.isAllowed
          ? keyError(request, places, { isWellFormed })
          : tooMany(taken.retryAfterSeconds),
      };
    }
    const caller = { credential, plan: planNamed(plans, credential.tenant.plan) };
    if (store.referenceVersion() === version && cachedAt === version) cache.set(key, caller);
    return admit(caller, permission);
  };

  return (request, places, permission) => {
    const key = keyIn(request, places);
    const version = store.referenceVersion();
    if (version !== cachedAt || cache.size > CACHE_MAX) {
      cache.clear();
      cachedAt = version;
    }
    const caller = key === undefined ? undefined : cache.get(key);
    return caller === undefined
      ? lookUp(key, request, places, permission, version)
      : admit(caller, permission);
  };
}

/** Returns the authentication of an API that reads the key from these headers. */
export function authenticateByKey(
  places: readonly KeyPlace[],
  { store, authenticate }: { store: Store; authenticate: AuthenticateCaller },
): Pick<Api<Caller>, 'authenticate' | 'recheck'> {
  return {
    authenticate(request, operation) {
      const permission = operation?.permission as Permission | undefined;
      // The caller of a rejected request is undefined and never reaches an operation.
      return authenticate(request, places, permission) as
        | Authenticated<Caller>
        | Promise<Authenticated<Caller>>;
    },
    recheck: (caller) => revocationError(store, caller),
  };
}

function rateLimitHeaders(
  limit: number,
  { remaining, retryAfterSeconds }: Allowance,
): Record<string, string> {
  return {
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': String(retryAfterSeconds),
  };
}

const tooMany = (retryAfterSeconds: number) =>
  rateLimited(`Too many requests. Try again in ${retryAfterSeconds} s.`, retryAfterSeconds);
