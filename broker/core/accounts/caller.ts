/** Who calls an API by a key, and what such a caller changes. */

import type { Credential } from '../model/api-key.ts';
import { type HomingError, unauthorized } from '../model/errors.ts';
import type { Plan } from '../model/plan.ts';
import type { Queries, Store } from '../ports/store.ts';

export interface Caller {
  credential: Credential;
  plan: Plan;
}

/** A change in one transaction, made only while the key still counts. */
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

/** Why a key that was let in is so no longer. */
export async function revocationError(
  store: Store,
  { credential }: Caller,
): Promise<HomingError | undefined> {
  return (await store.read.credentials.isLive(credential.id)) ? undefined : unauthorized();
}
