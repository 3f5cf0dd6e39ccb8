/** Queries of members, their sessions, sign-in links and passkeys, and of the audit log of the dashboard. */
import type { Member, MemberChange, MemberSession, Passkey, Role, SignInLink } from '../model/member.ts';
import type { Page } from './inbox.ts';

export interface MemberQueries {
  insert(member: Member, passwordHash: string): Promise<void>;
  /** Without removed members. */
  find(accountId: string, id: string): Promise<Member | undefined>;
  /** Of any account, without removed members. */
  findById(id: string): Promise<Member | undefined>;
  /** Returns the member with the password hash. `email` is in lower case. Without removed members. */
  findByEmail(email: string): Promise<{ member: Member; passwordHash: string } | undefined>;
  passwordHash(id: string): Promise<string | undefined>;
  /** Without removed members, in the order of their creation. */
  list(accountId: string): Promise<Member[]>;
  /** Includes removed members, whose names the audit log shows. */
  named(accountId: string, ids: readonly string[]): Promise<Member[]>;
  setRole(id: string, role: Role): Promise<void>;
  setName(id: string, name: string): Promise<void>;
  setPassword(id: string, hash: string): Promise<void>;
  setSeen(id: string, at: number): Promise<void>;
  remove(id: string, at: number): Promise<void>;
  /** Deletes up to `limit` members removed before the time. Returns the number of deletions. */
  purgeRemoved(before: number, limit: number): Promise<number>;
}

export interface MemberSessionQueries {
  insert(session: MemberSession, tokenHash: string): Promise<void>;
  /** Returns the live session of a token with its member. */
  findLive(tokenHash: string, now: number): Promise<{ session: MemberSession; member: Member } | undefined>;
  /** Returns the member of a session; undefined if the session has ended or the member was removed. */
  liveMember(id: string, now: number): Promise<Member | undefined>;
  /** Live sessions, newest first. */
  list(memberId: string, now: number): Promise<MemberSession[]>;
  setUsed(id: string, at: number, expiresAt: number): Promise<void>;
  /** Returns false if the member has no such live session. */
  revoke(memberId: string, id: string, at: number): Promise<boolean>;
  /** Revokes all sessions of a member, except one. */
  revokeAll(memberId: string, exceptId: string | null, at: number): Promise<void>;
  /** Deletes up to `limit` sessions that ended before the time. Returns the number of deletions. */
  purge(before: number, limit: number): Promise<number>;
}

export interface SignInLinkQueries {
  insert(link: SignInLink, tokenHash: string): Promise<void>;
  findByHash(tokenHash: string): Promise<SignInLink | undefined>;
  /** Open invitations of the account, newest first. */
  listOpen(accountId: string, now: number): Promise<SignInLink[]>;
  setUsed(id: string, at: number): Promise<void>;
  /** Returns false if the account has no such open invitation. */
  revoke(accountId: string, id: string, at: number): Promise<boolean>;
  /** Revokes the open links of a member; `null`: the links of the first owner. */
  revokeOf(accountId: string, memberId: string | null, at: number): Promise<void>;
  /** Deletes up to `limit` links that expired before the time. Returns the number of deletions. */
  purge(before: number, limit: number): Promise<number>;
}

export interface PasskeyQueries {
  insert(passkey: Passkey): Promise<void>;
  findByCredential(credentialId: string): Promise<Passkey | undefined>;
  list(memberId: string): Promise<Passkey[]>;
  setUsed(id: string, counter: number, at: number): Promise<void>;
  /** Returns false if the member has no such passkey. */
  remove(memberId: string, id: string): Promise<boolean>;
  removeAll(memberId: string): Promise<void>;
}

export interface MemberChangeQueries {
  insert(change: MemberChange): Promise<void>;
  /** Newest first. */
  list(accountId: string, page: Omit<Page, 'offset'>): Promise<MemberChange[]>;
  /** Deletes up to `limit` entries older than the id. Returns the number of deletions. */
  purge(beforeId: string, limit: number): Promise<number>;
}
