/** Tests the record of the last use of API keys. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createKey } from '../../../../broker/core/accounts/api-keys.ts';
import { KeyUse } from '../../../../broker/core/accounts/key-use.ts';
import { secrets } from '../../../../broker/secrets.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';

let temporary: TemporaryStore;
beforeEach(async () => {
  temporary = await temporaryStore();
});
afterEach(() => temporary.close());

it('the last use is in memory at once, stored by `write`, and read by the next process', async () => {
  const { store, live, now, ids, advance } = temporary;
  const request = { label: 'x', permissions: ['*'] as const, environment: 'live' as const, account: 'a' };
  const { id } = await store.transaction((tx) => createKey(tx, request, { now, ids, secrets }));
  const keyUse = new KeyUse({ store, now });
  const stored = async () => (await store.read.credentials.ofTenant(live.id))[0]?.lastUsedAt;

  keyUse.mark(id);
  const first = now();
  expect(keyUse.lastUsedAt(id, null)).toBe(first);
  expect(await stored()).toBeNull();
  const version = store.referenceVersion();
  await keyUse.write();
  expect(await stored()).toBe(first);
  // The cache of keys stays valid.
  expect(store.referenceVersion()).toBe(version);

  advance(1_000);
  keyUse.mark(id);
  await keyUse.write();
  expect(await stored()).toBe(first + 1_000);
  const transactions = store.transactions();
  await keyUse.write();
  expect(store.transactions()).toBe(transactions);
  expect(new KeyUse({ store, now }).lastUsedAt(id, first + 1_000)).toBe(first + 1_000);
});

it('an earlier use that another broker stores later does not replace the time', async () => {
  const { store, live, now, ids, advance } = temporary;
  const request = { label: 'x', permissions: ['*'] as const, environment: 'live' as const, account: 'a' };
  const { id } = await store.transaction((tx) => createKey(tx, request, { now, ids, secrets }));
  const [one, other] = [new KeyUse({ store, now }), new KeyUse({ store, now })];
  other.mark(id);
  advance(1_000);
  one.mark(id);
  await one.write();
  await other.write();
  expect((await store.read.credentials.ofTenant(live.id))[0]?.lastUsedAt).toBe(now());
});

it('a use that could not be stored is stored later', async () => {
  const { store, live, now, ids } = temporary;
  const request = { label: 'x', permissions: ['*'] as const, environment: 'live' as const, account: 'a' };
  const { id } = await store.transaction((tx) => createKey(tx, request, { now, ids, secrets }));
  let isFull = true;
  const full: typeof store = {
    ...store,
    transaction: (work) =>
      isFull ? Promise.reject(new Error('The disk is full.')) : store.transaction(work),
  };
  const keyUse = new KeyUse({ store: full, now });
  keyUse.mark(id);
  await expect(keyUse.write()).rejects.toThrow('full');
  isFull = false;
  await keyUse.write();
  expect((await store.read.credentials.ofTenant(live.id))[0]?.lastUsedAt).toBe(now());
});
