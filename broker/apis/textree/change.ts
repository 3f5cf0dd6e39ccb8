/** Writes that a token asks for. */
import { unauthorized } from '../../core/errors.ts';
import type { Queries, Store } from '../../core/store-port.ts';
import type { Customer } from '../../core/submission.ts';

/** A change in one transaction, made only while the token still counts. */
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
