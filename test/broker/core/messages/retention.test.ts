import { expect, it } from 'vitest';
import { emit } from '../../../../broker/core/lifecycle/emit-event.ts';
import { purgeDeliveries, purgeHistory } from '../../../../broker/core/messages/retention.ts';
import { createWebhook } from '../../../../broker/core/webhooks/webhook-subscriptions.ts';
import { secrets } from '../../../../broker/secrets.ts';
import { queuedMessage } from '../../../support/message.ts';
import { temporaryStore } from '../../../support/temporary-store.ts';

const DAY_MS = 86_400_000;

it('purgeHistory deletes old finished messages with their timelines, and no new or queued ones', async () => {
  const base = await temporaryStore();
  const { store, live } = base;
  try {
    const old = await base.insert({ status: 'sent' });
    const queued = await base.insert({ status: 'queued' });
    base.advance(10 * DAY_MS);
    const fresh = await base.insert({ status: 'sent' });

    expect(await purgeHistory(store, base.now() - 5 * DAY_MS, base.context())).toBe(1);
    const left = await store.read.messages.list(live.id, { limit: 10 });
    expect(left.map(({ id }) => id)).toEqual([fresh.id, queued.id]);
    expect(await store.read.messages.timeline(old.id)).toEqual([]);
    expect(await store.read.messages.timeline(fresh.id)).toHaveLength(1);
  } finally {
    await base.close();
  }
});

it('purgeDeliveries deletes finished deliveries older than 30 days, and no pending ones', async () => {
  const base = await temporaryStore();
  const { store, live, ids } = base;
  try {
    const attributes = {
      tenantId: live.id,
      dialect: 'texting-blue',
      numberId: null,
      name: null,
      url: 'https://example.com/a',
      events: ['message.sent'],
    } as const;
    const webhook = await store.transaction((tx) =>
      createWebhook(tx, attributes, { now: base.now, ids, secrets }),
    );
    const deliver = async (isFinished: boolean) => {
      const subject = { message: queuedMessage({ id: ids() }) };
      const event = { tenantId: live.id, numberId: null, type: 'message.sent', subject } as const;
      await store.transaction((tx) => emit(tx, event, base.context()));
      const [delivery] = await store.read.deliveries.of(webhook.id, { limit: 1 });
      const attempt = { attempt: 1, at: base.now(), durationMs: 1, statusCode: 200, answer: '' };
      if (isFinished) {
        const finished = { ...delivery!, status: 'delivered', attempts: 1 } as const;
        await store.transaction((tx) => tx.deliveries.record(finished, attempt));
      }
      return delivery!;
    };
    const old = await deliver(true);
    const pending = await deliver(false);
    base.advance(31 * DAY_MS);
    const fresh = await deliver(true);

    expect(await purgeDeliveries(store, base.now())).toBe(2);
    const left = await store.read.deliveries.of(webhook.id, { limit: 10 });
    expect(left.map(({ id }) => id)).toEqual([fresh.id, pending.id]);
    expect(await store.read.events.find(live.id, old.eventId)).toBeUndefined();
    expect(await store.read.deliveries.attemptsOf(old.id)).toEqual([]);
  } finally {
    await base.close();
  }
});
