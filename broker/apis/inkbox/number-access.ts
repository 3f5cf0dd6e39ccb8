/** Resolves the number of a request, and checks the second permission of an update. */
import { readUuid } from '../../../shared/ids.ts';
import { type Caller, changeAs } from '../../core/accounts/caller.ts';
import { findSandboxNumber } from '../../core/messages/sender-number.ts';
import { isPermitted } from '../../core/model/api-key.ts';
import { forbidden, notFound } from '../../core/model/errors.ts';
import type { OwnNumber } from '../../core/model/number.ts';
import type { Queries } from '../../core/ports/store.ts';
import type { InkboxOptions } from './options.ts';

/** Returns the caller's number by its id. @throws HomingError `forbidden` if the number belongs to another account. */
export async function numberOf(
  queries: Queries,
  { credential: { tenant } }: Caller,
  pathId: string | undefined,
): Promise<OwnNumber> {
  const id = readUuid(pathId ?? '');
  if (id === undefined) throw notFound('Number');
  const number = await queries.numbers.find(tenant.id, id);
  if (number !== undefined) return number;
  const owner = await queries.numbers.ownerOf(id);
  if (owner !== undefined && !owner.isRemoved && owner.accountId !== tenant.accountId)
    throw forbidden('This number belongs to another organization.');
  throw notFound('Number');
}

/** Returns all numbers of the account. */
export async function numbersOf(
  { store, sandboxContext }: Pick<InkboxOptions, 'store' | 'sandboxContext'>,
  caller: Caller,
): Promise<OwnNumber[]> {
  const { tenant } = caller.credential;
  const numbers = await store.read.numbers.list(tenant.id);
  if (numbers.length > 0 || tenant.environment === 'live') return numbers;
  // A sandbox number is created by its first send, but this API needs an id to send.
  return [await changeAs(store, caller, (tx) => findSandboxNumber(tx, tenant.id, undefined, sandboxContext))];
}

/** For updates, which need `messages:send`: their responses show texts. @throws HomingError */
export function assertMayRead({ credential }: Caller): void {
  if (!isPermitted(credential, 'messages:read'))
    throw forbidden("Your API key does not have the 'messages:read' permission.");
}
