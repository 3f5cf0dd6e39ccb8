/** Tests the hourly counts of messages. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { projectChanges } from '../../../../broker/core/inbox/projections.ts';
import { recordTransition } from '../../../../broker/core/lifecycle/record-transition.ts';
import { purgeCounters } from '../../../../broker/core/messages/retention.ts';
import { transition } from '../../../../broker/core/model/message-transition.ts';
import { HOUR_MS, hourOf, latencyBucket } from '../../../../broker/core/model/statistics.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';

let base: TemporaryStore;
beforeEach(async () => {
  base = await temporaryStore();
});
afterEach(() => base.close());

const project = () => base.store.transaction((tx) => projectChanges(tx, 1_000, base.context()));

/** Returns the counts of an hour, relative to the current one. */
async function countsAt(hour: number, tenantId = base.live.id): Promise<Record<string, number>> {
  const fromHour = hourOf(base.now()) + hour;
  const range = { fromHour, untilHour: fromHour + 1, hoursEach: 1 };
  const sums = await base.store.read.statistics.sums(tenantId, range);
  return Object.fromEntries(sums.map(({ kind, detail, messages }) => [`${kind} ${detail}`.trim(), messages]));
}

it('a message is counted once for each result, at the hour of the result', async () => {
  const { store, live } = base;
  const at = base.now();
  const message = await base.insert({ status: 'sent', sentAt: at });
  await project();
  expect(await countsAt(0)).toEqual({ sent: 1 });
  base.advance(HOUR_MS);
  const delivered = { ...message, status: 'delivered' as const, deliveredAt: base.now() };
  const entry = { at: base.now(), kind: 'delivered', status: 'delivered', detail: null } as const;
  await store.transaction((tx) => tx.messages.record(delivered, entry));
  await project();
  await store.transaction((tx) => tx.messages.record({ ...delivered, readAt: base.now() }, entry));
  await project();
  const latency = `latency ${latencyBucket(HOUR_MS)}`;
  expect(await countsAt(0)).toEqual({ delivered: 1, [latency]: 1 });
  expect(await countsAt(-1)).toEqual({ sent: 1 });
  expect(await countsAt(0, live.id + 1)).toEqual({});
});

it('failures are counted by their code, and unknown codes together', async () => {
  const failed = { status: 'failed', failedAt: base.now() } as const;
  await base.insert({ ...failed, errorCode: 'expired' });
  await base.insert({ ...failed, errorCode: 'expired' });
  await base.insert({ ...failed, errorCode: 'a code of a device' });
  const queued = await base.insert({ status: 'queued' });
  const cancelled = transition(queued, { kind: 'cancel' }, base.now());
  await base.store.transaction((tx) => recordTransition(tx, cancelled!, base.context()));
  await project();
  expect(await countsAt(0)).toEqual({ 'failed expired': 2, 'failed other': 1, 'failed cancelled': 1 });
});

it('a delivery without an earlier report counts as sent too, and a scheduled one is measured from its time', async () => {
  const createdAt = base.now();
  base.advance(3 * HOUR_MS);
  const sendAt = base.now() - 1_000;
  await base.insert({ status: 'delivered', createdAt, sendAt, deliveredAt: base.now() });
  await project();
  expect(await countsAt(0)).toEqual({ sent: 1, delivered: 1, [`latency ${latencyBucket(1_000)}`]: 1 });
});

it('messages of the device owner and imported history are not counted as sent, and old ones are not counted', async () => {
  const at = base.now();
  await base.insert({ status: 'sent', sentAt: at, createdAt: at, expiresAt: at });
  await base.insert({ direction: 'inbound', status: 'received', createdAt: at });
  const old = at - 60 * 24 * HOUR_MS;
  await base.insert({ direction: 'inbound', status: 'received', createdAt: old });
  await project();
  expect(await countsAt(0)).toEqual({ received: 1 });
  const all = { fromHour: 0, untilHour: hourOf(at) + 1, hoursEach: 1_000_000 };
  const sums = await base.store.read.statistics.sums(base.live.id, all);
  expect(sums.map(({ messages }) => messages)).toEqual([1]);
});

it('purgeCounters deletes the counts after 31 days', async () => {
  await base.insert({ status: 'sent', sentAt: base.now() });
  await project();
  base.advance(31 * 24 * HOUR_MS);
  await purgeCounters(base.store, base.now());
  expect(await countsAt(-31 * 24)).toEqual({ sent: 1 });
  base.advance(HOUR_MS);
  await purgeCounters(base.store, base.now());
  expect(await countsAt(-31 * 24 - 1)).toEqual({});
});
