/** Defines the members of an account, who use the dashboard: roles, sessions, sign-in links and passkeys. */
import type { Environment } from './tenant.ts';

/** From the least to the most permitted role. */
export const ROLES = ['viewer', 'member', 'owner'] as const;
/** `viewer` reads; `member` also works in the inbox, with messages and contacts; `owner` can do everything. */
export type Role = (typeof ROLES)[number];

export function isAtLeast(role: Role, least: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least);
}

export interface Member {
  id: string;
  accountId: string;
  /** Lower case; unique among the members of all accounts. */
  email: string;
  name: string;
  role: Role;
  createdAt: number;
  lastSeenAt: number | null;
  removedAt: number | null;
}

export interface MemberSession {
  id: string;
  memberId: string;
  createdAt: number;
  lastUsedAt: number;
  expiresAt: number;
  userAgent: string;
  address: string;
  revokedAt: number | null;
}

/** A link that signs in its member, or that creates a member with its role. It works once. */
export interface SignInLink {
  id: string;
  accountId: string;
  role: Role;
  /** The member who signs in; null: the link creates a member. */
  memberId: string | null;
  /** The member who created the invitation; null: the link was created at the command line. */
  createdBy: string | null;
  /** Note of the creator, such as the name of the invited person. */
  label: string;
  createdAt: number;
  expiresAt: number;
  usedAt: number | null;
  revokedAt: number | null;
}

export interface Passkey {
  id: string;
  memberId: string;
  /** Id by which the authenticator names the passkey, base64url. */
  credentialId: string;
  /** COSE key. */
  publicKey: Uint8Array;
  counter: number;
  transports: readonly string[];
  name: string;
  createdAt: number;
  lastUsedAt: number | null;
}

/** An entry of the audit log of the dashboard. */
export interface MemberChange {
  id: string;
  accountId: string;
  memberId: string;
  /** Null: a change of the whole account. */
  environment: Environment | null;
  /** Such as `member.removed`. */
  action: string;
  /** Id of the changed resource, as serialized. */
  target: string | null;
  detail: Readonly<Record<string, unknown>>;
  at: number;
}
