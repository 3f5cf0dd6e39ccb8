/** Defines the users of an account and their saved replies. Every API key sends as the first user of its tenant. */
import { derivedId } from '../../../shared/ids.ts';
import type { CustomFields } from './contact.ts';
import type { Tenant } from './tenant.ts';

export interface User {
  id: string;
  tenantId: number;
  name: string;
  email: string | null;
  customFields: CustomFields;
  createdAt: number;
  updatedAt: number;
}

export interface SavedReply {
  id: string;
  tenantId: number;
  userId: string;
  title: string;
  body: string;
  createdAt: number;
  updatedAt: number;
}

/** Derived from the tenant, so messages can refer to the first user before it is stored. */
export function firstUserId({ id }: Pick<Tenant, 'id'>): string {
  return derivedId('user', id);
}

export function firstUser(tenant: Tenant, at: number): User {
  return {
    id: firstUserId(tenant),
    tenantId: tenant.id,
    name: tenant.accountSlug,
    email: null,
    customFields: {},
    createdAt: at,
    updatedAt: at,
  };
}
