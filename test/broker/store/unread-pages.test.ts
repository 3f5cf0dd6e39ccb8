import { afterEach, beforeEach, expect, it } from 'vitest';
import { countTurns } from '../../support/count-turns.ts';
import { queuedMessage } from '../../support/message.ts';
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts';

/** More than three parts of a list. */
const COUNT = 6_500;

let base: TemporaryStore;

beforeEach(async () => {
  base = await temporaryStore();
});
afterEach(() => base.close());

it.each([true, false])(
  'the event loop runs while a page far back with isUnread %s is read',
  async (isUnread) => {
    const { store, live, ids, now } = base;
    const { id: numberId } = await base.addNumber('+14155550199');
    const inserted: string[] = [];
    await store.transaction(async (tx) => {
      for (let count = 0; count < COUNT; count += 1) {
        const message = queuedMessage({
          ...{ id: ids(), tenantId: live.id, numberId, createdAt: now(), expiresAt: now(), isUnread },
          ...{ direction: 'inbound', status: 'received' },
        });
        inserted.push(message.id);
        await tx.messages.insert(message, { at: now(), kind: 'received', status: 'received', detail: null });
      }
    });
    let found: string[] = [];
    const turns = await countTurns(async () => {
      const page = await store.read.messages.texts(live.id, numberId, { isUnread, limit: 3, offset: 6_400 });
      found = page.map(({ id }) => id);
    });
    expect(found).toEqual(inserted.toReversed().slice(6_400, 6_403));
    expect(turns).toBeGreaterThanOrEqual(3);
  },
);
