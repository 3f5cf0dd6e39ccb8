/** Defines the operations of the dashboard, which only members with a role can call. */
import type { Role } from '../../core/model/member.ts';
import { type Operation, operation } from '../../http/operation.ts';
import type { AdminCaller } from './caller.ts';
import type { ChangeFeed, ChangeTopic } from './change-feed.ts';

export interface AdminOperation extends Operation<AdminCaller> {
  /** Published after each success of an operation that is not a GET. */
  changes?: readonly ChangeTopic[];
}

/** Paths of one tenant contain this parameter. Other paths concern the whole account. */
const ENVIRONMENT = ':environment';

/** Checks the types of an operation for members whose role is at least `permission`. */
export function adminOperation<Query, Body>(
  value: Operation<AdminCaller, Query, Body> & { permission: Role; changes?: readonly ChangeTopic[] },
): AdminOperation {
  return isOfTenant(value)
    ? { ...operation(value), isFor: ({ environment }) => environment === 'live' || environment === 'test' }
    : operation(value);
}

/** Checks the types of an operation that needs no session, such as the sign-in. Its caller is undefined. */
export function publicOperation<Query, Body>(value: Operation<undefined, Query, Body>): AdminOperation {
  return operation(value) as unknown as AdminOperation;
}

export const isOfTenant = ({ path }: { path: string }) => path.includes(ENVIRONMENT);

/** Publishes the changes of the operation after each success. */
export function publishing(feed: ChangeFeed, { changes, ...value }: AdminOperation): Operation<AdminCaller> {
  if (changes === undefined) return value;
  // A change is also an entry of the audit log.
  const topics: readonly ChangeTopic[] = [...changes, 'audit'];
  return {
    ...value,
    async handle(request) {
      const response = await value.handle(request);
      const { member, tenant, environment } = request.caller;
      feed.publish(member.accountId, environment === null ? null : tenant.id, topics);
      return response;
    },
  };
}
