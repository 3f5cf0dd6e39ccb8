/** Finds and updates the users of a tenant. */
import { notFound } from '../model/errors.ts';
import type { Tenant } from '../model/tenant.ts';
import { firstUser, firstUserId, type User } from '../model/user.ts';
import type { Queries } from '../ports/store.ts';

/** Returns the user. The first user of a tenant exists before it is stored. */
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
