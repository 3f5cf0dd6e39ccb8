/** Changes the role of members and removes them. An account always keeps an owner. */
import { conflict, notFound } from '../model/errors.ts';
import type { Member, Role } from '../model/member.ts';
import type { Queries } from '../ports/store.ts';

/** @throws HomingError if there is no such member, or the member is the last owner */
export async function changeMember(
  tx: Queries,
  accountId: string,
  id: string,
  { role, name }: { role?: Role | undefined; name?: string | undefined },
): Promise<Member> {
  const member = await findMember(tx, accountId, id);
  if (role !== undefined && role !== member.role) {
    await assertOtherOwner(tx, member);
    await tx.members.setRole(id, role);
  }
  if (name !== undefined) await tx.members.setName(id, name);
  return { ...member, role: role ?? member.role, name: name ?? member.name };
}

/** Removes a member and ends the sessions. The audit log still names the member. @throws HomingError */
export async function removeMember(tx: Queries, accountId: string, id: string, now: number): Promise<Member> {
  const member = await findMember(tx, accountId, id);
  await assertOtherOwner(tx, member);
  await tx.members.remove(id, now);
  await tx.memberSessions.revokeAll(id, null, now);
  await tx.passkeys.removeAll(id);
  return member;
}

async function findMember(tx: Queries, accountId: string, id: string): Promise<Member> {
  const member = await tx.members.find(accountId, id);
  if (member === undefined) throw notFound('Member');
  return member;
}

async function assertOtherOwner(tx: Queries, { id, accountId, role }: Member): Promise<void> {
  if (role !== 'owner') return;
  const members = await tx.members.list(accountId);
  if (members.some((other) => other.role === 'owner' && other.id !== id)) return;
  throw conflict('This member is the last owner of the account. Make another member an owner first.');
}
