/** Tests that the committed spend of a month follows every correction of a message status. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { recordTransition } from '../../../broker/core/lifecycle/record-transition.ts';
import { calendarDay } from '../../../broker/core/model/calendar.ts';
import type { Message } from '../../../broker/core/model/message.ts';
import { type Trigger, transition } from '../../../broker/core/model/message-transition.ts';
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts';

let base: TemporaryStore;
let message: Message;
beforeEach(async () => {
  base = await temporaryStore();
  const { id } = await base.addNumber('+14155550199');
  message = await base.insert({ numberId: id, handle: '+14155550100', committedCents: 5 });
  await base.store.transaction((tx) => tx.billing.addSpend(base.live.id, month(), 5));
});
afterEach(() => base.close());

const month = () => calendarDay(base.now()).month;
const spend = () => base.store.read.billing.spend(base.live.id, month());
const apply = (trigger: Trigger) =>
  base.store.transaction(async (tx) => {
    const found = await tx.messages.find(base.live.id, message.id);
    const change = found && transition(found, trigger, base.now());
    if (change !== undefined) await recordTransition(tx, change, { now: base.now(), ids: base.ids });
  });
const report = (state: 'sent' | 'failed') =>
  apply({ kind: 'report', report: { deviceId: 'd', state, leaseUntil: 0 } });

it('a message that is unconfirmed, then sent, then failed is refunded once', async () => {
  await apply({ kind: 'dispatch', deviceId: 'd', leaseId: 'l', leaseUntil: 1, journaled: true });
  await apply({ kind: 'expire_lease' });
  expect(await spend()).toBe(0);
  await report('sent');
  expect(await spend()).toBe(5);
  await report('failed');
  expect(await spend()).toBe(0);
});
