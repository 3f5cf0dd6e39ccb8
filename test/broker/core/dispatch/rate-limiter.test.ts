/** The hand-off with a clock that the test moves, on a real store: what goes out when, and what waits for what. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DispatchTarget } from '../../../../broker/core/dispatch/dispatch-target.ts';
import { Dispatcher } from '../../../../broker/core/dispatch/dispatcher.ts';
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

describe('a number’s pace', () => {
  let base: TemporaryStore;
  let clock: ManualClock;
  let dispatcher: Dispatcher;
  let number: OwnNumber;
  /** Handed out, and when. */
  let given: Array<{ message: Message; at: number }>;
  let breaksOff: boolean;
  let isGone: boolean;
  let target: DispatchTarget;

  beforeEach(async () => {
    base = await temporaryStore(START);
    clock = createManualClock();
    dispatcher = new Dispatcher({
      store: base.store,
      now: base.now,
      ids: base.ids,
      messageTtlMs: DAY,
      pace: DEFAULT_PACE,
      after: clock.after,
      onFault: (error) => {
        throw error;
      },
    });
    number = await base.addNumber('+14155550199');
    given = [];
    breaksOff = false;
    isGone = false;
    target = {
      sessionId: 's',
      deviceId: 'd',
      environment: 'live',
      numberIds: [number.id],
      isJournaling: true,
      keepsOrder: true,
      leaseMs: 365 * DAY,
      channelsOf: () => 'texts',
      isReady: () => !isGone,
      room: () => 100,
      wasDelivered: () => false,
      forget: () => {},
      deliver(messages) {
        isGone = breaksOff;
        if (isGone) return false;
        for (const message of messages) given.push({ message, at: base.now() - START });
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
  const begin = async () => {
    dispatcher.attach(target);
    await dispatcher.offer(target);
  };
  /** Lets the time pass a step at a time, as the broker's own sweep does. */
  const pass = async (ms: number, step = SECOND) => {
    for (let left = ms; left > 0; left -= step) {
      base.advance(Math.min(step, left));
      clock.advance(Math.min(step, left));
      await dispatcher.tick();
      await dispatcher.offer(target);
    }
  };
  const found = async ({ id }: Message) => (await base.store.read.messages.find(base.live.id, id))!;
  const isKnown = (handle: string) =>
    base.insert({ numberId: number.id, handle, direction: 'inbound', status: 'received' });
  const times = () => given.map(({ at }) => at);

  it('is one message a second unless something else is said', async () => {
    for (const n of [1, 2, 3, 4, 5]) await send(contact(n));
    await begin();
    await pass(5 * SECOND);
    expect(times()).toEqual([0, 1, 2, 3, 4].map((second) => second * SECOND));
    expect(clock.untilNext()).toBeUndefined();
  });

  it('goes on by itself at the very moment at which it may', async () => {
    await setPace({ messagesPerSecond: 4 });
    for (const n of [1, 2, 3, 4, 5, 6]) await send(contact(n));
    await begin();
    expect(times()).toEqual([0, 0, 0, 0]);
    expect(clock.untilNext()).toBe(SECOND);
  });

  it.each([
    ['a minute', { messagesPerMinute: 3 }, MINUTE],
    ['a day', { messagesPerDay: 3 }, DAY],
  ] as const)('counts %s by what went out in the last one', async (_, limit, window) => {
    await setPace({
      ...limit,
      messagesPerSecond: 0,
      newContactsPerHour: 0,
      newContactsPerDay: 0,
      ramp: false,
    });
    for (let n = 1; n <= 5; n += 1) await send(contact(n));
    await begin();
    await pass(window, window / 10);
    expect(times()).toEqual([0, 0, 0, window, window]);
  });

  it('lets 15 new contacts an hour through, tells the others when they may, and lets acquaintances pass', async () => {
    await setPace({ messagesPerSecond: 0, ramp: false });
    const sent: Message[] = [];
    for (let n = 1; n <= 17; n += 1) sent.push(await send(contact(n)));
    await isKnown(contact(99));
    const toAcquaintance = await send(contact(99));
    await begin();
    expect(given).toHaveLength(16);
    expect(given.at(-1)!.message.id).toBe(toAcquaintance.id);
    for (const waiting of [sent[15]!, sent[16]!]) {
      expect(await found(waiting)).toMatchObject({
        status: 'queued',
        isDeferred: true,
        deferredUntil: START + HOUR,
        deferReason: 'new_contacts_per_hour',
      });
    }
    await pass(HOUR - MINUTE, MINUTE);
    expect(given).toHaveLength(16);
    await pass(2 * MINUTE, MINUTE);
    expect(given).toHaveLength(18);
  });

  it('holds back what is beyond 50 a day in the order in which it was accepted, and writes it once', async () => {
    await setPace({ messagesPerSecond: 0, ramp: false });
    for (let n = 1; n <= 60; n += 1) await send(contact(n));
    await begin();
    // 15 at once, 15 an hour later, and so on: the next 35 have slots, the last ten come the next day.
    for (const hours of [1, 2, 3]) {
      await pass(HOUR, 10 * MINUTE);
      expect(given).toHaveLength(Math.min(50, 15 * (hours + 1)));
    }
    const [last] = await base.store.read.messages.list(base.live.id, { limit: 1 });
    expect(last).toMatchObject({ deferReason: 'new_contacts_per_day', deferredUntil: START + DAY });
    await pass(DAY, HOUR);
    expect(given.map(({ message }) => message.handle)).toEqual(
      Array.from({ length: 60 }, (_, index) => contact(index + 1)),
    );
  });

  it('does not catch up on slots that passed while no device was there', async () => {
    await setPace({ messagesPerSecond: 0, ramp: false });
    for (let n = 1; n <= 50; n += 1) await send(contact(n));
    await begin();
    dispatcher.detach(target);
    base.advance(10 * HOUR);
    await dispatcher.tick();
    await begin();
    expect(given).toHaveLength(30);
  });

  it('counts nobody as new with whom something was exchanged in the last 30 days, and everybody else', async () => {
    await setPace({ messagesPerSecond: 0, newContactsPerHour: 1, ramp: false });
    await isKnown(contact(1));
    base.advance(29 * DAY);
    await isKnown(contact(2));
    base.advance(2 * DAY);
    await send(contact(2));
    await send(contact(1));
    const waiting = await send(contact(3));
    await begin();
    expect(given.map(({ message }) => message.handle)).toEqual([contact(2), contact(1)]);
    expect(await found(waiting)).toMatchObject({ isDeferred: true });
  });

  it('does not let a second message to a new contact overtake the first', async () => {
    await setPace({ messagesPerSecond: 0, newContactsPerHour: 1, ramp: false });
    await send(contact(1));
    const first = await send(contact(2));
    await begin();
    const second = await send(contact(2));
    dispatcher.notify(number.id, 'live');
    await dispatcher.offer(target);
    expect((await found(second)).deferredUntil).toBe((await found(first)).deferredUntil);
    await pass(HOUR, MINUTE);
    expect(given.map(({ message }) => message.id).slice(1)).toEqual([first.id, second.id]);
  });

  it('lets a held message go within a second when its recipient writes', async () => {
    await setPace({ messagesPerSecond: 0, newContactsPerHour: 1, ramp: false });
    await send(contact(1));
    const held = await send(contact(2));
    const other = await send(contact(3));
    await begin();
    expect(await found(held)).toMatchObject({ isDeferred: true });
    const item = {
      ...{ guid: 'g', from: contact(2), to: number.phoneNumber, service: 'imessage', text: 'Hi' },
      ...{ media: [], sent_at: new Date(base.now()).toISOString(), from_me: false },
    };
    await base.store.transaction((tx) =>
      recordInbound(tx, { id: 'd', tenantId: base.live.id, numbers: [number] }, [item], {
        ...{ now: base.now(), ids: base.ids, lateMs: DAY },
      }),
    );
    await pass(SECOND);
    expect(given.at(-1)!.message.id).toBe(held.id);
    expect(await found(other)).toMatchObject({ isDeferred: true });
  });

  it('holds back what nobody answers, until somebody does', async () => {
    await setPace({ messagesPerSecond: 0, unansweredInARow: 2, newContactsPerHour: 0, newContactsPerDay: 0 });
    await isKnown(contact(1));
    const sent: Message[] = [];
    for (let n = 0; n < 3; n += 1) sent.push(await send(contact(1)));
    await begin();
    expect(given).toHaveLength(2);
    expect(await found(sent[2]!)).toMatchObject({ isDeferred: true, deferReason: 'unanswered' });
    await isKnown(contact(1));
    await base.store.transaction((tx) => tx.messages.reconsiderDeferred(number.id, contact(1), base.now()));
    await pass(SECOND);
    expect(given).toHaveLength(3);
  });

  it('frees the slot of a message that is cancelled', async () => {
    await setPace({ messagesPerSecond: 0, newContactsPerHour: 1, newContactsPerDay: 0, ramp: false });
    await send(contact(1));
    const held = await send(contact(2));
    await begin();
    await base.store.transaction(async (tx) => {
      const step = transition(await found(held), { kind: 'cancel' }, base.now())!;
      await recordTransition(tx, step, { now: base.now(), ids: base.ids });
    });
    const next = await send(contact(3));
    dispatcher.notify(number.id, 'live');
    await dispatcher.offer(target);
    expect(await found(next)).toMatchObject({ deferredUntil: START + HOUR });
  });

  it('keeps no slot for what would have expired by then', async () => {
    await setPace({ messagesPerSecond: 0, newContactsPerHour: 1, newContactsPerDay: 0, ramp: false });
    await send(contact(1));
    const short = await send(contact(2), { expiresAt: START + 10 * MINUTE, hasRequestedExpiry: true });
    const long = await send(contact(3));
    await begin();
    expect(await found(short)).toMatchObject({ isDeferred: true, deferredUntil: START + 10 * MINUTE });
    expect(await found(long)).toMatchObject({ deferredUntil: START + HOUR });
    await pass(10 * MINUTE, MINUTE);
    expect(await found(short)).toMatchObject({ status: 'failed', errorCode: 'expired' });
    await pass(51 * MINUTE, MINUTE);
    expect(given.at(-1)!.message.id).toBe(long.id);
  });

  it('does less a day in the first week: 30 % on the first day, 10 % more on each', async () => {
    await setPace({ messagesPerSecond: 0, messagesPerDay: 10, newContactsPerHour: 0, newContactsPerDay: 0 });
    for (let n = 1; n <= 100; n += 1) await send(contact(n));
    await begin();
    const perDay: number[] = [given.length];
    for (let day = 1; day <= 8; day += 1) {
      const before = given.length;
      await pass(DAY, HOUR);
      perDay.push(given.length - before);
    }
    expect(perDay).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 10]);
  });

  it('keeps everything back in quiet hours, and goes on when they end', async () => {
    await setPace({ messagesPerSecond: 0, quietHours: { from: '11:00', to: '13:00' } });
    await send(contact(1));
    await begin();
    expect(given).toEqual([]);
    await pass(59 * MINUTE, MINUTE);
    expect(given).toEqual([]);
    await pass(2 * MINUTE, MINUTE);
    expect(times()).toEqual([HOUR]);
  });

  it('does not count what a device was not reached with', async () => {
    breaksOff = true;
    await send(contact(1));
    await begin();
    expect(isGone).toBe(true);
    expect(await base.store.read.pace.used(number.id, 'messages', START - 1)).toBe(0);
  });

  it('lets urgent messages go first, with what waits for the same person already', async () => {
    dispatcher.attach(target);
    await dispatcher.offer(target);
    const sent: Message[] = [];
    for (const n of [1, 2, 3]) sent.push(await send(contact(n)));
    await base.store.transaction((tx) => tx.messages.promote(number.id, contact(3)));
    const urgent = await send(contact(3), { priority: -1 });
    dispatcher.notify(number.id, 'live');
    await dispatcher.offer(target);
    await pass(4 * SECOND);
    expect(given.map(({ message }) => message.id)).toEqual([
      sent[2]!.id,
      urgent.id,
      sent[0]!.id,
      sent[1]!.id,
    ]);
  });

  it('of the sandbox and of a provider’s number has no limits but its own', async () => {
    await base.store.transaction((tx) => tx.numbers.setPace(number.id, {}));
    const bought = { ...number, id: base.ids(), phoneNumber: '+14155550198', provider: 'twilio' };
    await base.store.transaction((tx) => tx.numbers.insert(bought));
    for (let n = 1; n <= 20; n += 1) await base.insert({ numberId: bought.id, handle: contact(n) });
    target = { ...target, numberIds: [bought.id] };
    await begin();
    expect(given).toHaveLength(20);
  });
});
