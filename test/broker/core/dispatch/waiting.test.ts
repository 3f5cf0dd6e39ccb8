/**
 * Tests the forecast of queued messages: the announced time is compared with the time at which the dispatcher really sends.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Dispatcher } from '../../../../broker/core/dispatch/dispatcher.ts';
import { AcceptedWaits, Waits, waitMessage } from '../../../../broker/core/dispatch/waiting.ts';
import { recordTransition } from '../../../../broker/core/lifecycle/record-transition.ts';
import type { Message } from '../../../../broker/core/model/message.ts';
import { transition } from '../../../../broker/core/model/message-transition.ts';
import type { OwnNumber } from '../../../../broker/core/model/number.ts';
import { DEFAULT_PACE, type PaceOverrides } from '../../../../broker/core/model/pace.ts';
import { createManualClock, type ManualClock } from '../../../support/manual-clock.ts';
import { recordingTarget } from '../../../support/recording-target.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 10, 21, 12);

let base: TemporaryStore;
let clock: ManualClock;
let dispatcher: Dispatcher;
let number: OwnNumber;
let target: ReturnType<typeof recordingTarget>;
let isConnected: boolean;

beforeEach(async () => {
  base = await temporaryStore(START);
  clock = createManualClock();
  dispatcher = new Dispatcher({
    ...{
      store: base.store,
      now: base.now,
      monotonicNow: base.monotonicNow,
      ids: base.ids,
      after: clock.after,
    },
    messageTtlMs: DAY,
    pace: DEFAULT_PACE,
    onFault: (error) => {
      throw error;
    },
  });
  number = await base.addNumber('+14155550199');
  target = recordingTarget([number.id], { credit: 1_000_000 });
  isConnected = true;
});
afterEach(() => base.close());

const setPace = (pace: PaceOverrides) => base.store.transaction((tx) => tx.numbers.setPace(number.id, pace));
const contact = (n: number) => `+1415555${String(n).padStart(4, '0')}`;
const send = (handle: string, change: Partial<Message> = {}) =>
  base.insert({ numberId: number.id, handle, expiresAt: base.now() + DAY, ...change });
const context = () => ({
  pace: DEFAULT_PACE,
  now: base.now(),
  hasTarget: (_: string, needs = 0) => isConnected && needs === 0,
});
const waits = () => new Waits(base.store.read, context());
const stored = async ({ id }: Message) => (await base.store.read.messages.find(base.live.id, id))!;
const waitOf = async (message: Message) => waits().of(await stored(message));

const connect = async () => {
  dispatcher.attach(target);
  await dispatcher.offer(target);
  await reportSent();
};
const passTime = async (ms: number, step = SECOND) => {
  for (let left = ms; left > 0; left -= step) {
    base.advance(Math.min(step, left));
    clock.advance(Math.min(step, left));
    await dispatcher.tick();
    await dispatcher.offer(target);
    await reportSent();
  }
};
/** The device reports every message that it received. */
const reportSent = () =>
  base.store.transaction(async (tx) => {
    for (const { id, tenantId } of target.delivered) {
      const message = await tx.messages.find(tenantId, id);
      const report = { deviceId: target.deviceId, state: 'sent', leaseUntil: 0 } as const;
      const change = message && transition(message, { kind: 'report', report }, base.now());
      if (change !== undefined) await recordTransition(tx, change, { now: base.now(), ids: base.ids });
    }
  });
/** Passes time until the message is dispatched. Returns the time. */
const dispatchTimeOf = async ({ id }: Message, step = SECOND) => {
  for (let steps = 0; steps < 10_000; steps += 1) {
    if (target.delivered.some((message) => message.id === id)) return base.now();
    await passTime(step, step);
  }
  throw new Error('The message was never dispatched.');
};

