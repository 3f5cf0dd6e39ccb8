/**
 * Accounts, their two worlds and the credentials that open them. A world is one account's live side or its
 * sandbox: numbers, devices, messages and counters belong to exactly one world, and every look-up names it,
 * so that nothing of another account, nor of the sandbox, can be met by accident.
 */
export type Environment = 'live' | 'test';

export interface Account {
  id: string;
  slug: string;
  plan: string;
  createdAt: number;
}

export interface Tenant {
  id: number;
  accountId: string;
  accountSlug: string;
  environment: Environment;
  plan: string;
}

export const PERMISSIONS = [
  'messages:send',
  'messages:read',
  'webhooks:manage',
  'numbers:read',
  'numbers:write',
  'mcp:read',
  'mcp:execute',
  '*',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

export interface Credential {
  id: string;
  tenant: Tenant;
  label: string;
  permissions: readonly Permission[];
  createdAt: number;
  revokedAt: number | null;
}

export function isPermitted(credential: Credential, permission: Permission): boolean {
  return credential.permissions.includes('*') || credential.permissions.includes(permission);
}

/** Who asks: a customer's key, or the owner of the broker at its command line. */
export type Principal = { kind: 'credential'; credential: Credential } | { kind: 'operator'; tenant: Tenant };

export function tenantOf(principal: Principal): Tenant {
  return principal.kind === 'credential' ? principal.credential.tenant : principal.tenant;
}
