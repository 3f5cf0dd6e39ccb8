/** Tests that a change of many rows takes effect at once, runs in small transactions and continues after a restart. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { taskSteps } from '../../../../broker/compose/jobs.ts';
import { suppress, unsuppress } from '../../../../broker/core/contacts/opt-out.ts';
import { Dispatcher } from '../../../../broker/core/dispatch/dispatcher.ts';
import { TASK_STEP, TaskRunner } from '../../../../broker/core/lifecycle/background-tasks.ts';
import { emit } from '../../../../broker/core/lifecycle/emit-event.ts';
import type { Message } from '../../../../broker/core/model/message.ts';
import { DEFAULT_PACE } from '../../../../broker/core/model/pace.ts';
import { changePace } from '../../../../broker/core/numbers/change-pace.ts';
import { removeNumber } from '../../../../broker/core/numbers/number-registration.ts';
import type { Store } from '../../../../broker/core/ports/store.ts';
import {
  createWebhook,
  failPendingDeliveries,
  removeWebhook,
} from '../../../../broker/core/webhooks/webhook-subscriptions.ts';
import { secrets } from '../../../../broker/secrets.ts';
import { newBrokerDatabase, openStoreOf } from '../../../support/broker-database.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { queuedMessage } from '../../../support/message.ts';
import { recordingTarget } from '../../../support/recording-target.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';

/** More than two steps. */
const MANY = 2 * TASK_STEP + 50;
const HANDLE = '+14155550100';
const UNLIMITED = {
  ...DEFAULT_PACE,
  ...{ messagesPerSecond: 0, newContactsPerHour: 0, newContactsPerDay: 0, ramp: false },
};

let base: TemporaryStore;
beforeEach(async () => {
  base = await temporaryStore();
});
afterEach(() => base.close());

const context = () => ({ now: base.now(), ids: base.ids });
const runner = (store: Store = base.store) =>
  new TaskRunner({ store, steps: taskSteps(() => base.context()), context });
const tasks = async () => (await base.store.read.tasks.list(10)).map(({ kind }) => kind);

async function insertMany(count: number, change: Partial<Message>): Promise<void> {
  const at = base.now();
  await base.store.transaction(async (tx) => {
    for (let index = 0; index < count; index += 1) {
      const message = queuedMessage({
        ...{ id: base.ids(), tenantId: base.live.id, createdAt: at, expiresAt: at + 86_400_000 },
        ...change,
      });
      await tx.messages.insert(message, { at, kind: 'accepted', status: 'queued', detail: null });
    }
  });
}

async function countByStatus(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let before: string | undefined; ; ) {
    const page = await base.store.read.messages.list(base.live.id, { limit: 500, before });
    for (const { status, errorCode } of page) {
      const name = errorCode ?? status;
      counts[name] = (counts[name] ?? 0) + 1;
    }
    before = page.at(-1)?.id;
    if (before === undefined) return counts;
  }
}

function startDispatcher(numberId: string, credit = 5_000) {
  const dispatcher = new Dispatcher({
    ...{ store: base.store, now: base.now, monotonicNow: base.monotonicNow, ids: base.ids },
    after: createManualClock().after,
    messageTtlMs: 86_400_000,
    pace: UNLIMITED,
    onFault: (error) => {
      throw error;
    },
  });
  const target = recordingTarget([numberId], { credit });
  dispatcher.attach(target);
  return { dispatcher, target };
}

describe('Removing a number with a long queue', () => {
  const removed = async () => {
    const number = await base.addNumber('+14155550199');
    await insertMany(MANY, { numberId: number.id });
    await base.store.transaction((tx) => removeNumber(tx, base.live.id, number.id, context()));
    return number;
  };

  it('dispatches no message, and cancels all of them in small transactions', async () => {
    const number = await removed();
    expect(await countByStatus()).toEqual({ cancelled: TASK_STEP, queued: MANY - TASK_STEP });
    const { dispatcher, target } = startDispatcher(number.id);
    await dispatcher.offer(target);
    expect(target.delivered).toEqual([]);

    const before = base.store.transactions();
    await runner().run();
    expect(base.store.transactions() - before).toBe(2);
    expect(await countByStatus()).toEqual({ cancelled: MANY });
    expect(await tasks()).toEqual([]);
  });

  it('requests the cancellation of its leased messages in the first transaction', async () => {
    const number = await base.addNumber('+14155550199');
    await insertMany(MANY, { numberId: number.id });
    const { dispatcher, target } = startDispatcher(number.id, 5);
    await dispatcher.offer(target);
    const requested: string[] = [];
    base.store.onCancellations(({ id }) => requested.push(id));
    await base.store.transaction((tx) => removeNumber(tx, base.live.id, number.id, context()));
    expect(requested.sort()).toEqual(target.delivered.map(({ id }) => id).sort());
    await runner().run();
    expect(await countByStatus()).toEqual({ polling: 5, cancelled: MANY - 5 });
  });

  it('leaves no task behind if the queue is short', async () => {
    const number = await base.addNumber('+14155550199');
    await insertMany(3, { numberId: number.id });
    await base.store.transaction((tx) => removeNumber(tx, base.live.id, number.id, context()));
    expect(await tasks()).toEqual([]);
    expect(await countByStatus()).toEqual({ cancelled: 3 });
  });
});

