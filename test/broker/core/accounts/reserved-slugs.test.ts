/** Tests that every first path segment of the other APIs is a reserved slug. */
import { globSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAccount } from '../../../../broker/core/accounts/accounts.ts';
import { isReservedSlug } from '../../../../broker/core/accounts/reserved-slugs.ts';
import { DEFAULT_PLANS } from '../../../../broker/core/model/plan.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';

/** First path segments of all operations, read from their sources. */
const firstSegments = new Set(
  globSync('broker/{apis,device-apis,docs-site,health,metrics}/**/*.ts')
    // The paths in this folder are below /api/v1.
    .filter((file) => !file.includes('/inkbox-imessage/'))
    .map((file) => readFileSync(file, 'utf8'))
    .flatMap((source) => [...source.matchAll(/['`]\/([a-z][\w.-]*)(?=[/'`])/g)])
    .map((match) => match[1]!),
);

describe('reserved slugs', () => {
  let base: TemporaryStore;
  beforeAll(async () => {
    base = await temporaryStore();
  });
  afterAll(() => base.close());

  const create = (slug: string) =>
    base.store.transaction((tx) => createAccount(tx, slug, 'free', DEFAULT_PLANS, base));

  it('the reserved slugs contain the first path segment of every operation', () => {
    expect([...firstSegments]).toEqual(expect.arrayContaining(['v1', 'relay', 'messages', 'setup-shortcut']));
    expect([...firstSegments].filter((name) => !isReservedSlug(name))).toEqual([]);
  });

  it.each(['api', 'v1', 'setup-shortcut', 'mcp'])(
    'createAccount rejects the reserved slug %s',
    async (slug) => {
      await expect(create(slug)).rejects.toMatchObject({ code: 'invalid_request', param: 'slug' });
    },
  );

  it('createAccount accepts other slugs', async () => {
    expect(await create('default')).toMatchObject({ slug: 'default' });
    expect(await create('api-2')).toMatchObject({ slug: 'api-2' });
  });
});