describe('the wait of a queued message', () => {
  it('counts the messages ahead', async () => {
    const sent = [];
    for (const n of [1, 2, 3, 4, 5]) sent.push(await send(contact(1), { content: String(n) }));
    await connect();
    const announced = await Promise.all(sent.map(waitOf));
    expect(announced.map((wait) => wait && (wait.until ?? 0) - START)).toEqual([
      undefined,
      1_000,
      2_000,
      3_000,
      4_000,
    ]);
    expect(announced.at(-1)?.reason).toBe('messages_per_second');
    expect(await dispatchTimeOf(sent.at(-1)!)).toBe(START + 4_000);
  });

  it('is the latest of all limits, from the start', async () => {
    await setPace({ newContactsPerHour: 3, newContactsPerDay: 5, ramp: false });
    const sent = [];
    for (let n = 1; n <= 7; n += 1) sent.push(await send(contact(n)));
    await connect();
    const announced = await Promise.all(sent.map(waitOf));
    // 3 in the first hour, 2 in the second, the others after a day.
    expect(announced.map((wait) => wait?.reason)).toEqual([
      undefined,
      'messages_per_second',
      'messages_per_second',
      'new_contacts_per_hour',
      'new_contacts_per_hour',
      'new_contacts_per_day',
      'new_contacts_per_day',
    ]);
    const [last] = sent.slice(-1);
    const until = announced.at(-1)?.until ?? 0;
    expect(until).toBeGreaterThanOrEqual(START + DAY);
    await passTime(10 * SECOND);
    await passTime(2 * HOUR, MINUTE);
    const later = await waitOf(last!);
    expect(Math.abs((later?.until ?? 0) - until)).toBeLessThan(5 * SECOND);
    const dispatchedAt = await dispatchTimeOf(last!, MINUTE);
    expect(Math.abs(dispatchedAt - until)).toBeLessThan(2 * MINUTE);
  });

  it('ends after the quiet hours in which a limit would end', async () => {
    await setPace({
      messagesPerSecond: 0,
      messagesPerDay: 0,
      messagesPerMinute: 2,
      quietHours: { from: '12:02', to: '15:00' },
    });
    const sent = [];
    for (let n = 0; n < 7; n += 1) sent.push(await send(contact(1), { content: String(n) }));
    await connect();
    const wait = await waitOf(sent.at(-1)!);
    expect(wait).toMatchObject({ until: START + 3 * HOUR + MINUTE, reason: 'quiet_hours' });
    expect(await waitOf(sent[4]!)).toMatchObject({ until: START + 3 * HOUR, reason: 'quiet_hours' });
    const dispatchedAt = await dispatchTimeOf(sent.at(-1)!, 10 * SECOND);
    expect(Math.abs(dispatchedAt - (wait?.until ?? 0))).toBeLessThan(MINUTE);
  });

  it('names a missing device, unless a limit lasts longer than a minute', async () => {
    isConnected = false;
    await send(contact(1));
    const second = await send(contact(1));
    expect(await waitOf(second)).toEqual({ until: null, reason: 'no_device', expiresFirst: false });
    await setPace({ quietHours: { from: '11:00', to: '13:00' } });
    expect(await waitOf(second)).toMatchObject({ until: START + HOUR + SECOND, reason: 'quiet_hours' });
  });

  it('names a missing capability if other devices are connected', async () => {
    const rich = await send(contact(1), { needs: 1 });
    const wait = await waitOf(rich);
    expect(wait).toMatchObject({ until: null, reason: 'no_device', lacksCapability: true });
    expect(waitMessage(wait!)).toBe('No device that can send the message is connected.');
    isConnected = false;
    expect(await waitOf(rich)).toEqual({ until: null, reason: 'no_device', expiresFirst: false });
    expect(await new AcceptedWaits(base.store, context).of(await stored(rich))).toMatchObject({
      reason: 'no_device',
    });
  });

  it('has no end for a recipient who must reply first', async () => {
    await setPace({ messagesPerSecond: 0, unansweredInARow: 1 });
    await send(contact(1));
    await connect();
    const second = await send(contact(1));
    expect(await waitOf(second)).toMatchObject({ until: null, reason: 'unanswered' });
  });

  it('warns that the requested expiry comes first', async () => {
    await setPace({ newContactsPerHour: 1, ramp: false });
    await send(contact(1));
    await connect();
    const short = await send(contact(2), { expiresAt: START + 10 * MINUTE, hasRequestedExpiry: true });
    expect(await waitOf(short)).toEqual({ until: null, reason: 'new_contacts_per_hour', expiresFirst: true });
  });

  it('is announced at acceptance without reading the queue for each message', async () => {
    await connect();
    const accepted = new AcceptedWaits(base.store, context);
    const before = base.store.transactions();
    const announced = [];
    for (let n = 0; n < 50; n += 1) {
      const wait = await accepted.of(await send(contact(1), { content: String(n) }));
      announced.push(wait === undefined ? 0 : (wait.until ?? 0) - START);
    }
    expect(announced).toEqual(Array.from({ length: 50 }, (_, n) => n * SECOND));
    expect(base.store.transactions() - before).toBe(50);
  });
});

