/** Accounts must not be named as paths of Homing's own begin. */
import { globSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAccount } from '../../../../broker/core/accounts/accounts.ts';
import { isReservedSlug } from '../../../../broker/core/accounts/reserved-slugs.ts';
import { DEFAULT_PLANS } from '../../../../broker/core/model/plan.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';

/** How the paths of all operations begin, as their sources have them. */
const beginnings = new Set(
  globSync('broker/{apis,device-apis,docs-site,health,metrics}/**/*.ts')
    .map((file) => readFileSync(file, 'utf8'))
    .flatMap((source) => [...source.matchAll(/['`]\/([a-z][\w.-]*)(?=[/'`])/g)])
    .map((match) => match[1]!),
);

describe('a slug', () => {
  let base: TemporaryStore;
  beforeAll(async () => {
    base = await temporaryStore();
  });
  afterAll(() => base.close());

  const create = (slug: string) =>
    base.store.transaction((tx) => createAccount(tx, slug, 'free', DEFAULT_PLANS, base));

  it('is reserved where a path of any API begins with it', () => {
    expect([...beginnings]).toEqual(expect.arrayContaining(['v1', 'relay', 'messages', 'setup-shortcut']));
    expect([...beginnings].filter((name) => !isReservedSlug(name))).toEqual([]);
  });

  it.each(['api', 'v1', 'setup-shortcut', 'mcp'])(
    'that is reserved, %s, names no new account',
    async (slug) => {
      await expect(create(slug)).rejects.toMatchObject({ code: 'invalid_request', param: 'slug' });
    },
  );

  it('of any other name does', async () => {
    expect(await create('default')).toMatchObject({ slug: 'default' });
    expect(await create('api-2')).toMatchObject({ slug: 'api-2' });
  });
});
