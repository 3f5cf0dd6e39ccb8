/**
 * Creates and redeems the links that sign in a member without a password. A link works once, and the store has only the
 * hash of its token. The token is in the fragment of the link, which a browser does not send to any server.
 */
import type { Account } from '../model/account.ts';
import { conflict, HomingError, invalidRequest, notFound, planLimitExceeded } from '../model/errors.ts';
import type { Member, Role, SignInLink } from '../model/member.ts';
import type { Queries } from '../ports/store.ts';
import type { MemberContext } from './sessions.ts';

export const LINK_MINUTES = 30;
export const INVITATION_DAYS = 7;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const INVITATIONS_MAX = 100;
const MEMBERS_MAX = 500;

const NEW_LINK =
  'Ask an owner for a new invitation, or run `homing dashboard` on the computer of the broker.';

/** The token is returned once. */
export interface NewLink {
  link: SignInLink;
  token: string;
}

/** Returns the link for a browser. `base` is the public URL of the broker. */
export function signInUrl(base: string, token: string): string {
  // A browser cannot open the address that means all addresses of a computer.
  const reachable = base.replace(/\/\/(?:0\.0\.0\.0|\[::\])(?=[:/]|$)/, '//localhost');
  return `${reachable}/dashboard/sign-in#token=${token}`;
}

/**
 * Creates a link for a member of the account, by default its first owner. The link of an account without members creates
 * the owner. Earlier links of the same member stop working.
 *
 * @throws HomingError if no member has the e-mail address
 */
export async function createSignInLink(
  tx: Queries,
  account: Pick<Account, 'id' | 'slug'>,
  email: string | undefined,
  context: MemberContext,
): Promise<string> {
  const members = await tx.members.list(account.id);
  const member =
    email === undefined
      ? members.find(({ role }) => role === 'owner')
      : members.find((one) => one.email === normalizeEmail(email));
  if (member === undefined && email !== undefined) {
    throw notFound(`A member '${email}' of account '${account.slug}'`);
  }
  await tx.signInLinks.revokeOf(account.id, member?.id ?? null, context.now());
  const { token } = await insertLink(tx, context, LINK_MINUTES * MINUTE_MS, {
    ...{ accountId: account.id, role: member?.role ?? 'owner', memberId: member?.id ?? null },
    ...{ createdBy: null, label: '' },
  });
  return token;
}

/** Creates an invitation. */
export async function createInvitation(
  tx: Queries,
  createdBy: Member,
  { role, label }: { role: Role; label: string },
  context: MemberContext,
): Promise<NewLink> {
  const { accountId } = createdBy;
  const open = await tx.signInLinks.listOpen(accountId, context.now());
  if (open.length >= INVITATIONS_MAX) {
    throw planLimitExceeded(`The account has ${open.length} open invitations. Revoke some of them first.`);
  }
  return insertLink(tx, context, INVITATION_DAYS * DAY_MS, {
    ...{ accountId, role, memberId: null },
    ...{ createdBy: createdBy.id, label },
  });
}

async function insertLink(
  tx: Queries,
  { now, ids, secrets }: MemberContext,
  lifeMs: number,
  given: Pick<SignInLink, 'accountId' | 'role' | 'memberId' | 'createdBy' | 'label'>,
): Promise<NewLink> {
  const token = secrets.newSigningKey();
  const createdAt = now();
  const link: SignInLink = {
    ...given,
    ...{ id: ids(), createdAt, expiresAt: createdAt + lifeMs, usedAt: null, revokedAt: null },
  };
  await tx.signInLinks.insert(link, secrets.hash(token));
  return { link, token };
}

/** Returns the open link of a token, and its member if it has one. @throws HomingError with the reason */
export async function findOpenLink(
  tx: Queries,
  token: string,
  { now, secrets }: Pick<MemberContext, 'now' | 'secrets'>,
): Promise<{ link: SignInLink; member: Member | undefined }> {
  const link = await tx.signInLinks.findByHash(secrets.hash(token));
  if (link === undefined) {
    throw new HomingError('not_found', 'This sign-in link is unknown.', { fix: NEW_LINK });
  }
  if (link.usedAt !== null) throw gone('was used already');
  if (link.revokedAt !== null) throw gone('was revoked');
  if (link.expiresAt <= now()) throw gone('has expired');
  const { accountId, memberId, createdBy } = link;
  if (memberId !== null) {
    const member = await tx.members.find(accountId, memberId);
    if (member === undefined) throw gone('belongs to a removed member');
    return { link, member };
  }
  if (createdBy === null) {
    const members = await tx.members.list(accountId);
    if (members.some(({ role }) => role === 'owner')) throw gone('is for the first owner, who exists');
  } else if ((await tx.members.find(accountId, createdBy))?.role !== 'owner') {
    throw gone('was created by a former owner');
  }
  return { link, member: undefined };
}

export interface NewMember {
  name: string | undefined;
  email: string | undefined;
  passwordHash: string | undefined;
}

/** Uses the link. Creates its member, or changes the password of the member if there is a new one. @throws HomingError */
export async function redeemLink(
  tx: Queries,
  token: string,
  given: NewMember,
  context: MemberContext,
): Promise<Member> {
  const { link, member } = await findOpenLink(tx, token, context);
  const at = context.now();
  await tx.signInLinks.setUsed(link.id, at);
  if (member === undefined) return insertMember(tx, link, given, context);
  if (given.passwordHash !== undefined) {
    await tx.members.setPassword(member.id, given.passwordHash);
    await tx.memberSessions.revokeAll(member.id, null, at);
  }
  return member;
}

async function insertMember(
  tx: Queries,
  { accountId, role }: SignInLink,
  { name, email, passwordHash }: NewMember,
  { now, ids }: MemberContext,
): Promise<Member> {
  if (name === undefined) throw invalidRequest("'name' is required.", 'name');
  if (email === undefined) throw invalidRequest("'email' is required.", 'email');
  if (passwordHash === undefined) throw invalidRequest("'password' is required.", 'password');
  const normalized = normalizeEmail(email);
  if ((await tx.members.findByEmail(normalized)) !== undefined) {
    throw conflict('A member of this broker has this e-mail address already. Use another one.', 'email');
  }
  if ((await tx.members.list(accountId)).length >= MEMBERS_MAX) {
    throw planLimitExceeded(`The account has ${MEMBERS_MAX} members, the maximum.`);
  }
  const member: Member = {
    ...{ id: ids(), accountId, email: normalized, name, role },
    ...{ createdAt: now(), lastSeenAt: null, removedAt: null },
  };
  await tx.members.insert(member, passwordHash);
  return member;
}

export const normalizeEmail = (email: string) => email.trim().toLowerCase();

const gone = (what: string) => new HomingError('gone', `This sign-in link ${what}.`, { fix: NEW_LINK });