it('a task continues after a restart of the broker', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'homing-task-'));
  const database = await newBrokerDatabase(folder);
  const first = await openStoreOf({ database });
  await first.transaction((tx) =>
    tx.tasks.put({ kind: 'fail_deliveries', subject: 'unknown', beforeId: 'z', position: '' }),
  );
  await first.close();
  const second = await openStoreOf({ database });
  try {
    await runner(second).run();
    expect(await second.read.tasks.list(10)).toEqual([]);
  } finally {
    await second.close();
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  }
});

describe('An opt-out beside a long queue', () => {
  const optOut = () => base.store.transaction((tx) => suppress(tx, base.live.id, HANDLE, 'STOP', context()));

  it('dispatches no message to the handle, and cancels all of them in small transactions', async () => {
    const number = await base.addNumber('+14155550199');
    await insertMany(2_500, { numberId: number.id, handle: '+14155550101' });
    await insertMany(MANY, { numberId: number.id, handle: HANDLE });
    await optOut();
    expect(await tasks()).toEqual(['opt_out']);
    expect(await countByStatus()).toEqual({ queued: 2_500 + MANY });

    const { dispatcher, target } = startDispatcher(number.id);
    await dispatcher.offer(target);
    expect(new Set(target.delivered.map(({ handle }) => handle))).toEqual(new Set(['+14155550101']));
    expect(target.delivered).toHaveLength(2_500);
    await runner().run();
    expect(await countByStatus()).toEqual({ polling: 2_500, cancelled: MANY });
  });

  it('finds the messages of every number and priority, and none that were accepted later', async () => {
    const first = await base.addNumber('+14155550198');
    const second = await base.addNumber('+14155550199');
    for (const { id: numberId } of [first, second]) {
      await insertMany(2_100, { numberId, handle: '+14155550101' });
      await insertMany(5, { numberId, handle: HANDLE });
      await insertMany(5, { numberId, handle: HANDLE, priority: -1 });
      await insertMany(5, { numberId, handle: HANDLE, deferredUntil: base.now() + 1_000 });
    }
    await optOut();
    await base.store.transaction((tx) => unsuppress(tx, base.live.id, HANDLE, 'START', context()));
    await insertMany(7, { numberId: first.id, handle: HANDLE });
    await runner().run();
    expect(await countByStatus()).toEqual({ cancelled: 30, queued: 4_207 });
    expect(await tasks()).toEqual([]);
  });

  it('cancels the messages of a short queue in its own transaction', async () => {
    const number = await base.addNumber('+14155550199');
    await insertMany(3, { numberId: number.id, handle: HANDLE });
    await optOut();
    expect(await tasks()).toEqual([]);
    expect(await countByStatus()).toEqual({ cancelled: 3 });
  });
});

