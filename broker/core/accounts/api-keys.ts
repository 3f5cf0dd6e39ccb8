/** API keys: made, listed, revoked. The key itself is shown once and kept as a hash only. */
import type { IdSource } from '../../../shared/ids.ts';
import type { Credential, Environment, Permission } from '../model/account.ts';
import { conflict, invalidRequest, notFound } from '../model/errors.ts';
import { DEFAULT_PLAN, type PlanTable } from '../model/plan.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Queries } from '../ports/store.ts';
import { isReservedSlug } from './reserved-slugs.ts';

export interface NewKey {
  id: string;
  key: string;
  label: string;
  permissions: readonly Permission[];
  environment: Environment;
  account: string;
}

export interface KeyContext {
  ids: IdSource;
  now: () => number;
  secrets: Secrets;
}

/** A key begins with `tb_` and its environment; a bearer token, which Textree's clients know, with `txt_`. */
export const KEY_PREFIXES = ['tb', 'txt'] as const;
export type KeyPrefix = (typeof KEY_PREFIXES)[number];

const SLUG = /^[a-z0-9][a-z0-9-]{0,62}$/;

export async function createAccount(
  tx: Queries,
  slug: string,
  plan: string,
  plans: PlanTable,
  context: Pick<KeyContext, 'ids' | 'now'>,
) {
  if (!SLUG.test(slug)) {
    throw invalidRequest(
      `'${slug}' is not a slug: use 1 to 63 lower-case letters, digits and dashes, such as acme-sales.`,
      'slug',
    );
  }
  if (isReservedSlug(slug)) {
    throw invalidRequest(`'${slug}' begins paths of Homing's own: choose another slug.`, 'slug');
  }
  assertPlan(plan, plans);
  if ((await tx.accounts.findBySlug(slug)) !== undefined)
    throw conflict(`The account '${slug}' exists already.`, 'slug');
  const account = { id: context.ids(), slug, plan, createdAt: context.now() };
  await tx.accounts.insert(account);
  return account;
}

export function assertPlan(plan: string, plans: PlanTable): void {
  if (!Object.hasOwn(plans, plan)) {
    throw invalidRequest(`There is no plan '${plan}'. Plans: ${Object.keys(plans).join(', ')}.`, 'plan');
  }
}

export async function createKey(
  tx: Queries,
  wanted: { label: string; permissions: readonly Permission[]; environment: Environment; account: string },
  { ids, now, secrets }: KeyContext,
  prefix: KeyPrefix = 'tb',
): Promise<NewKey> {
  if (wanted.permissions.length === 0)
    throw invalidRequest('A key needs at least one permission.', 'permissions');
  const tenant = await findTenant(tx, wanted.account, wanted.environment);
  const id = ids();
  const key = prefix === 'tb' ? secrets.newApiKey(wanted.environment) : secrets.newBearerToken();
  await tx.credentials.insert({
    id,
    tenantId: tenant.id,
    label: wanted.label,
    permissions: wanted.permissions,
    hash: secrets.hash(key),
    createdAt: now(),
  });
  return { id, key, ...wanted };
}

export async function findTenant(tx: Queries, slug: string, environment: Environment) {
  const account = await tx.accounts.findBySlug(slug);
  const tenant = account && (await tx.accounts.tenant(account.id, environment));
  if (tenant === undefined) throw notFound(`Account '${slug}'`);
  return tenant;
}

export const DEFAULT_ACCOUNT = 'default';

/** The account that a self-hosted broker works with; made when there is none. */
export async function ensureDefaultAccount(
  tx: Queries,
  context: KeyContext,
  plans: PlanTable,
): Promise<void> {
  if ((await tx.accounts.list()).length === 0)
    await createAccount(tx, DEFAULT_ACCOUNT, DEFAULT_PLAN, plans, context);
}

/** One live and one test key where nobody has made a key yet; else undefined. */
export async function createFirstKeys(tx: Queries, context: KeyContext) {
  if ((await tx.credentials.list()).length > 0) return undefined;
  const wanted = { permissions: ['*'] as Permission[], account: DEFAULT_ACCOUNT };
  return {
    live: await createKey(tx, { ...wanted, label: 'First live key', environment: 'live' }, context),
    test: await createKey(tx, { ...wanted, label: 'First test key', environment: 'test' }, context),
  };
}

/** Revokes for good; naming a key that is revoked already changes nothing. */
export async function revokeKey(tx: Queries, id: string, now: number): Promise<Credential> {
  const credential = await tx.credentials.find(id);
  if (credential === undefined) throw notFound('Key');
  await tx.credentials.revoke(id, now);
  return { ...credential, revokedAt: credential.revokedAt ?? now };
}
