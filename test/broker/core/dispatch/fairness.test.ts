/** Tests that a long queue of one number or tenant does not delay the messages of another. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Dispatcher } from '../../../../broker/core/dispatch/dispatcher.ts';
import type { OwnNumber } from '../../../../broker/core/model/number.ts';
import { DEFAULT_PACE } from '../../../../broker/core/model/pace.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { recordingTarget } from '../../../support/recording-target.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';

const UNLIMITED = { messagesPerSecond: 0, newContactsPerHour: 0, newContactsPerDay: 0, ramp: false };

describe('The dispatcher', () => {
  let base: TemporaryStore;
  let dispatcher: Dispatcher;
  let numbers: OwnNumber[];

  beforeEach(async () => {
    base = await temporaryStore();
    dispatcher = new Dispatcher({
      ...{
        store: base.store,
        now: base.now,
        monotonicNow: base.monotonicNow,
        ids: base.ids,
        after: createManualClock().after,
      },
      messageTtlMs: 86_400_000,
      pace: { ...DEFAULT_PACE, ...UNLIMITED },
      onFault: (error) => {
        throw error;
      },
    });
    numbers = [];
    for (const phone of ['+14155550191', '+14155550192', '+14155550193'])
      numbers.push(await base.addNumber(phone));
  });
  afterEach(() => base.close());

  const queue = async (number: OwnNumber | undefined, count: number) => {
    for (let n = 0; n < count; n += 1) {
      const handle = `+1415555${String(1_000 + n)}`;
      await base.insert({ numberId: number?.id ?? '', handle });
    }
  };
  const countOf = (target: ReturnType<typeof recordingTarget>, number: OwnNumber | undefined) =>
    target.delivered.filter(({ numberId }) => numberId === number?.id).length;

  it('shares the room of a target between its numbers', async () => {
    const [busy, quiet] = numbers;
    await queue(busy, 60);
    await queue(quiet, 3);
    const target = recordingTarget(
      numbers.map(({ id }) => id),
      { credit: 10 },
    );
    dispatcher.attach(target);
    await dispatcher.offer(target);
    expect(target.delivered).toHaveLength(10);
    expect(countOf(target, quiet)).toBe(3);
  });

  it('fills the room with a message that the device did not receive from its earlier session', async () => {
    const [number] = numbers;
    await queue(number, 2);
    // The first message was leased at the hello of the device, and then went back to the queue.
    const target = recordingTarget([number?.id ?? ''], {
      ...{ credit: 1, isJournaling: false, wasDelivered: () => true },
    });
    dispatcher.attach(target);
    await dispatcher.offer(target);
    expect(target.delivered).toHaveLength(1);
  });

  it('serves another number first when the room is one message', async () => {
    const [busy, quiet] = numbers;
    await queue(busy, 20);
    const target = recordingTarget(
      numbers.map(({ id }) => id),
      { credit: 1 },
    );
    dispatcher.attach(target);
    await dispatcher.offer(target);
    await queue(quiet, 2);
    dispatcher.notify(quiet?.id ?? '', 'live');
    for (let n = 0; n < 4; n += 1) {
      target.credit = 1;
      await dispatcher.offer(target);
    }
    expect(countOf(target, quiet)).toBe(2);
    expect(countOf(target, busy)).toBe(3);
  });

  it('dispatches every message in the end, in order per number', async () => {
    for (const [index, number] of numbers.entries()) await queue(number, 30 - 10 * index);
    const target = recordingTarget(
      numbers.map(({ id }) => id),
      { credit: 7 },
    );
    dispatcher.attach(target);
    for (let n = 0; n < 20; n += 1) {
      target.credit = 7;
      await dispatcher.offer(target);
    }
    expect(numbers.map((number) => countOf(target, number))).toEqual([30, 20, 10]);
    for (const { id } of numbers) {
      const ids = target.delivered.filter(({ numberId }) => numberId === id).map((message) => message.id);
      expect(ids).toEqual(ids.toSorted());
    }
  });
});
