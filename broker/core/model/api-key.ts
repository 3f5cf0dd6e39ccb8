/** Defines API keys, their permissions and the authenticated principal of a request. */
import type { Tenant } from './tenant.ts';

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

/** Who makes a change: an API key, a signed-in member, or the owner of the broker at its command line. */
export type Principal =
  | { kind: 'credential'; credential: Credential }
  | { kind: 'member'; memberId: string; sessionId: string; tenant: Tenant }
  | { kind: 'operator'; tenant: Tenant };

export function tenantOf(principal: Principal): Tenant {
  return principal.kind === 'credential' ? principal.credential.tenant : principal.tenant;
}
