/** Tests the order of messages when a session replaces an earlier one of the same device during a lease. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Dispatcher } from '../../../../broker/core/dispatch/dispatcher.ts';
import { DEFAULT_PACE } from '../../../../broker/core/model/pace.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { recordingTarget } from '../../../support/recording-target.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';

const UNLIMITED = { messagesPerSecond: 0, newContactsPerHour: 0, newContactsPerDay: 0, ramp: false };

describe('The dispatcher', () => {
  let base: TemporaryStore;
  let dispatcher: Dispatcher;

  beforeEach(async () => {
    base = await temporaryStore();
    const { store, now, monotonicNow, ids } = base;
    dispatcher = new Dispatcher({
      ...{ store, now, monotonicNow, ids, after: createManualClock().after },
      messageTtlMs: 86_400_000,
      pace: { ...DEFAULT_PACE, ...UNLIMITED },
      onFault: (error) => {
        throw error;
      },
    });
  });
  afterEach(() => base.close());

  it('keeps the order when a session ends while a message is leased to it', async () => {
    const { id: numberId } = await base.addNumber('+14155550191');
    const queued = [];
    for (let n = 0; n < 3; n += 1) queued.push(await base.insert({ numberId, handle: '+14155550100' }));
    const session = { isJournaling: false };
    const older = recordingTarget([numberId], { ...session, sessionId: 'older', credit: 1 });
    const newer = recordingTarget([numberId], { ...session, sessionId: 'newer' });
    dispatcher.attach(older);
    // The hello of the newer session is stored with the lease.
    await base.store.transaction(async () => {});
    dispatcher.detach(older);
    dispatcher.attach(newer);
    await dispatcher.offer(newer);
    await dispatcher.offer(newer);
    expect(older.delivered).toEqual([]);
    expect(newer.delivered.map(({ id }) => id)).toEqual(queued.map(({ id }) => id));
  });

  it('keeps a message that could not be written ahead of a later urgent one', async () => {
    const { id: numberId } = await base.addNumber('+14155550191');
    const to = { numberId, handle: '+14155550100' };
    const first = await base.insert(to);
    let isOpen = true;
    const target = recordingTarget([numberId], { isReady: () => isOpen, deliver: () => false });
    dispatcher.attach(target);
    await base.store.transaction((tx) => tx.messages.promote(numberId, to.handle));
    isOpen = false;
    const urgent = await base.insert({ ...to, priority: -1 });
    dispatcher.detach(target);
    await dispatcher.idle();
    const next = recordingTarget([numberId]);
    dispatcher.attach(next);
    await dispatcher.offer(next);
    expect(next.delivered.map(({ id }) => id)).toEqual([first.id, urgent.id]);
  });
});
