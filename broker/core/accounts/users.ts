/** Finding and changing the people of an account. */

import { notFound } from '../model/errors.ts';
import type { Tenant } from '../model/tenant.ts';
import { firstUser, firstUserId, type User } from '../model/user.ts';
import type { Queries } from '../ports/store.ts';

/** The world's user of this id; the first one is there before it was ever written down. */
export async function findUser(tx: Queries, tenant: Tenant, id: string, now: number): Promise<User> {
  const user = await tx.users.find(tenant.id, id);
  if (user !== undefined) return user;
  if (id === firstUserId(tenant)) return firstUser(tenant, now);
  throw notFound('User');
}

export async function updateUser(
  tx: Queries,
  tenant: Tenant,
  id: string,
  change: Partial<Pick<User, 'name' | 'email' | 'customFields'>>,
  now: number,
): Promise<User> {
  const next = { ...(await findUser(tx, tenant, id, now)), ...change, updatedAt: now };
  await tx.users.put(next);
  return next;
}