describe('the wait at the acceptance by a number without limits', () => {
  it('follows the connection of the device and changes of the pace', async () => {
    await setPace({ messagesPerSecond: 0, newContactsPerHour: 0, newContactsPerDay: 0, ramp: false });
    const accepted = new AcceptedWaits(base.store, context);
    isConnected = false;
    const noDevice = { until: null, reason: 'no_device', expiresFirst: false };
    for (let n = 0; n < 3; n += 1) expect(await accepted.of(await send(contact(n)))).toEqual(noDevice);
    isConnected = true;
    for (let n = 0; n < 3; n += 1) expect(await accepted.of(await send(contact(n)))).toBeUndefined();
    await setPace({ quietHours: { from: '11:00', to: '13:00' } });
    expect(await accepted.of(await send(contact(9)))).toMatchObject({ reason: 'quiet_hours' });
    const deferral = { isDeferred: true, deferReason: 'scheduled', deferredUntil: START + 2 * HOUR } as const;
    expect(await accepted.of(await send(contact(9), deferral))).toMatchObject({ until: START + 2 * HOUR });
  });
});

describe('the time to live', () => {
  it('does not count the time in the limits of the number', async () => {
    // The first day allows 15 new contacts.
    const sent = [];
    for (let n = 1; n <= 20; n += 1) sent.push(await send(contact(n)));
    await connect();
    await passTime(30 * SECOND);
    await passTime(26 * HOUR, MINUTE);
    const statuses = await Promise.all(sent.map(async (message) => (await stored(message)).status));
    expect(new Set(statuses)).toEqual(new Set(['sent']));
    expect(target.delivered).toHaveLength(20);
  });

  it('does not count the quiet hours', async () => {
    await setPace({ messagesPerSecond: 0, weeklyWindows: [{ days: ['mon'], from: '09:00', to: '10:00' }] });
    const message = await send(contact(1));
    await connect();
    await passTime(2 * DAY, HOUR);
    expect((await stored(message)).status).toBe('sent');
  });

  it('does not count the turns of a long queue', async () => {
    await setPace({
      ...{ messagesPerSecond: 0, newContactsPerHour: 0, newContactsPerDay: 0, ramp: false },
      messagesPerDay: 10,
    });
    for (let n = 0; n < 25; n += 1) await send(contact(1), { content: String(n) });
    await connect();
    await passTime(3 * DAY, HOUR);
    expect(target.delivered.map(({ content }) => Number(content))).toEqual(
      Array.from({ length: 25 }, (_, n) => n),
    );
  });

  it('counts the time without a device, and the error says so', async () => {
    isConnected = false;
    const message = await send(contact(1));
    await passTime(DAY + MINUTE, HOUR);
    expect(await stored(message)).toMatchObject({
      ...{ status: 'failed', errorCode: 'expired' },
      errorMessage: 'The message expired before it could be sent. No device of the number is connected.',
    });
  });

  it.each([
    ['shorter', 10 * MINUTE],
    ['longer', 2 * DAY],
  ])(
    'that was %s at the acceptance ends at the stored time, after a change of the setting',
    async (_, ms) => {
      await setPace({ messagesPerSecond: 0, newContactsPerHour: 0, newContactsPerDay: 0, ramp: false });
      isConnected = false;
      const message = await send(contact(1), { expiresAt: START + ms });
      await passTime(ms - MINUTE, MINUTE * 10);
      expect((await stored(message)).status).toBe('queued');
      await passTime(11 * MINUTE, MINUTE);
      expect((await stored(message)).errorCode).toBe('expired');
    },
  );

  it('ends for a recipient who does not reply, and the error says so', async () => {
    await setPace({ messagesPerSecond: 0, unansweredInARow: 1 });
    await send(contact(1));
    await connect();
    const second = await send(contact(1));
    await passTime(DAY + HOUR, HOUR);
    expect((await stored(second)).errorMessage).toContain('has not replied');
  });
});
