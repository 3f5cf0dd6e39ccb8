/** Tests that changes of long backlogs are made in bounded transactions. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { correctFutureTimes } from '../../../../broker/core/dispatch/clock-correction.ts';
import { reconsiderRecipient, reconsiderStep } from '../../../../broker/core/dispatch/reconsider-deferred.ts';
import { TASK_STEP, TaskRunner } from '../../../../broker/core/lifecycle/background-tasks.ts';
import { newDelivery } from '../../../../broker/core/model/event.ts';
import type { OwnNumber } from '../../../../broker/core/model/number.ts';
import type { Store } from '../../../../broker/core/ports/store.ts';
import { createWebhook } from '../../../../broker/core/webhooks/webhook-subscriptions.ts';
import { queuedMessage } from '../../../support/message.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';

const HANDLE = '+14155550100';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let base: TemporaryStore;
let number: OwnNumber;

beforeEach(async () => {
  base = await temporaryStore();
  number = await base.addNumber('+14155550199');
});
afterEach(() => base.close());

async function insertDeferred(count: number, deferReason: 'unanswered' | 'scheduled'): Promise<void> {
  await base.store.transaction(async (tx) => {
    for (let n = 0; n < count; n += 1) {
      const at = base.now();
      const message = queuedMessage({
        ...{ id: base.ids(), tenantId: base.live.id, numberId: number.id, handle: HANDLE, createdAt: at },
        ...{ isDeferred: true, deferReason, deferredUntil: at + DAY, expiresAt: at + DAY },
        sendAt: deferReason === 'scheduled' ? at + DAY : null,
      });
      await tx.messages.insert(message, { at, kind: 'accepted', status: 'queued', detail: null });
    }
  });
}

/** Ends the deferrals that are due. Returns their number. */
const endDue = () =>
  base.store.transaction(async (tx) => (await tx.messages.endDueDeferrals(base.now(), 10_000)).length);
const reply = () => base.store.transaction((tx) => reconsiderRecipient(tx, number.id, HANDLE, base.now()));
const runTasks = () =>
  new TaskRunner({
    store: base.store,
    steps: { reconsider_deferred: reconsiderStep } as never,
    context: base.context,
  }).run();

it('a reply ends many deferrals in steps, the first of them at once', async () => {
  await insertDeferred(250, 'unanswered');
  await reply();
  expect(await endDue()).toBe(TASK_STEP);
  await runTasks();
  expect(await endDue()).toBe(150);
});

it('a reply reads many scheduled messages in steps, and changes none of them', async () => {
  await insertDeferred(1_100, 'scheduled');
  await insertDeferred(1, 'unanswered');
  await reply();
  expect(await endDue()).toBe(0);
  await runTasks();
  expect(await endDue()).toBe(1);
});

it('a clock that was ahead is corrected in several transactions', async () => {
  const wanted = { tenantId: base.live.id, dialect: 'texting-blue', numberId: null, name: null } as const;
  await base.store.transaction(async (tx) => {
    const webhook = await createWebhook(
      tx,
      { ...wanted, url: 'https://example.com/a', events: ['message.sent'] },
      { ...base, secrets: { newWebhookSecret: () => 's' } as never },
    );
    const event = { id: base.ids(), tenantId: base.live.id, messageId: null, createdAt: base.now() };
    const subject = { message: queuedMessage() };
    await tx.events.insert({ ...event, type: 'message.sent', subject });
    for (let n = 0; n < 1_100; n += 1) {
      const delivery = newDelivery(base.ids(), webhook.id, event, base.now());
      await tx.deliveries.insert({ ...delivery, nextAttemptAt: base.now() + DAY });
      await tx.pace.write(number.id, base.now() + DAY + n, base.ids(), false);
    }
  });
  let transactions = 0;
  const transaction: Store['transaction'] = (work) => {
    transactions += 1;
    return base.store.transaction(work);
  };
  const store = { ...base.store, read: base.store.read, transaction } as Store;
  await correctFutureTimes({ store, now: base.now, ids: base.ids, retryDelayMaxMs: HOUR });
  expect(transactions).toBe(6);
  expect(await base.store.read.pace.used(number.id, 'messages', base.now(), base.now() + 2 * DAY)).toBe(0);
});
