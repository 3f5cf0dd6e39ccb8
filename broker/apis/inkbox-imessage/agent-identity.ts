/** The agent identity of an account: a fixed UUID, because a key of this broker belongs to one account. */
import { derivedId, formatUuid } from '../../../shared/ids.ts';
import type { Tenant } from '../../core/model/tenant.ts';

export function agentIdentityOf({ accountId }: Pick<Tenant, 'accountId'>): string {
  return formatUuid(derivedId('agent identity', accountId));
}

export function organizationOf({ accountId }: Pick<Tenant, 'accountId'>): string {
  return `org_${accountId}`;
}
