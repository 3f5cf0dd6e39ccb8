/** Tests the cost and the errors of a message preview against the acceptance of the same message. */
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
const TWO_SEGMENTS = 'a'.repeat(161);

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

const preview = (plan = ENTERPRISE, content = TWO_SEGMENTS) =>
  previewMessage(base.store.read, base.live, plan, { to: TO, content }, context);
/** Returns the error of accepting the same message, in a transaction that is rolled back. */
const acceptanceError = async (plan = ENTERPRISE) => {
  const rolledBack = new Error('rolled back');
  return base.store
    .transaction(async (tx) => {
      const request = { to: TO, from: undefined, usesDefaultNumber: true, content: TWO_SEGMENTS, media: [] };
      const principal = { kind: 'operator', tenant: base.live } as const;
      await acceptMessage(tx, principal, plan, { ...request, service: 'auto' }, context);
      throw rolledBack;
    })
    .catch((error: unknown) => (error === rolledBack ? undefined : error));
};

it('previewMessage returns no sender, no cost for a device number and the price of a provider number', async () => {
  expect(await preview()).toMatchObject({ number: undefined, segments: 2, costCents: 0 });
  expect((await preview()).error).toEqual(await acceptanceError());
  const number = await base.addNumber('+14155550199');
  expect(await preview()).toEqual({
    ...{
      number,
      segments: 2,
      costCents: 0,
      isOptedOut: false,
      error: undefined,
    },
  });
  await base.store.transaction(async (tx) => {
    await tx.numbers.remove(number.id, base.now());
    await tx.numbers.insert({ ...number, id: base.ids(), provider: 'twilio', providerRef: 'PN1' });
  });
  expect(await preview()).toMatchObject({ costCents: 6, error: undefined });
});

it('previewMessage returns the same errors as acceptMessage for plan, spend limit and suppression', async () => {
  const { month } = calendarDay(base.now());
  const limited = { ...ENTERPRISE, messagesPerMonth: 0 };
  expect((await preview(limited)).error).toMatchObject({ code: 'plan_limit_exceeded' });
  expect((await preview(limited)).error).toEqual(await acceptanceError(limited));

  await base.store.transaction((tx) => tx.billing.setSpendLimit(base.live.id, 6));
  expect((await preview()).error).toBeUndefined();
  expect(await acceptanceError()).toBeUndefined();
  await base.store.transaction((tx) => tx.billing.addSpend(base.live.id, month, 1));
  expect((await preview()).error).toMatchObject({ code: 'spend_limit_exceeded' });
  expect((await preview()).error).toEqual(await acceptanceError());

  const suppression = { tenantId: base.live.id, handle: TO, reason: 'STOP', createdAt: base.now() };
  await base.store.transaction((tx) => tx.suppressions.insert(suppression));
  expect(await preview()).toMatchObject({ isOptedOut: true, error: { code: 'recipient_suppressed' } });
  expect((await preview()).error).toEqual(await acceptanceError());
});