describe('A webhook with many deliveries', () => {
  const wanted = () =>
    ({
      tenantId: base.live.id,
      dialect: 'texting-blue',
      numberId: null,
      name: null,
      url: 'https://example.com/a',
      events: ['message.sent'],
    }) as const;
  const create = () =>
    base.store.transaction((tx) => createWebhook(tx, wanted(), { now: base.now, ids: base.ids, secrets }));
  const record = (count: number) =>
    base.store.transaction(async (tx) => {
      for (let index = 0; index < count; index += 1) {
        const subject = { message: queuedMessage({ id: base.ids() }) };
        const event = { tenantId: base.live.id, numberId: null, type: 'message.sent', subject } as const;
        await emit(tx, event, context());
      }
    });
  const statuses = async (id: string) => {
    const counts: Record<string, number> = {};
    for (const { status } of await base.store.read.deliveries.of(id, { limit: 1_000 }))
      counts[status] = (counts[status] ?? 0) + 1;
    return counts;
  };

  it('is hidden as soon as it is removed, and its deliveries are deleted in small transactions', async () => {
    const { id } = await create();
    await record(MANY);
    const remove = { now: base.now, ids: base.ids };
    await base.store.transaction((tx) => removeWebhook(tx, base.live.id, 'texting-blue', id, remove));
    expect(await statuses(id)).toEqual({ pending: MANY - TASK_STEP });
    const { webhooks } = base.store.read;
    expect(await webhooks.get(id)).toBeUndefined();
    expect(await webhooks.find(base.live.id, 'texting-blue', id)).toBeUndefined();
    expect(await webhooks.list(base.live.id, 'texting-blue')).toEqual([]);
    expect(await webhooks.activeOf(base.live.id)).toEqual([]);
    await expect(
      base.store.transaction((tx) => removeWebhook(tx, base.live.id, 'texting-blue', id, remove)),
    ).rejects.toThrow('not found');
    // The address is free again.
    await create();

    const before = base.store.transactions();
    await runner().run();
    expect(base.store.transactions() - before).toBe(2);
    expect(await statuses(id)).toEqual({});
    expect(await tasks()).toEqual([]);
  });

  it('fails its pending deliveries in small transactions, and none that were created later', async () => {
    const { id } = await create();
    await record(MANY);
    await base.store.transaction((tx) => failPendingDeliveries(tx, id, context()));
    expect(await statuses(id)).toEqual({ failed: TASK_STEP, pending: MANY - TASK_STEP });
    await record(3);
    await runner().run();
    expect(await statuses(id)).toEqual({ failed: MANY, pending: 3 });
  });
});

it('the dispatcher releases many scheduled messages in small transactions, and sends them in order', async () => {
  const number = await base.addNumber('+14155550199');
  const sendAt = base.now() + 1_000;
  await insertMany(MANY, {
    ...{ numberId: number.id, deferredUntil: sendAt, deferReason: 'scheduled', sendAt, isDeferred: true },
  });
  base.advance(1_000);
  const { dispatcher, target } = startDispatcher(number.id);
  await dispatcher.offer(target);
  expect(target.delivered).toEqual([]);
  const before = base.store.transactions();
  await dispatcher.tick();
  expect(base.store.transactions() - before).toBeGreaterThanOrEqual(3);
  await dispatcher.offer(target);
  const ids = target.delivered.map(({ id }) => id);
  expect(ids).toHaveLength(MANY);
  expect(ids).toEqual(ids.toSorted());
});

it('the dispatcher ends many expired messages in small transactions', async () => {
  const number = await base.addNumber('+14155550199');
  await insertMany(MANY, { numberId: number.id });
  base.advance(86_400_000);
  const { dispatcher } = startDispatcher(number.id);
  const before = base.store.transactions();
  await dispatcher.tick();
  expect(base.store.transactions() - before).toBeGreaterThanOrEqual(3);
  expect(await countByStatus()).toEqual({ expired: MANY });
});

it('a change of the pace decides again about all deferred messages of the number, in steps', async () => {
  const { store } = base;
  const number = await base.addNumber('+14155550150');
  const until = base.now() + 3_600_000;
  const deferral = { isDeferred: true, deferredUntil: until, deferReason: 'new_contacts_per_hour' } as const;
  for (let n = 0; n < MANY; n += 1) {
    const message = await base.insert({ numberId: number.id, handle: `+1415556${1_000 + n}`, ...deferral });
    await store.transaction((tx) => tx.pace.reserve(number.id, until, message.id));
  }
  const waiting = async () =>
    (await store.read.messages.list(base.live.id, { limit: 1_000 })).filter(
      ({ deferredUntil }) => deferredUntil === until,
    ).length;
  await store.transaction((tx) => changePace(tx, number.id, { newContactsPerHour: 0 }, context()));
  expect(await tasks()).toEqual(['reconsider_deferred']);
  expect(await waiting()).toBe(MANY - TASK_STEP);
  await runner().run();
  expect([await tasks(), await waiting()]).toEqual([[], 0]);
  expect(await store.read.pace.latest(number.id, 'new_contacts', 'reserved', 10, base.now())).toEqual([]);
});
