/** Checks which of several brokers sends to a webhook, with a manual clock and two brokers on one store. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BrokerMessage } from '../../../../broker/core/model/broker-message.ts';
import { newDelivery } from '../../../../broker/core/model/event.ts';
import { type Cluster, singleBroker } from '../../../../broker/core/ports/cluster.ts';
import { SharedLanes } from '../../../../broker/delivery/webhooks/lanes.ts';
import { queuedMessage } from '../../../support/message.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';

let base: TemporaryStore;
let sent: BrokerMessage[];
let a: SharedLanes;
let b: SharedLanes;

beforeEach(async () => {
  base = await temporaryStore();
  sent = [];
  const lanesOf = (brokerId: string) => {
    const cluster: Cluster = {
      ...singleBroker(brokerId),
      hasPeers: () => true,
      send: (message) => sent.push(message),
    };
    return new SharedLanes({ store: base.store, cluster, monotonicNow: base.monotonicNow });
  };
  a = lanesOf('a');
  b = lanesOf('b');
});
afterEach(() => base.close());

const claim = async (lanes: SharedLanes, ...ids: string[]) => [...(await lanes.claim(new Set(ids)))];
const settle = (lanes: SharedLanes) => lanes.settle(() => false);
const owner = async (id: string) => (await base.store.read.webhookLanes.owners([id])).get(id);

async function addPending(webhookId: string): Promise<void> {
  const subject = { message: queuedMessage({ id: base.ids() }) };
  const event = {
    ...({ id: base.ids(), tenantId: base.live.id, type: 'message.sent', subject } as const),
    ...{ messageId: subject.message.id, createdAt: base.now() },
  };
  const webhook = {
    ...({ id: webhookId, tenantId: base.live.id, dialect: 'textree', numberId: null, name: null } as const),
    ...({ url: 'https://example.com', events: ['message.sent'], secret: 's', previousSecret: null } as const),
    ...{ previousSecretUntil: null, isActive: true, consecutiveFailures: 0, createdAt: 0, updatedAt: 0 },
  };
  await base.store.transaction(async (tx) => {
    await tx.webhooks.insert(webhook);
    await tx.events.insert(event);
    await tx.deliveries.insert(newDelivery(base.ids(), webhookId, event, base.now()));
  });
}

describe('the lane of a webhook', () => {
  it('belongs to the broker that takes it first, which the other one notifies', async () => {
    expect(await claim(a, 'w1')).toEqual(['w1']);
    expect(await claim(b, 'w1', 'w2')).toEqual(['w2']);
    expect(b.notifyOwner('w1')).toBe(true);
    expect(b.notifyOwner('w2')).toBe(false);
    expect(sent).toEqual([{ kind: 'webhook', webhookId: 'w1' }]);
    expect([a.concerns('w1'), a.concerns('w2')]).toEqual([true, false]);
  });

  it('is released after 5 s without work and without a pending delivery', async () => {
    await claim(a, 'w1', 'w2');
    await addPending('w2');
    base.advance(4_999);
    expect(await settle(a)).toEqual([]);
    expect(await owner('w1')).toBe('a');
    base.advance(1);
    expect(await a.settle((id) => id === 'w1')).toEqual(['w2']);
    expect(await owner('w1')).toBe('a');
    expect(await settle(a)).toEqual([]);
    expect(await owner('w1')).toBeUndefined();
    expect(await owner('w2')).toBe('a');
    expect(await claim(b, 'w1', 'w2')).toEqual(['w1']);
  });

  it('is taken again by the former owner that is notified after the release', async () => {
    await claim(a, 'w1');
    await claim(b, 'w1');
    base.advance(5_000);
    await settle(a);
    expect(b.notifyOwner('w1')).toBe(true);
    expect(a.concerns('w1')).toBe(true);
    expect(a.notifyOwner('w1')).toBe(false);
    expect(await claim(a, 'w1')).toEqual(['w1']);
  });

  it('is found free within a second by a broker whose notification had no effect', async () => {
    await claim(a, 'w1');
    await claim(b, 'w1');
    base.advance(5_000);
    await settle(a);
    expect(b.notifyOwner('w1')).toBe(true);
    expect(b.isSettlingDue()).toBe(true);
    expect(await settle(b)).toEqual(['w1']);
    expect(b.isSettlingDue()).toBe(false);
    expect(await claim(b, 'w1')).toEqual(['w1']);
    base.advance(1_000);
    expect(b.isSettlingDue()).toBe(true);
  });

  it('is looked up again after 10 s, or when notifications may be missing', async () => {
    await claim(a, 'w1');
    await claim(b, 'w1');
    await base.store.transaction((tx) => tx.brokers.remove('a'));
    base.advance(9_999);
    expect(await claim(b, 'w1')).toEqual([]);
    base.advance(1);
    expect(await claim(b, 'w1')).toEqual(['w1']);
    await claim(a, 'w2');
    await claim(b, 'w2');
    await base.store.transaction((tx) => tx.brokers.remove('a'));
    b.forget();
    expect(await claim(b, 'w2')).toEqual(['w2']);
  });
});

it('1,000 webhooks are taken in some transactions, and cost none while they wait', async () => {
  const ids = Array.from({ length: 1_000 }, (_, index) => `w${index}`);
  const before = base.store.transactions();
  expect(await claim(a, ...ids)).toHaveLength(1_000);
  expect(base.store.transactions() - before).toBeLessThanOrEqual(2);
  expect(await claim(b, ...ids)).toEqual([]);
  const after = base.store.transactions();
  for (let second = 0; second < 60; second += 1) {
    base.advance(1_000);
    expect(await a.settle(() => true)).toEqual([]);
    expect(await b.settle(() => false)).toEqual([]);
    expect(await claim(a, ...ids)).toHaveLength(1_000);
  }
  expect(base.store.transactions()).toBe(after);
});
