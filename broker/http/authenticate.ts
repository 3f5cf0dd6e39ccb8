/**
 * Who calls: an API key becomes a credential, counted against its plan's requests a minute. Every answer to a
 * known key carries what is left of the minute; strangers share a minute of their own by address.
 */
import type { IncomingMessage } from 'node:http';
import { type Credential, isPermitted, type Permission } from '../core/accounts.ts';
import { forbidden, type HomingError, rateLimited, unauthorized } from '../core/errors.ts';
import { type Plan, type PlanTable, planNamed } from '../core/plans.ts';
import { MinuteLimit } from '../core/rate-limits.ts';
import type { Secrets } from '../core/secrets-port.ts';
import type { Store } from '../core/store-port.ts';

export interface Customer {
  credential: Credential;
  plan: Plan;
}

export interface CustomerAuthentication {
  headers: Record<string, string>;
  caller: Customer | undefined;
  refusal: HomingError | undefined;
}

export type AuthenticateCustomer = (
  key: string | undefined,
  permission: Permission | undefined,
  request: IncomingMessage,
) => Promise<CustomerAuthentication>;

const KEY = /^tb_(?:live|test)_[a-z0-9]{32}$/;
/** Requests a minute without a valid key, from one address. */
const STRANGER_REQUESTS_PER_MINUTE = 5_000;

export function createCustomerAuthentication(options: {
  store: Store;
  secrets: Secrets;
  plans: PlanTable;
  now: () => number;
}): AuthenticateCustomer {
  const { store, secrets, plans, now } = options;
  const customers = new MinuteLimit(now);
  const strangers = new MinuteLimit(now);

  return async (key, permission, request) => {
    const credential =
      key !== undefined && KEY.test(key)
        ? await store.read.credentials.findByHash(secrets.hash(key))
        : undefined;
    if (credential === undefined || credential.revokedAt !== null) {
      const taken = strangers.take(request.socket.remoteAddress ?? '', STRANGER_REQUESTS_PER_MINUTE);
      return {
        headers: { 'x-ratelimit-remaining': String(taken.remaining) },
        caller: undefined,
        refusal: taken.isAllowed ? unauthorized() : tooMany(taken.retryAfterSeconds),
      };
    }
    const plan = planNamed(plans, credential.world.plan);
    const taken = customers.take(credential.world.id, plan.apiRequestsPerMinute);
    const headers = { 'x-ratelimit-remaining': String(taken.remaining) };
    const caller = { credential, plan };
    if (!taken.isAllowed) return { headers, caller, refusal: tooMany(taken.retryAfterSeconds) };
    if (permission !== undefined && !isPermitted(credential, permission)) {
      const refusal = forbidden(`Your API key does not have the '${permission}' permission.`);
      return { headers, caller, refusal };
    }
    return { headers, caller, refusal: undefined };
  };
}

const tooMany = (retryAfterSeconds: number) =>
  rateLimited(`Too many requests. Try again in ${retryAfterSeconds} s.`, retryAfterSeconds);
