/** Defines the signed-in member of a request, and runs changes while the session is live. */
import type { IdSource } from '../../../shared/ids.ts';
import type { Sender } from '../../core/accounts/caller.ts';
import { type AuditedChange, recordChange } from '../../core/members/audit.ts';
import { HomingError, unauthorized } from '../../core/model/errors.ts';
import type { Member } from '../../core/model/member.ts';
import type { Plan } from '../../core/model/plan.ts';
import type { Environment, Tenant } from '../../core/model/tenant.ts';
import type { Queries, Store } from '../../core/ports/store.ts';

export interface AdminCaller {
  member: Member;
  sessionId: string;
  /** The tenant of the path; the live tenant for operations of the whole account. */
  tenant: Tenant;
  /** The environment of the path; null for operations of the whole account. */
  environment: Environment | null;
  plan: Plan;
}

export function senderOf({ member, sessionId, tenant, plan }: AdminCaller): Sender {
  return { principal: { kind: 'member', memberId: member.id, sessionId, tenant }, plan };
}

/**
 * Runs `work` in one transaction and adds the change to the audit log. `change` may be a function of the result of
 * `work`, for ids that only the change creates.
 *
 * @throws HomingError if the session ended or the role changed after the authentication
 */
export function changeAsMember<T>(
  store: Store,
  { member, sessionId, environment }: Pick<AdminCaller, 'member' | 'sessionId' | 'environment'>,
  change: AuditedChange | ((result: T) => AuditedChange),
  context: { now: () => number; ids: IdSource },
  work: (tx: Queries) => Promise<T>,
): Promise<T> {
  return store.transaction(async (tx) => {
    await assertSignedIn(tx, { member, sessionId }, context.now());
    const result = await work(tx);
    const made = typeof change === 'function' ? change(result) : change;
    await recordChange(tx, member, made, context, environment);
    return result;
  });
}

/** @throws HomingError if the session ended or the role changed after the authentication */
export async function assertSignedIn(
  tx: Queries,
  { member, sessionId }: Pick<AdminCaller, 'member' | 'sessionId'>,
  now: number,
): Promise<void> {
  const current = await tx.memberSessions.liveMember(sessionId, now);
  if (current?.role !== member.role) throw signedOut();
}

export const signedOut = () => unauthorized('You are not signed in. Sign in again.');

export const roleRequired = (needed: string, role: string) =>
  new HomingError('forbidden', `This needs the role '${needed}', but your role is '${role}'.`, {
    fix: 'Ask an owner of the account to change your role.',
  });
