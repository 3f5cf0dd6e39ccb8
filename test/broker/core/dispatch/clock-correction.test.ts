/** Tests that a system clock that was ahead delays neither a number nor a webhook after its correction. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClockWatch, correctFutureTimes } from '../../../../broker/core/dispatch/clock-correction.ts';
import { Dispatcher } from '../../../../broker/core/dispatch/dispatcher.ts';
import { emit } from '../../../../broker/core/lifecycle/emit-event.ts';
import type { OwnNumber } from '../../../../broker/core/model/number.ts';
import { DEFAULT_PACE } from '../../../../broker/core/model/pace.ts';
import { createWebhook } from '../../../../broker/core/webhooks/webhook-subscriptions.ts';
import { createManualClock, type ManualClock } from '../../../support/manual-clock.ts';
import { queuedMessage } from '../../../support/message.ts';
import { recordingTarget } from '../../../support/recording-target.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const PACE = {
  ...DEFAULT_PACE,
  messagesPerSecond: 0,
  newContactsPerHour: 2,
  newContactsPerDay: 0,
  ramp: false,
};

let base: TemporaryStore;
let clock: ManualClock;
let dispatcher: Dispatcher;
let number: OwnNumber;
let target: ReturnType<typeof recordingTarget>;

beforeEach(async () => {
  base = await temporaryStore();
  clock = createManualClock();
  number = await base.addNumber('+14155550191');
  dispatcher = new Dispatcher({
    ...{
      store: base.store,
      now: base.now,
      monotonicNow: base.monotonicNow,
      ids: base.ids,
      after: clock.after,
    },
    messageTtlMs: DAY,
    pace: PACE,
    onFault: (error) => {
      throw error;
    },
  });
  target = recordingTarget([number.id], { credit: 100 });
  dispatcher.attach(target);
});
afterEach(() => base.close());

const correct = () =>
  correctFutureTimes({ store: base.store, now: base.now, ids: base.ids, retryDelayMaxMs: HOUR });
const send = (contact: number) =>
  base.insert({
    numberId: number.id,
    handle: `+1415555${1_000 + contact}`,
    expiresAt: base.now() + 60 * DAY,
  });
const dispatch = async () => {
  dispatcher.notify(number.id, 'live');
  await dispatcher.tick();
  await dispatcher.offer(target);
};

describe('a clock that was 30 days ahead', () => {
  it('does not delay the number after the correction', async () => {
    base.setClock(30 * DAY);
    for (const contact of [1, 2, 3]) await send(contact);
    await dispatch();
    expect(target.delivered).toHaveLength(2);
    base.setClock(-30 * DAY);
    expect(await correct()).toEqual([number.id]);
    await dispatch();
    // The deferred message had a time slot 30 days ahead.
    expect(target.delivered).toHaveLength(3);
    expect(await correct()).toEqual([]);
    const stored = await base.store.read.numbers.paced(number.id);
    expect(stored?.sendsSince).toBe(base.now());
  });

  it('is ignored by the limits before the correction', async () => {
    base.setClock(30 * DAY);
    for (const contact of [1, 2]) await send(contact);
    await dispatch();
    base.setClock(-30 * DAY);
    await send(3);
    await dispatch();
    expect(target.delivered).toHaveLength(3);
  });

  it('does not delay a webhook', async () => {
    const wanted = { tenantId: base.live.id, dialect: 'texting-blue', numberId: null, name: null } as const;
    const webhook = await base.store.transaction((tx) =>
      createWebhook(
        tx,
        { ...wanted, url: 'https://example.com/a', events: ['message.sent'] },
        { ...base, secrets: { newWebhookSecret: () => 's' } as never },
      ),
    );
    base.setClock(30 * DAY);
    const event = { tenantId: base.live.id, numberId: null, type: 'message.sent' } as const;
    const subject = { message: queuedMessage({ id: base.ids() }) };
    await base.store.transaction((tx) => emit(tx, { ...event, subject }, base.context()));
    base.setClock(-30 * DAY);
    const due = () => base.store.read.deliveries.due(webhook.id, base.now(), 10);
    expect(await due()).toEqual([]);
    await correct();
    expect(await due()).toHaveLength(1);
  });
});

describe('a clock that is set a day ahead', () => {
  it('ends neither a lease nor the time to live', async () => {
    const message = await base.insert({ numberId: number.id, handle: '+14155551001' });
    await base.insert({ numberId: number.id, handle: '+14155551001' });
    await dispatch();
    base.setClock(DAY + HOUR);
    await dispatcher.tick();
    await dispatch();
    const stored = await base.store.read.messages.find(base.live.id, message.id);
    expect(stored).toMatchObject({ status: 'polling', attempt: 1 });
    expect(target.delivered.length).toBeGreaterThan(0);
  });

  it('ends a requested expiry, which is a time of the clock', async () => {
    dispatcher.detach(target);
    const message = await base.insert({ numberId: number.id, hasRequestedExpiry: true });
    base.setClock(DAY + HOUR);
    await dispatcher.tick();
    const stored = await base.store.read.messages.find(base.live.id, message.id);
    expect(stored).toMatchObject({ status: 'failed', errorCode: 'expired' });
  });
});

describe('the clock watch', () => {
  it('reports steps of more than two seconds, in both directions, once', () => {
    const watch = new ClockWatch(base);
    base.advance(60_000);
    expect(watch.readStep()).toBe(0);
    base.setClock(DAY);
    expect(watch.readStep()).toBe(DAY);
    expect(watch.readStep()).toBe(0);
    base.setClock(-2 * DAY);
    expect(watch.readStep()).toBe(-2 * DAY);
    base.setClock(1_000);
    expect(watch.readStep()).toBe(0);
  });
});
