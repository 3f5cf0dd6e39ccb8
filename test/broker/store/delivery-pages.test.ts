/** Tests the pages of a webhook's deliveries with a filter, in a long list. */
import { expect, it } from 'vitest';
import { newDelivery } from '../../../broker/core/model/event.ts';
import type { DeliveryFilter } from '../../../broker/core/ports/webhooks.ts';
import { createWebhook } from '../../../broker/core/webhooks/webhook-subscriptions.ts';
import { secrets } from '../../../broker/secrets.ts';
import { temporaryStore } from '../../support/temporary-store.ts';

it('pages with a filter read a bounded part, and together return every delivery once', async () => {
  const base = await temporaryStore();
  const { store, live, ids, now } = base;
  try {
    const input = { tenantId: live.id, dialect: 'texting-blue', numberId: null, name: null } as const;
    const { id: webhookId } = await store.transaction((tx) =>
      createWebhook(
        tx,
        { ...input, url: 'https://example.com', events: ['message.sent'] },
        { ids, now, secrets },
      ),
    );
    const expected: Record<string, string[]> = { pending: [], delivered: [], failed: [] };
    await store.transaction(async (tx) => {
      const type = 'message.sent' as const;
      const subject = { handle: 'x', reason: 'y' };
      const event = { id: ids(), tenantId: live.id, type, messageId: null, subject, createdAt: now() };
      await tx.events.insert(event);
      for (let index = 0; index < 5_000; index += 1) {
        const status = index % 2_400 === 0 ? 'failed' : index % 1_700 === 0 ? 'pending' : 'delivered';
        const delivery = { ...newDelivery(ids(), webhookId, event, now()), status } as const;
        await tx.deliveries.insert(delivery);
        expected[status]!.unshift(delivery.id);
      }
    });
    for (const status of ['pending', 'delivered', 'failed'] as const) {
      const seen: string[] = [];
      let before: string | undefined;
      let pages = 0;
      do {
        const page = await store.read.deliveries.withStatus(webhookId, status, { limit: 100, before });
        seen.push(...page.deliveries.map(({ id }) => id));
        before = page.next;
        pages += 1;
      } while (before !== undefined);
      expect(seen).toEqual(expected[status]);
      // The index of failed deliveries needs one page; the others read 2,000 deliveries a page at most.
      expect(pages).toBeLessThanOrEqual(status === 'failed' ? 1 : 60);
    }
    const matching = async (filter: DeliveryFilter) => {
      const seen: string[] = [];
      const sizes: number[] = [];
      let before: string | undefined;
      do {
        const page = await store.read.deliveries.matching(webhookId, filter, { before });
        seen.push(...page.deliveries.map(({ id }) => id));
        sizes.push(page.deliveries.length);
        before = page.next;
      } while (before !== undefined);
      return { seen, sizes };
    };
    const everything = await matching({ type: 'message.sent' });
    expect(everything.sizes).toEqual([2_000, 2_000, 1_000]);
    expect(new Set(everything.seen).size).toBe(5_000);
    expect(everything.seen).toEqual(everything.seen.toSorted().reverse());
    expect((await matching({ type: 'message.failed' })).sizes).toEqual([0, 0, 0]);
    expect((await matching({ isSuccess: true })).seen).toEqual(expected.delivered);
    // A pending delivery without an attempt is neither successful nor failed.
    expect((await matching({ isSuccess: false, type: 'message.sent' })).seen).toEqual(expected.failed);
  } finally {
    await base.close();
  }
});
