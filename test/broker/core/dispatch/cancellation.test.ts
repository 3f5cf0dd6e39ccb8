/** Tests that a cancelled message, or one to a recipient who opted out, is never dispatched again. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { suppress } from '../../../../broker/core/contacts/opt-out.ts';
import { Dispatcher } from '../../../../broker/core/dispatch/dispatcher.ts';
import { createGroup } from '../../../../broker/core/groups/create-group.ts';
import { recordTransition } from '../../../../broker/core/lifecycle/record-transition.ts';
import type { Message } from '../../../../broker/core/model/message.ts';
import { transition } from '../../../../broker/core/model/message-transition.ts';
import type { OwnNumber } from '../../../../broker/core/model/number.ts';
import { DEFAULT_PACE } from '../../../../broker/core/model/pace.ts';
import { createManualClock, type ManualClock } from '../../../support/manual-clock.ts';
import { recordingTarget } from '../../../support/recording-target.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';

const LEASE_MS = 60_000;
const HANDLE = '+14155550100';

describe('The dispatcher', () => {
  let base: TemporaryStore;
  let clock: ManualClock;
  let dispatcher: Dispatcher;
  let number: OwnNumber;

  beforeEach(async () => {
    base = await temporaryStore();
    clock = createManualClock();
    dispatcher = new Dispatcher({
      ...{
        store: base.store,
        now: base.now,
        monotonicNow: base.monotonicNow,
        ids: base.ids,
        after: clock.after,
      },
      messageTtlMs: 86_400_000,
      pace: DEFAULT_PACE,
      onFault: (error) => {
        throw error;
      },
    });
    number = await base.addNumber('+14155550199');
    base.store.onCancellations((message) => dispatcher.cancel(message));
  });
  afterEach(() => base.close());

  const stored = async ({ id }: Message) => base.store.read.messages.find(base.live.id, id);
  const cancel = (message: Message) =>
    base.store.transaction(async (tx) => {
      const found = await tx.messages.find(base.live.id, message.id);
      const change = found && transition(found, { kind: 'cancel' }, base.now());
      if (change !== undefined) await recordTransition(tx, change, { now: base.now(), ids: base.ids });
    });
  const optOut = () =>
    base.store.transaction((tx) =>
      suppress(tx, base.live.id, HANDLE, 'STOP', { now: base.now(), ids: base.ids }),
    );
  const leased = async () => {
    const message = await base.insert({ numberId: number.id, handle: HANDLE });
    const target = recordingTarget([number.id]);
    dispatcher.attach(target);
    await dispatcher.offer(target);
    expect(target.delivered.map(({ id }) => id)).toEqual([message.id]);
    return { message, target };
  };
  const passLease = async (target: ReturnType<typeof recordingTarget>) => {
    base.advance(LEASE_MS + 1_000);
    clock.advance(LEASE_MS + 1_000);
    await dispatcher.tick();
    await dispatcher.offer(target);
  };

  it('delivers a message again whose lease expired', async () => {
    const { message, target } = await leased();
    await passLease(target);
    expect(target.delivered.map(({ id }) => id)).toEqual([message.id, message.id]);
  });

  it('sends cancel to the device as soon as a leased message is cancelled', async () => {
    const { message, target } = await leased();
    await cancel(message);
    expect(target.cancelled.map(({ id }) => id)).toEqual([message.id]);
  });

  it('sends cancel again instead of a cancelled message whose lease expired', async () => {
    const { message, target } = await leased();
    await cancel(message);
    await passLease(target);
    expect(target.delivered.map(({ id }) => id)).toEqual([message.id]);
    expect(target.cancelled.map(({ id }) => id)).toEqual([message.id, message.id]);
    expect(await stored(message)).toMatchObject({ status: 'polling', attempt: 1 });
  });

  it('sends cancel for a leased message when its recipient opts out', async () => {
    const { message, target } = await leased();
    await optOut();
    expect(target.cancelled.map(({ id }) => id)).toEqual([message.id]);
    await passLease(target);
    expect(target.delivered).toHaveLength(1);
  });

  it('does not deliver a message again whose recipient opted out on another broker process', async () => {
    const { message, target } = await leased();
    await base.store.transaction((tx) =>
      tx.suppressions.insert({
        ...{ tenantId: base.live.id, handle: HANDLE, reason: 'STOP', createdAt: base.now() },
      }),
    );
    await passLease(target);
    expect(target.delivered).toHaveLength(1);
    expect((await stored(message))?.cancelRequestedAt).not.toBeNull();
  });

  it('delivers to a group with a member who opted out only the action that leaves the group', async () => {
    const context = { now: base.now(), ids: base.ids };
    const members = { participants: [HANDLE, '+14155550101'], name: null, field: 'to' };
    const { chat } = await base.store.transaction((tx) => createGroup(tx, number, members, context));
    await optOut();
    const toGroup = { numberId: number.id, handle: chat, chat };
    const message = await base.insert(toGroup);
    const action = { kind: 'leave_group', messageId: null, part: 0, value: '' } as const;
    const leaving = await base.insert({ ...toGroup, action, deletedAt: 1 });
    const target = recordingTarget([number.id]);
    dispatcher.attach(target);
    await dispatcher.offer(target);
    expect(target.delivered.map(({ id }) => id)).toEqual([leaving.id]);
    expect(await stored(message)).toMatchObject({ status: 'failed' });
  });

  it('does not deliver a message again after its expiry', async () => {
    const message = await base.insert({
      ...{ numberId: number.id, handle: HANDLE, hasRequestedExpiry: true },
      expiresAt: base.now() + 30_000,
    });
    const target = recordingTarget([number.id]);
    dispatcher.attach(target);
    await dispatcher.offer(target);
    base.advance(LEASE_MS + 1_000);
    target.credit = 100;
    await dispatcher.offer(target);
    dispatcher.detach(target);
    dispatcher.attach(target);
    await dispatcher.offer(target);
    expect(target.delivered.map(({ id }) => id)).toEqual([message.id]);
  });

  it('delivers a message again soon after its lease, also if a report has renewed the lease in between', async () => {
    const { message, target } = await leased();
    base.advance(1_000);
    const renewed = base.monotonicNow() + LEASE_MS;
    await base.store.transaction((tx) => tx.messages.setLeaseEnd([message], renewed));
    // The first check comes a second before the end of the renewed lease.
    for (const ms of [LEASE_MS - 1_000, 1_000]) {
      base.advance(ms);
      target.credit = 100;
      await dispatcher.tick();
      await dispatcher.offer(target);
    }
    expect(target.delivered).toHaveLength(2);
  });

  it('leases nothing to a device that was revoked', async () => {
    const message = await base.insert({ numberId: number.id, handle: HANDLE });
    const target = recordingTarget([number.id], { isPermitted: async () => false });
    dispatcher.attach(target);
    await dispatcher.offer(target);
    expect(target.delivered).toEqual([]);
    expect(await stored(message)).toMatchObject({ status: 'queued', attempt: 0 });
  });

  it('repeats a requeue that could not be stored', async () => {
    const { message, target } = await leased();
    const { transaction } = base.store;
    base.store.transaction = () => Promise.reject(new Error('The disk is full.'));
    const delivered = target.delivered[0] as Message;
    await expect(dispatcher.requeue([delivered])).rejects.toThrow('full');
    base.store.transaction = transaction;
    dispatcher.detach(target);
    await dispatcher.tick();
    expect(await stored(message)).toMatchObject({ status: 'queued' });
  });

  it('fails a requeued message that was cancelled', async () => {
    const { message, target } = await leased();
    await cancel(message);
    await dispatcher.requeue([target.delivered[0] as Message]);
    expect(await stored(message)).toMatchObject({ status: 'failed', errorCode: 'cancelled' });
    await passLease(target);
    expect(target.delivered).toHaveLength(1);
  });
});
