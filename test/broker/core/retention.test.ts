import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createAccount } from '../../../broker/core/keys.ts';
import { DEFAULT_PLANS } from '../../../broker/core/plans.ts';
import { purgeHistory } from '../../../broker/core/retention.ts';
import { openSqliteStore } from '../../../broker/store/open.ts';
import { createIdSource } from '../../../shared/ids.ts';
import { queuedMessage } from '../../support/message.ts';

const DAY_MS = 86_400_000;

it('deletes old messages with their timelines, and neither new ones nor what is still under way', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'homing-retention-'));
  const { store } = openSqliteStore({ file: join(folder, 'a.db') });
  try {
    let now = 100 * DAY_MS;
    const ids = createIdSource(() => now);
    const world = await store.transaction(async (tx) => {
      const account = await createAccount(tx, 'a', 'free', DEFAULT_PLANS, { ids, now: () => now });
      return (await tx.accounts.world(account.id, 'live'))!;
    });
    const insert = async (status: 'queued' | 'sent') => {
      const message = queuedMessage({ id: ids(), worldId: world.id, status, createdAt: now });
      await store.transaction((tx) =>
        tx.messages.insert(message, { at: now, kind: 'accepted', status, detail: null }),
      );
      return message.id;
    };
    const old = await insert('sent');
    const waiting = await insert('queued');
    now += 10 * DAY_MS;
    const fresh = await insert('sent');

    expect(await purgeHistory(store, now - 5 * DAY_MS)).toBe(1);
    const left = await store.read.messages.list(world.id, { limit: 10 });
    expect(left.map(({ id }) => id)).toEqual([fresh, waiting]);
    expect(await store.read.messages.timeline(old)).toEqual([]);
    expect(await store.read.messages.timeline(fresh)).toHaveLength(1);
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
