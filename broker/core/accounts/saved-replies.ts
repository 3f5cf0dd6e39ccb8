/** Creates and updates the saved replies of the users of a tenant. */
import type { IdSource } from '../../../shared/ids.ts';
import { conflict, notFound } from '../model/errors.ts';
import type { Tenant } from '../model/tenant.ts';
import type { SavedReply } from '../model/user.ts';
import type { Queries } from '../ports/store.ts';
import { findUser } from './users.ts';

/** Maximum number of saved replies of a user; lists return all of them. */
const SAVED_REPLIES_MAX = 500;

type SavedReplyText = Pick<SavedReply, 'title' | 'body'>;

/** @throws HomingError `not_found` for an unknown user, `conflict` if the user has too many saved replies */
export async function createSavedReply(
  tx: Queries,
  tenant: Tenant,
  userId: string,
  { title, body }: SavedReplyText,
  { now, ids }: { now: () => number; ids: IdSource },
): Promise<SavedReply> {
  const at = now();
  const user = await findUser(tx, tenant, userId, at);
  if ((await tx.savedReplies.count(tenant.id, userId)) >= SAVED_REPLIES_MAX) {
    throw conflict(`A user can have at most ${SAVED_REPLIES_MAX} saved replies. Delete unused ones.`);
  }
  // The reply refers to a stored user. The first user is not stored until it is needed.
  await tx.users.put(user);
  const times = { createdAt: at, updatedAt: at };
  const reply: SavedReply = { id: ids(), tenantId: tenant.id, userId: user.id, title, body, ...times };
  await tx.savedReplies.insert(reply);
  return reply;
}

export async function updateSavedReply(
  tx: Queries,
  tenantId: number,
  id: string,
  change: Partial<SavedReplyText>,
  now: number,
): Promise<SavedReply> {
  const reply = await tx.savedReplies.find(tenantId, id);
  if (reply === undefined) throw notFound('Saved reply');
  const next = { ...reply, ...change, updatedAt: now };
  await tx.savedReplies.update(next);
  return next;
}
