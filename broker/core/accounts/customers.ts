/** Who calls an API by a key, and what such a caller changes. */

import { type HomingError, unauthorized } from '../errors.ts';
import type { Queries, Store } from '../store-port.ts';
import type { Credential } from './accounts.ts';
import type { Plan } from './plans.ts';

export interface Customer {
  credential: Credential;
  plan: Plan;
}

/** A change in one transaction, made only while the key still counts. */
export function changeAs<T>(
  store: Store,
  { credential }: Customer,
  work: (tx: Queries) => Promise<T>,
): Promise<T> {
  return store.transaction(async (tx) => {
    if (!(await tx.credentials.isLive(credential.id))) throw unauthorized();
    return work(tx);
  });
}

/** Why a key that was let in is so no longer. */
export async function revocationOf(store: Store, { credential }: Customer): Promise<HomingError | undefined> {
  return (await store.read.credentials.isLive(credential.id)) ? undefined : unauthorized();
}
