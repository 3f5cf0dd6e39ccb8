/** A number of the account's own that a request names. */
import { invalidRequest } from '../../core/model/errors.ts';
import type { Queries } from '../../core/ports/store.ts';

/** null where none is named. @throws HomingError that blames the parameter, where it is not the account's. */
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
