import { afterEach, beforeEach, expect, it } from 'vitest';
import { recipientData } from '../../../../broker/apis/admin/contacts/recipient-data.ts';
import { countTurns } from '../../../support/count-turns.ts';
import { queuedMessage } from '../../../support/message.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';

const HANDLE = '+14155550100';
/** More than three parts of the queue. */
const QUEUED = 7_000;

let base: TemporaryStore;

beforeEach(async () => {
  base = await temporaryStore();
});
afterEach(() => base.close());

it('the event loop runs while a long queue without messages to the recipient is read', async () => {
  const { store, live, ids, now } = base;
  const number = await base.addNumber('+14155550199');
  await store.transaction(async (tx) => {
    await tx.suppressions.insert({ tenantId: live.id, handle: HANDLE, reason: 'STOP', createdAt: now() });
    for (let count = 0; count < QUEUED; count += 1) {
      const message = queuedMessage({
        ...{ id: ids(), tenantId: live.id, numberId: number.id, handle: '+14155550101' },
        ...{ createdAt: now(), expiresAt: now() + 86_400_000 },
      });
      await tx.messages.insert(message, { at: now(), kind: 'accepted', status: 'queued', detail: null });
    }
  });
  let text = '';
  const turns = await countTurns(async () => {
    const data = await recipientData(store.read, { tenantId: live.id, handle: HANDLE });
    for await (const chunk of data!) text += Buffer.from(chunk).toString();
  });
  expect(JSON.parse(text).messages).toEqual([]);
  expect(turns).toBeGreaterThanOrEqual(3);
});
