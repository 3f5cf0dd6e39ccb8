/** What a preview says of a message from a number that a provider sold: the cost, and the limits that it would meet. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AcceptOptions, acceptMessage } from '../../../../broker/core/messages/accept-message.ts';
import { previewMessage } from '../../../../broker/core/messages/preview.ts';
import { calendarDay } from '../../../../broker/core/model/calendar.ts';
import { DEFAULT_PLANS, type Plan } from '../../../../broker/core/model/plan.ts';
import { TEST_NUMBERS } from '../../../../broker/core/sandbox/test-numbers.ts';
import { secrets } from '../../../../broker/secrets.ts';
import { countSegments } from '../../../../shared/sms-segments.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';

const TO = '+14155550100';
const LONG = 'a'.repeat(161);

let base: TemporaryStore;
let context: AcceptOptions;
beforeAll(async () => {
  base = await temporaryStore();
  const { ids, now } = base;
  const prices = { sms: 3, whatsapp: 1 };
  context = { ids, now, messageTtlMs: 1_000, sandbox: TEST_NUMBERS, prices, countSegments, secrets };
});
afterAll(() => base.close());

const ENTERPRISE: Plan = DEFAULT_PLANS.enterprise;

const preview = (plan = ENTERPRISE, content = LONG) =>
  previewMessage(base.store.read, base.live, plan, { to: TO, content }, context);
/** What accepting the same message says, with nothing of it kept. */
const refusalOf = async (plan = ENTERPRISE) => {
  const rolledBack = new Error('rolled back');
  return base.store
    .transaction(async (tx) => {
      const wanted = { to: TO, from: undefined, usesDefaultNumber: true, content: LONG, media: [] };
      const principal = { kind: 'operator', tenant: base.live } as const;
      await acceptMessage(tx, principal, plan, { ...wanted, service: 'auto' }, context);
      throw rolledBack;
    })
    .catch((error: unknown) => (error === rolledBack ? undefined : error));
};

it('has no number, then one of a phone for nothing, then the price of a provider’s', async () => {
  expect(await preview()).toMatchObject({ from: undefined, segments: 2, costCents: 0 });
  expect((await preview()).error).toEqual(await refusalOf());
  const number = await base.addNumber('+14155550199');
  expect(await preview()).toEqual({
    ...{ from: '+14155550199', segments: 2, costCents: 0, isOptedOut: false, error: undefined },
  });
  await base.store.transaction(async (tx) => {
    await tx.numbers.remove(number.id, base.now());
    await tx.numbers.insert({ ...number, id: base.ids(), provider: 'twilio', providerRef: 'PN1' });
  });
  expect(await preview()).toMatchObject({ costCents: 6, error: undefined });
});

it('meets the same limits as sending, in the same words', async () => {
  const { month } = calendarDay(base.now());
  const limited = { ...ENTERPRISE, messagesPerMonth: 0 };
  expect((await preview(limited)).error).toMatchObject({ code: 'plan_limit_exceeded' });
  expect((await preview(limited)).error).toEqual(await refusalOf(limited));

  await base.store.transaction((tx) => tx.billing.setSpendLimit(base.live.id, 6));
  expect((await preview()).error).toBeUndefined();
  expect(await refusalOf()).toBeUndefined();
  await base.store.transaction((tx) => tx.billing.addSpend(base.live.id, month, 1));
  expect((await preview()).error).toMatchObject({ code: 'spend_limit_exceeded' });
  expect((await preview()).error).toEqual(await refusalOf());

  const suppression = { tenantId: base.live.id, handle: TO, reason: 'STOP', createdAt: base.now() };
  await base.store.transaction((tx) => tx.suppressions.insert(suppression));
  expect(await preview()).toMatchObject({ isOptedOut: true, error: { code: 'recipient_suppressed' } });
  expect((await preview()).error).toEqual(await refusalOf());
});
