/** Runs changes for the authenticated caller of an API while its key is valid. */
import type { Credential, Principal } from '../model/api-key.ts';
import { type HomingError, unauthorized } from '../model/errors.ts';
import type { Plan } from '../model/plan.ts';
import type { Queries, Store } from '../ports/store.ts';

export interface Caller {
  credential: Credential;
  plan: Plan;
}

/** A principal with the plan of its account, which limits what it sends. */
export interface Sender {
  principal: Principal;
  plan: Plan;
}

export function senderOf({ credential, plan }: Caller): Sender {
  return { principal: { kind: 'credential', credential }, plan };
}

/** False if the API key was revoked. */
export function isLive(tx: Queries, principal: Principal): Promise<boolean> {
  if (principal.kind === 'credential') return tx.credentials.isLive(principal.credential.id);
  return Promise.resolve(true);
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
