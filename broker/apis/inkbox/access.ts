/** Which number a call is about, and whether its key may still change anything. */
import { readUuid } from '../../../shared/ids.ts';
import { forbidden, notFound, unauthorized } from '../../core/errors.ts';
import type { OwnNumber } from '../../core/numbers.ts';
import type { Queries, Store } from '../../core/store-port.ts';
import type { Customer } from '../../core/submission.ts';

/** The caller's number of the path's id. @throws HomingError `forbidden` where it is another organization's. */
export async function numberOf(
  queries: Queries,
  { credential: { world } }: Customer,
  shownId: string | undefined,
): Promise<OwnNumber> {
  const id = readUuid(shownId ?? '');
  if (id === undefined) throw notFound('Number');
  const number = await queries.numbers.find(world.id, id);
  if (number !== undefined) return number;
  const owner = await queries.numbers.whose(id);
  if (owner !== undefined && !owner.isRemoved && owner.accountId !== world.accountId)
    throw forbidden('This number belongs to another organization.');
  throw notFound('Number');
}

/** A change, made only while the key still counts. */
export function changeBy<T>(
  { credential }: Customer,
  store: Store,
  work: (tx: Queries) => Promise<T>,
): Promise<T> {
  return store.transaction(async (tx) => {
    if (!(await tx.credentials.isLive(credential.id))) throw unauthorized();
    return work(tx);
  });
}
