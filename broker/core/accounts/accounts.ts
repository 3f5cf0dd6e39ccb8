/** Creates accounts and finds their tenants. */
import type { IdSource } from '../../../shared/ids.ts';
import type { Account } from '../model/account.ts';
import { conflict, invalidRequest, notFound } from '../model/errors.ts';
import { DEFAULT_PLAN, type PlanTable } from '../model/plan.ts';
import type { Environment, Tenant } from '../model/tenant.ts';
import type { Queries } from '../ports/store.ts';
import { isReservedSlug } from './reserved-slugs.ts';

export interface AccountContext {
  ids: IdSource;
  now: () => number;
}

const SLUG = /^[a-z0-9][a-z0-9-]{0,62}$/;

export const DEFAULT_ACCOUNT = 'default';

export async function createAccount(
  tx: Queries,
  slug: string,
  plan: string,
  plans: PlanTable,
  { ids, now }: AccountContext,
): Promise<Account> {
  if (!SLUG.test(slug)) {
    throw invalidRequest(
      `Invalid slug '${slug}'. Use 1 to 63 lower-case letters, digits and dashes, such as acme-sales.`,
      'slug',
    );
  }
  if (isReservedSlug(slug)) {
    throw invalidRequest(`The slug '${slug}' is reserved. Choose another slug.`, 'slug');
  }
  assertPlan(plan, plans);
  if ((await tx.accounts.findBySlug(slug)) !== undefined)
    throw conflict(`An account with the slug '${slug}' exists. Choose another slug.`, 'slug');
  const account = { id: ids(), slug, plan, createdAt: now() };
  await tx.accounts.insert(account);
  return account;
}

export function assertPlan(plan: string, plans: PlanTable): void {
  if (!Object.hasOwn(plans, plan)) {
    throw invalidRequest(`Unknown plan '${plan}'. Use one of ${Object.keys(plans).join(', ')}.`, 'plan');
  }
}

export async function findTenant(tx: Queries, slug: string, environment: Environment): Promise<Tenant> {
  const account = await tx.accounts.findBySlug(slug);
  const tenant = account && (await tx.accounts.tenant(account.id, environment));
  if (tenant === undefined) throw notFound(`Account '${slug}'`);
  return tenant;
}

/** Creates the account of a self-hosted broker if the store has no account. */
export async function ensureDefaultAccount(
  tx: Queries,
  context: AccountContext,
  plans: PlanTable,
): Promise<void> {
  if ((await tx.accounts.count(1)) === 0)
    await createAccount(tx, DEFAULT_ACCOUNT, DEFAULT_PLAN, plans, context);
}
