/** Creates and revokes API keys. A key is shown once; the store has only its hash. */
import type { Credential, Permission } from '../model/api-key.ts';
import { invalidRequest, notFound } from '../model/errors.ts';
import type { Environment } from '../model/tenant.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Queries } from '../ports/store.ts';
import { type AccountContext, DEFAULT_ACCOUNT, findTenant } from './accounts.ts';

export interface NewKey {
  id: string;
  key: string;
  label: string;
  permissions: readonly Permission[];
  environment: Environment;
  account: string;
}

export interface KeyContext extends AccountContext {
  secrets: Secrets;
}

/** `tb` keys also contain their environment; `txt` is the prefix of the bearer tokens that Textree clients expect. */
export const KEY_PREFIXES = ['tb', 'txt'] as const;
export type KeyPrefix = (typeof KEY_PREFIXES)[number];

export async function createKey(
  tx: Queries,
  request: Omit<NewKey, 'id' | 'key'>,
  { ids, now, secrets }: KeyContext,
  prefix: KeyPrefix = 'tb',
): Promise<NewKey> {
  const { label, permissions, environment, account } = request;
  if (permissions.length === 0)
    throw invalidRequest('An API key requires at least one permission.', 'permissions');
  const tenant = await findTenant(tx, account, environment);
  const id = ids();
  const key = prefix === 'tb' ? secrets.newApiKey(environment) : secrets.newBearerToken();
  await tx.credentials.insert({
    id,
    tenantId: tenant.id,
    label,
    permissions,
    hash: secrets.hash(key),
    createdAt: now(),
  });
  return { id, key, ...request };
}

/** Labels of the keys that the first start creates. */
export const FIRST_KEY_LABELS = { live: 'First live key', test: 'First test key' } as const;

/** Creates one live and one test key for the default account. Returns undefined if the store has any key already. */
export async function createFirstKeys(
  tx: Queries,
  context: KeyContext,
): Promise<{ live: NewKey; test: NewKey } | undefined> {
  if (await tx.credentials.hasAny()) return undefined;
  const request = { permissions: ['*'] as Permission[], account: DEFAULT_ACCOUNT };
  return {
    live: await createKey(tx, { ...request, label: FIRST_KEY_LABELS.live, environment: 'live' }, context),
    test: await createKey(tx, { ...request, label: FIRST_KEY_LABELS.test, environment: 'test' }, context),
  };
}

/** Revokes a key permanently. A repeated call keeps the first time. */
export async function revokeKey(tx: Queries, id: string, now: number): Promise<Credential> {
  const credential = await tx.credentials.find(id);
  if (credential === undefined) throw notFound('Key');
  await tx.credentials.revoke(id, now);
  return { ...credential, revokedAt: credential.revokedAt ?? now };
}
