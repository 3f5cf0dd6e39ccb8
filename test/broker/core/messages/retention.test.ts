import { expect, it } from 'vitest';
import { emit } from '../../../../broker/core/lifecycle/emit-event.ts';
import { purgeDeliveries, purgeHistory } from '../../../../broker/core/messages/retention.ts';
import { createWebhook } from '../../../../broker/core/webhooks/webhook-subscriptions.ts';
import { secrets } from '../../../../broker/secrets.ts';
import { queuedMessage } from '../../../support/message.ts';
import { temporaryStore } from '../../../support/temporary-store.ts';

const DAY_MS = 86_400_000;

it('deletes old messages with their timelines, and neither new ones nor what is still under way', async () => {
  const base = await temporaryStore();
  const { store, live } = base;
  try {
    const old = await base.insert({ status: 'sent' });
    const waiting = await base.insert({ status: 'queued' });
    base.advance(10 * DAY_MS);
    const fresh = await base.insert({ status: 'sent' });

    expect(await purgeHistory(store, base.now() - 5 * DAY_MS, base.context())).toBe(1);
    const left = await store.read.messages.list(live.id, { limit: 10 });
    expect(left.map(({ id }) => id)).toEqual([fresh.id, waiting.id]);
    expect(await store.read.messages.timeline(old.id)).toEqual([]);
    expect(await store.read.messages.timeline(fresh.id)).toHaveLength(1);
  } finally {
    await base.close();
  }
});

it('deletes what webhooks were told more than a month ago, and nothing that is still to be told', async () => {
  const base = await temporaryStore();
  const { store, live, ids } = base;
  try {
    const wanted = {
      tenantId: live.id,
      dialect: 'texting-blue',
      numberId: null,
      name: null,
      url: 'https://example.com/a',
      events: ['message.sent'],
    } as const;
    const webhook = await store.transaction((tx) =>
      createWebhook(tx, wanted, { now: base.now, ids, secrets }),
    );
    const tell = async (isOver: boolean) => {
      const subject = { message: queuedMessage({ id: ids() }) };
      const happening = { tenantId: live.id, numberId: null, type: 'message.sent', subject } as const;
      await store.transaction((tx) => emit(tx, happening, base.context()));
      const [delivery] = await store.read.deliveries.of(webhook.id, { limit: 1 });
      const attempt = { attempt: 1, at: base.now(), durationMs: 1, statusCode: 200, answer: '' };
      if (isOver) {
        const over = { ...delivery!, status: 'delivered', attempts: 1 } as const;
        await store.transaction((tx) => tx.deliveries.record(over, attempt));
      }
      return delivery!;
    };
    const old = await tell(true);
    const waiting = await tell(false);
    base.advance(31 * DAY_MS);
    const fresh = await tell(true);

    expect(await purgeDeliveries(store, base.now())).toBe(2);
    const left = await store.read.deliveries.of(webhook.id, { limit: 10 });
    expect(left.map(({ id }) => id)).toEqual([fresh.id, waiting.id]);
    expect(await store.read.events.find(live.id, old.eventId)).toBeUndefined();
    expect(await store.read.deliveries.attemptsOf(old.id)).toEqual([]);
  } finally {
    await base.close();
  }
});
