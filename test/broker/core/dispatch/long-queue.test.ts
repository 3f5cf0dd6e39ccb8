/** Tests that messages which cannot be dispatched do not hide the messages behind them, and are read in parts. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Dispatcher } from '../../../../broker/core/dispatch/dispatcher.ts';
import type { Message } from '../../../../broker/core/model/message.ts';
import type { OwnNumber } from '../../../../broker/core/model/number.ts';
import { DEFAULT_PACE } from '../../../../broker/core/model/pace.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { queuedMessage } from '../../../support/message.ts';
import { recordingTarget } from '../../../support/recording-target.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';
import { until } from '../../../support/until.ts';

const UNLIMITED = { messagesPerSecond: 0, newContactsPerHour: 0, newContactsPerDay: 0, ramp: false };
const BLOCKED = '+14155550100';
const OTHER = '+14155550101';
/** More than two parts of a queue. */
const MANY = 2_500;
const DAY_MS = 86_400_000;

describe.each([
  ['without limits', UNLIMITED],
  ['with limits', { ...UNLIMITED, messagesPerDay: 1_000_000 }],
])('A dispatcher %s', (_, limits) => {
  let base: TemporaryStore;
  let dispatcher: Dispatcher;
  let number: OwnNumber;

  beforeEach(async () => {
    base = await temporaryStore();
    dispatcher = new Dispatcher({
      ...{ store: base.store, now: base.now, monotonicNow: base.monotonicNow, ids: base.ids },
      after: createManualClock().after,
      messageTtlMs: DAY_MS,
      pace: { ...DEFAULT_PACE, ...limits },
      onFault: (error) => {
        throw error;
      },
    });
    number = await base.addNumber('+14155550199');
  });
  afterEach(() => base.close());

  const insertMany = (change: Partial<Message>) =>
    base.store.transaction(async (tx) => {
      const at = base.now();
      for (let index = 0; index < MANY; index += 1) {
        const accepted = { id: base.ids(), tenantId: base.live.id, numberId: number.id, createdAt: at };
        const message = queuedMessage({ ...accepted, expiresAt: at + DAY_MS, ...change });
        await tx.messages.insert(message, { at, kind: 'accepted', status: 'queued', detail: null });
      }
    });
  const insert = (change: Partial<Message>) => base.insert({ numberId: number.id, ...change });
  /** Leases the first message to the recipient to another device, which never reports. */
  const block = async () => {
    const first = await insert({ handle: BLOCKED });
    const other = recordingTarget([number.id], { deviceId: 'other', credit: 1 });
    dispatcher.attach(other);
    await dispatcher.offer(other);
    expect(other.delivered.map(({ id }) => id)).toEqual([first.id]);
    return { first, other };
  };

  it('reads past many messages to a recipient whose messages are at another device', async () => {
    await block();
    await insertMany({ handle: BLOCKED });
    const last = await insert({ handle: OTHER });
    const target = recordingTarget([number.id]);
    const before = base.store.transactions();
    dispatcher.attach(target);
    await dispatcher.offer(target);
    expect(target.delivered.map(({ id }) => id)).toEqual([last.id]);
    expect(base.store.transactions() - before).toBeGreaterThanOrEqual(3);
  });

  it('reads past many expired messages', async () => {
    await insertMany({ handle: BLOCKED, expiresAt: base.now() + 1 });
    base.advance(1);
    const last = await insert({ handle: OTHER });
    const target = recordingTarget([number.id]);
    dispatcher.attach(target);
    await dispatcher.offer(target);
    expect(target.delivered.map(({ id }) => id)).toEqual([last.id]);
  });

  it('returns to the beginning of the queue when the recipient is free again', async () => {
    const { first, other } = await block();
    await insertMany({ handle: BLOCKED });
    const target = recordingTarget([number.id], { credit: 10 });
    dispatcher.attach(target);
    await dispatcher.offer(target);
    expect(target.delivered).toEqual([]);
    dispatcher.detach(other);
    const leased = await base.store.read.messages.find(base.live.id, first.id);
    if (leased === undefined) throw new Error('The leased message is missing.');
    await dispatcher.requeue([leased]);
    await until('the messages', () => target.delivered.length === 10);
    const ids = target.delivered.map(({ id }) => id);
    expect(ids[0]).toBe(first.id);
    expect(ids).toEqual(ids.toSorted());
  });

  it('sends an urgent message that was accepted while the queue was read in parts', async () => {
    await block();
    await insertMany({ handle: BLOCKED });
    const target = recordingTarget([number.id]);
    dispatcher.attach(target);
    const reading = dispatcher.offer(target);
    const urgent = await insert({ handle: OTHER, priority: -1 });
    dispatcher.notify(number.id, 'live');
    await reading;
    await until('the urgent message', () => target.delivered.length > 0);
    expect(target.delivered.map(({ id }) => id)).toEqual([urgent.id]);
  });
});
