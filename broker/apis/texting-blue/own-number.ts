/** Resolves a number of the account in a request. */
import { invalidRequest } from '../../core/model/errors.ts';
import type { Queries } from '../../core/ports/store.ts';

/** Returns null if the request contains no number. @throws HomingError with `param` if it is not the account's. */
export async function ownNumberId(
  read: Queries,
  tenantId: number,
  phoneNumber: string | null | undefined,
  param: string,
): Promise<string | null> {
  if (phoneNumber == null) return null;
  const number = await read.numbers.findByPhone(tenantId, phoneNumber);
  if (number === undefined) throw invalidRequest(`${phoneNumber} is not a number of this account.`, param);
  return number.id;
}
