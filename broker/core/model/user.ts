/** The people of the account who write: every key writes as the account's first user. */
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

/** Known without a look-up, so that a message names it before anybody has asked for the user. */
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
