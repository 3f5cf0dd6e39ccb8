import { afterEach, beforeEach, expect, it } from 'vitest';
import { accountOperations } from '../../../../broker/apis/admin/account/account-operations.ts';
import { createAccount } from '../../../../broker/core/accounts/accounts.ts';
import { DEFAULT_PLANS } from '../../../../broker/core/model/plan.ts';
import type { AccountQueries } from '../../../../broker/core/ports/accounts.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';

let base: TemporaryStore;

beforeEach(async () => {
  base = await temporaryStore();
});
afterEach(() => base.close());

it('the account of the dashboard is read without the list of all accounts', async () => {
  const accounts: AccountQueries = {
    ...base.store.read.accounts,
    list: () => Promise.reject(new Error('The list grows with the accounts of other customers.')),
  };
  const store = { read: { ...base.store.read, accounts } };
  const options = { store, retention: {}, backupCommand: undefined } as never;
  const operation = accountOperations(options).find(({ id }) => id === 'getAccount')!;
  const read = async () => {
    const caller = { tenant: base.live, plan: {}, member: { role: 'owner' } };
    return (await operation.handle({ caller } as never)).body;
  };
  expect(await read()).toMatchObject({ slug: 'a', hasBackups: true });
  for (const slug of ['b', 'c']) {
    await base.store.transaction((tx) => createAccount(tx, slug, 'free', DEFAULT_PLANS, base));
  }
  expect(await read()).toMatchObject({ slug: 'a', hasBackups: false });
  expect(await base.store.read.accounts.count(2)).toBe(2);
  expect(await base.store.read.credentials.hasAny()).toBe(false);
});
