/** Runs changes for the authenticated caller of an API while its key is valid. */
import type { Credential, Principal } from '../model/api-key.ts';
import { type HomingError, unauthorized } from '../model/errors.ts';
import { isAtLeast } from '../model/member.ts';
import type { Plan } from '../model/plan.ts';
import type { Queries, Store } from '../ports/store.ts';

export interface Caller {
  credential: Credential;
  plan: Plan;
}

/** A principal, and the plan of its account with the limits for sending. */
export interface Sender {
  principal: Principal;
  plan: Plan;
}

export function senderOf({ credential, plan }: Caller): Sender {
  return { principal: { kind: 'credential', credential }, plan };
}

/** False if the API key was revoked, or the session of the member has ended or the member may no longer send. */
export function isLive(tx: Queries, principal: Principal, now: number): Promise<boolean> {
  switch (principal.kind) {
    case 'credential':
      return tx.credentials.isLive(principal.credential.id);
    case 'member':
      return maySend(tx, principal.sessionId, now);
    case 'operator':
      return Promise.resolve(true);
  }
}

async function maySend(tx: Queries, sessionId: string, now: number): Promise<boolean> {
  const member = await tx.memberSessions.liveMember(sessionId, now);
  return member !== undefined && isAtLeast(member.role, 'member');
}

/** Runs `work` in one transaction. @throws HomingError if the key was revoked after the authentication */
export function changeAs<T>(
  store: Store,
  { credential }: Caller,
  work: (tx: Queries) => Promise<T>,
): Promise<T> {
  return store.transaction(async (tx) => {
    if (!(await tx.credentials.isLive(credential.id))) throw unauthorized();
    return work(tx);
  });
}

/** Returns the error for a key that was revoked after the authentication; undefined if it is valid. */
export async function revocationError(
  store: Store,
  { credential }: Caller,
): Promise<HomingError | undefined> {
  return (await store.read.credentials.isLive(credential.id)) ? undefined : unauthorized();
}
