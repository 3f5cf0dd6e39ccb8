/** Tests the rate limiter through the dispatcher, with a manual clock and a real store. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DispatchTarget } from '../../../../broker/core/dispatch/dispatch-target.ts';
import { Dispatcher } from '../../../../broker/core/dispatch/dispatcher.ts';
import { reconsiderRecipient } from '../../../../broker/core/dispatch/reconsider-deferred.ts';
import { recordTransition } from '../../../../broker/core/lifecycle/record-transition.ts';
import { recordInbound } from '../../../../broker/core/messages/receive-message.ts';
import type { Message } from '../../../../broker/core/model/message.ts';
import { transition } from '../../../../broker/core/model/message-transition.ts';
import type { OwnNumber } from '../../../../broker/core/model/number.ts';
import { DEFAULT_PACE, type PaceOverrides } from '../../../../broker/core/model/pace.ts';
import { createManualClock, type ManualClock } from '../../../support/manual-clock.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 10, 21, 12);

describe('The rate limiter', () => {
  let base: TemporaryStore;
  let clock: ManualClock;
  let dispatcher: Dispatcher;
  let number: OwnNumber;
  /** Dispatched messages with their time. */
  let dispatched: Array<{ message: Message; at: number }>;
  let losesConnection: boolean;
  let isDisconnected: boolean;
  let target: DispatchTarget;

  beforeEach(async () => {
    base = await temporaryStore(START);
    clock = createManualClock();
    dispatcher = new Dispatcher({
      store: base.store,
      now: base.now,
      monotonicNow: base.monotonicNow,
      ids: base.ids,
      messageTtlMs: DAY,
      pace: DEFAULT_PACE,
      after: clock.after,
      onFault: (error) => {
        throw error;
      },
    });
    number = await base.addNumber('+14155550199');
    dispatched = [];
    losesConnection = false;
    isDisconnected = false;
    target = {
      sessionId: 's',
      deviceId: 'd',
      environment: 'live',
      numberIds: [number.id],
      isJournaling: true,
      keepsOrder: true,
      capabilityBits: 0,
      leaseMs: 365 * DAY,
      channelsOf: () => 'texts',
      isPermitted: async () => true,
      isReady: () => !isDisconnected,
      room: () => 100,
      roomFor: () => Number.POSITIVE_INFINITY,
      busyRecipients: () => [],
      wasDelivered: () => false,
      forget: () => {},
      deliver(messages) {
        isDisconnected = losesConnection;
        if (isDisconnected) return false;
        for (const message of messages) dispatched.push({ message, at: base.now() - START });
        return true;
      },
      cancel: () => {},
    };
  });
  afterEach(() => base.close());

  const setPace = (pace: PaceOverrides) =>
    base.store.transaction((tx) => tx.numbers.setPace(number.id, pace));
  const send = (handle: string, change: Partial<Message> = {}) =>
    base.insert({ numberId: number.id, handle, expiresAt: base.now() + 30 * DAY, ...change });
  const contact = (n: number) => `+1415555${String(n).padStart(4, '0')}`;
  const connect = async () => {
    dispatcher.attach(target);
    await dispatcher.offer(target);
  };
  /** Advances the clock in steps and ticks the dispatcher like the broker does. */
  const passTime = async (ms: number, step = SECOND) => {
    for (let left = ms; left > 0; left -= step) {
      base.advance(Math.min(step, left));
      clock.advance(Math.min(step, left));
      await dispatcher.tick();
      await dispatcher.offer(target);
    }
  };
  const stored = async ({ id }: Message) => (await base.store.read.messages.find(base.live.id, id))!;
  const receiveFrom = (handle: string) =>
    base.insert({ numberId: number.id, handle, direction: 'inbound', status: 'received' });
  const times = () => dispatched.map(({ at }) => at);

  it('dispatches one message per second by default', async () => {
    for (const n of [1, 2, 3, 4, 5]) await send(contact(n));
    await connect();
    await passTime(5 * SECOND);
    expect(times()).toEqual([0, 1, 2, 3, 4].map((second) => second * SECOND));
    expect(clock.untilNext()).toBeUndefined();
  });

  it('sets a timer for the exact time of the next dispatch', async () => {
    await setPace({ messagesPerSecond: 4 });
    for (const n of [1, 2, 3, 4, 5, 6]) await send(contact(n));
    await connect();
    expect(times()).toEqual([0, 0, 0, 0]);
    expect(clock.untilNext()).toBe(SECOND);
  });

  it.each([
    ['minute', { messagesPerMinute: 3 }, MINUTE],
    ['day', { messagesPerDay: 3 }, DAY],
  ] as const)('limits the dispatches of every window of one %s', async (_, limit, window) => {
    await setPace({
      ...limit,
      messagesPerSecond: 0,
      newContactsPerHour: 0,
      newContactsPerDay: 0,
      ramp: false,
    });
    for (let n = 1; n <= 5; n += 1) await send(contact(n));
    await connect();
    await passTime(window, window / 10);
    expect(times()).toEqual([0, 0, 0, window, window]);
  });

  it('dispatches to 15 new contacts per hour, defers the others and does not limit existing contacts', async () => {
    await setPace({ messagesPerSecond: 0, ramp: false });
    const sent: Message[] = [];
    for (let n = 1; n <= 17; n += 1) sent.push(await send(contact(n)));
    await receiveFrom(contact(99));
    const toExistingContact = await send(contact(99));
    await connect();
    expect(dispatched).toHaveLength(16);
    expect(dispatched.at(-1)!.message.id).toBe(toExistingContact.id);
    for (const waiting of [sent[15]!, sent[16]!]) {
      expect(await stored(waiting)).toMatchObject({
        status: 'queued',
        isDeferred: true,
        deferredUntil: START + HOUR,
        deferReason: 'new_contacts_per_hour',
      });
    }
    await passTime(HOUR - MINUTE, MINUTE);
    expect(dispatched).toHaveLength(16);
    await passTime(2 * MINUTE, MINUTE);
    expect(dispatched).toHaveLength(18);
  });

  it('defers messages beyond 50 new contacts per day to slots in the order of acceptance', async () => {
    await setPace({ messagesPerSecond: 0, ramp: false });
    for (let n = 1; n <= 60; n += 1) await send(contact(n));
    await connect();
    // 15 immediately and 15 per hour: 35 messages get slots on the same day, the last ten on the next day.
    for (const hours of [1, 2, 3]) {
      await passTime(HOUR, 10 * MINUTE);
      expect(dispatched).toHaveLength(Math.min(50, 15 * (hours + 1)));
    }
    const [last] = await base.store.read.messages.list(base.live.id, { limit: 1 });
    expect(last).toMatchObject({ deferReason: 'new_contacts_per_day', deferredUntil: START + DAY });
    await passTime(DAY, HOUR);
    expect(dispatched.map(({ message }) => message.handle)).toEqual(
      Array.from({ length: 60 }, (_, index) => contact(index + 1)),
    );
  });

  it('does not use missed slots after a device was disconnected', async () => {
    await setPace({ messagesPerSecond: 0, ramp: false });
    for (let n = 1; n <= 50; n += 1) await send(contact(n));
    await connect();
    dispatcher.detach(target);
    base.advance(10 * HOUR);
    await dispatcher.tick();
    await connect();
    expect(dispatched).toHaveLength(30);
  });

  it('treats a recipient as a new contact if no messages were exchanged in the last 30 days', async () => {
    await setPace({ messagesPerSecond: 0, newContactsPerHour: 1, ramp: false });
    await receiveFrom(contact(1));
    base.advance(29 * DAY);
    await receiveFrom(contact(2));
    base.advance(2 * DAY);
    await send(contact(2));
    await send(contact(1));
    const waiting = await send(contact(3));
    await connect();
    expect(dispatched.map(({ message }) => message.handle)).toEqual([contact(2), contact(1)]);
    expect(await stored(waiting)).toMatchObject({ isDeferred: true });
  });

  it('keeps the order of two messages to the same new contact', async () => {
    await setPace({ messagesPerSecond: 0, newContactsPerHour: 1, ramp: false });
    await send(contact(1));
    const first = await send(contact(2));
    await connect();
    const second = await send(contact(2));
    dispatcher.notify(number.id, 'live');
    await dispatcher.offer(target);
    expect((await stored(second)).deferredUntil).toBe((await stored(first)).deferredUntil);
    await passTime(HOUR, MINUTE);
    expect(dispatched.map(({ message }) => message.id).slice(1)).toEqual([first.id, second.id]);
  });

  it('dispatches a deferred message within a second after its recipient writes', async () => {
    await setPace({ messagesPerSecond: 0, newContactsPerHour: 1, ramp: false });
    await send(contact(1));
    const deferred = await send(contact(2));
    const other = await send(contact(3));
    await connect();
    expect(await stored(deferred)).toMatchObject({ isDeferred: true });
    const item = {
      ...{ guid: 'g', from: contact(2), to: number.phoneNumber, service: 'imessage', text: 'Hi' },
      ...{ media: [], sent_at: new Date(base.now()).toISOString(), from_me: false },
    };
    await base.store.transaction((tx) =>
      recordInbound(tx, { id: 'd', tenantId: base.live.id, numbers: [number] }, [item], {
        ...{ now: base.now(), ids: base.ids, lateMs: DAY },
      }),
    );
    await passTime(SECOND);
    expect(dispatched.at(-1)!.message.id).toBe(deferred.id);
    expect(await stored(other)).toMatchObject({ isDeferred: true });
  });

  it('defers messages to a recipient with too many unanswered messages until the recipient replies', async () => {
    await setPace({ messagesPerSecond: 0, unansweredInARow: 2, newContactsPerHour: 0, newContactsPerDay: 0 });
    await receiveFrom(contact(1));
    const sent: Message[] = [];
    for (let n = 0; n < 3; n += 1) sent.push(await send(contact(1)));
    await connect();
    expect(dispatched).toHaveLength(2);
    expect(await stored(sent[2]!)).toMatchObject({ isDeferred: true, deferReason: 'unanswered' });
    await receiveFrom(contact(1));
    await base.store.transaction((tx) => reconsiderRecipient(tx, number.id, contact(1), base.now()));
    await passTime(SECOND);
    expect(dispatched).toHaveLength(3);
  });

  it('frees the reserved slot of a cancelled message', async () => {
    await setPace({ messagesPerSecond: 0, newContactsPerHour: 1, newContactsPerDay: 0, ramp: false });
    await send(contact(1));
    const deferred = await send(contact(2));
    await connect();
    await base.store.transaction(async (tx) => {
      const step = transition(await stored(deferred), { kind: 'cancel' }, base.now())!;
      await recordTransition(tx, step, { now: base.now(), ids: base.ids });
    });
    const next = await send(contact(3));
    dispatcher.notify(number.id, 'live');
    await dispatcher.offer(target);
    expect(await stored(next)).toMatchObject({ deferredUntil: START + HOUR });
  });

  it('reserves no slot for a message that expires before it', async () => {
    await setPace({ messagesPerSecond: 0, newContactsPerHour: 1, newContactsPerDay: 0, ramp: false });
    await send(contact(1));
    const short = await send(contact(2), { expiresAt: START + 10 * MINUTE, hasRequestedExpiry: true });
    const long = await send(contact(3));
    await connect();
    expect(await stored(short)).toMatchObject({ isDeferred: true, deferredUntil: START + 10 * MINUTE });
    expect(await stored(long)).toMatchObject({ deferredUntil: START + HOUR });
    await passTime(10 * MINUTE, MINUTE);
    expect(await stored(short)).toMatchObject({ status: 'failed', errorCode: 'expired' });
    await passTime(51 * MINUTE, MINUTE);
    expect(dispatched.at(-1)!.message.id).toBe(long.id);
  });

  it('reduces the daily limit in the first week: 30 % on the first day, 10 % more on each following day', async () => {
    await setPace({ messagesPerSecond: 0, messagesPerDay: 10, newContactsPerHour: 0, newContactsPerDay: 0 });
    for (let n = 1; n <= 100; n += 1) await send(contact(n));
    await connect();
    const perDay: number[] = [dispatched.length];
    for (let day = 1; day <= 8; day += 1) {
      const before = dispatched.length;
      await passTime(DAY, HOUR);
      perDay.push(dispatched.length - before);
    }
    expect(perDay).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 10]);
  });

  it('dispatches nothing in quiet hours and continues when they end', async () => {
    await setPace({ messagesPerSecond: 0, quietHours: { from: '11:00', to: '13:00' } });
    await send(contact(1));
    await connect();
    expect(dispatched).toEqual([]);
    await passTime(59 * MINUTE, MINUTE);
    expect(dispatched).toEqual([]);
    await passTime(2 * MINUTE, MINUTE);
    expect(times()).toEqual([HOUR]);
  });

  it('does not count a dispatch that did not reach the device', async () => {
    losesConnection = true;
    await send(contact(1));
    await connect();
    expect(isDisconnected).toBe(true);
    expect(await base.store.read.pace.used(number.id, 'messages', START - 1, base.now())).toBe(0);
  });

  it('dispatches an urgent message first, after the earlier messages to the same recipient', async () => {
    dispatcher.attach(target);
    await dispatcher.offer(target);
    const sent: Message[] = [];
    for (const n of [1, 2, 3]) sent.push(await send(contact(n)));
    await base.store.transaction((tx) => tx.messages.promote(number.id, contact(3)));
    const urgent = await send(contact(3), { priority: -1 });
    dispatcher.notify(number.id, 'live');
    await dispatcher.offer(target);
    await passTime(4 * SECOND);
    expect(dispatched.map(({ message }) => message.id)).toEqual([
      sent[2]!.id,
      urgent.id,
      sent[0]!.id,
      sent[1]!.id,
    ]);
  });

  it('applies no default limits to a number of a provider', async () => {
    await base.store.transaction((tx) => tx.numbers.setPace(number.id, {}));
    const providerNumber = { ...number, id: base.ids(), phoneNumber: '+14155550198', provider: 'twilio' };
    await base.store.transaction((tx) => tx.numbers.insert(providerNumber));
    for (let n = 1; n <= 20; n += 1) await base.insert({ numberId: providerNumber.id, handle: contact(n) });
    target = { ...target, numberIds: [providerNumber.id] };
    await connect();
    expect(dispatched).toHaveLength(20);
  });

  it('frees the slot of a deferred message when its recipient writes first', async () => {
    await setPace({ messagesPerSecond: 0, newContactsPerHour: 1, newContactsPerDay: 0, ramp: false });
    await send(contact(1));
    await send(contact(2));
    await connect();
    await passTime(MINUTE, 10 * SECOND);
    await base.store.transaction((tx) => reconsiderRecipient(tx, number.id, contact(2), base.now()));
    await receiveFrom(contact(2));
    await passTime(10 * SECOND);
    expect(dispatched.map(({ message }) => message.handle)).toEqual([contact(1), contact(2)]);
    const third = await send(contact(3));
    await passTime(HOUR, MINUTE);
    expect(dispatched.map(({ message }) => message.id)).toContain(third.id);
  });

  it('keeps the order for one recipient when an urgent message follows a deferred one', async () => {
    await setPace({ messagesPerSecond: 0, newContactsPerHour: 1, newContactsPerDay: 0, ramp: false });
    await send(contact(1));
    const first = await send(contact(2));
    await connect();
    await passTime(MINUTE, 10 * SECOND);
    expect(await stored(first)).toMatchObject({ isDeferred: true });
    await base.store.transaction((tx) => tx.messages.promote(number.id, contact(2)));
    const urgent = await send(contact(2), { priority: -1 });
    await passTime(HOUR, MINUTE);
    const ids = dispatched
      .map(({ message }) => message.id)
      .filter((id) => id === first.id || id === urgent.id);
    expect(ids).toEqual([first.id, urgent.id]);
  });
});
