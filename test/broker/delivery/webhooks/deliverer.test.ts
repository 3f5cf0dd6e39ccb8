/** Checks the schedule and the order of deliveries with a manual clock. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emit } from '../../../../broker/core/lifecycle/emit-event.ts';
import type { EventType } from '../../../../broker/core/model/event.ts';
import type { Webhook } from '../../../../broker/core/model/webhook.ts';
import { createWebhook } from '../../../../broker/core/webhooks/webhook-subscriptions.ts';
import { WebhookDeliverer } from '../../../../broker/delivery/webhooks/deliverer.ts';
import { EgressBlockedError } from '../../../../broker/egress/guarded-agent.ts';
import { secrets } from '../../../../broker/secrets.ts';
import { queuedMessage } from '../../../support/message.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';
import { until } from '../../../support/until.ts';

let base: TemporaryStore;
let webhook: Webhook;
let deliverer: WebhookDeliverer;
let posts: Array<{ at: number; body: string }>;
let respond: (body: string) => number | 'timeout';
let inactive: string[];
let isUnpreparable: boolean;
let faults: unknown[];
let startedAt: number;

beforeEach(async () => {
  base = await temporaryStore();
  startedAt = base.now();
  posts = [];
  inactive = [];
  isUnpreparable = false;
  faults = [];
  respond = () => 200;
  const context = { now: base.now, ids: base.ids, secrets };
  const wanted = {
    tenantId: base.live.id,
    dialect: 'texting-blue',
    numberId: null,
    name: null,
    url: 'https://example.com/a',
    events: ['message.sent', 'message.delivered'],
  } as const;
  webhook = await base.store.transaction((tx) => createWebhook(tx, wanted, context));
  deliverer = new WebhookDeliverer({
    store: base.store,
    now: base.now,
    monotonicNow: base.monotonicNow,
    ids: base.ids,
    requestFor: async ({ type, messageId }) => {
      if (isUnpreparable) throw new Error('no such field');
      return { headers: {}, body: `${type} ${messageId}` };
    },
    post: async (_url, _headers, body) => {
      posts.push({ at: base.now() - startedAt, body });
      const statusCode = respond(body);
      if (statusCode === 'timeout') throw new EgressBlockedError('The server did not respond in time.', true);
      return { statusCode, bodyStart: '', retryAfter: undefined };
    },
    onFault: (error) => {
      if (!isUnpreparable) throw error;
      faults.push(error);
    },
    onInactive: (_, reason) => inactive.push(reason),
  });
});
afterEach(async () => {
  await deliverer.stop();
  await base.close();
});

const record = (type: EventType, id: string) =>
  base.store.transaction((tx) =>
    emit(
      tx,
      { tenantId: base.live.id, numberId: null, type, subject: { message: queuedMessage({ id }) } },
      base.context(),
    ),
  );
const statuses = async () =>
  (await base.store.read.deliveries.of(webhook.id, { limit: 1_000 })).map(({ status, attempts }) => [
    status,
    attempts,
  ]);
/** Runs due deliveries until there are this many attempts. */
async function settle(attempts: number): Promise<void> {
  await until(`${attempts} attempts`, async () => {
    deliverer.notify();
    const all = await statuses();
    return all.reduce((sum, [, count]) => sum + Number(count), 0) >= attempts;
  });
}

describe('a delivery', () => {
  it('is attempted immediately, twice, and after 10, 60 and 300 s, and fails after the last attempt', async () => {
    respond = () => 'timeout';
    await record('message.sent', 'a');
    await settle(2);
    for (const [seconds, attempts] of [
      [10, 3],
      [60, 4],
      [300, 5],
    ] as const) {
      base.advance(seconds * 1_000 - 1);
      deliverer.notify();
      await settle(attempts - 1);
      expect(posts).toHaveLength(attempts - 1);
      base.advance(1);
      await settle(attempts);
    }
    expect(posts.map(({ at }) => at)).toEqual([0, 0, 10_000, 70_000, 370_000]);
    expect(await statuses()).toEqual([['failed', 5]]);
    base.advance(86_400_000);
    deliverer.notify();
    expect(posts).toHaveLength(5);
  });

  it('that cannot be prepared is retried like others, fails, and does not count against the webhook', async () => {
    isUnpreparable = true;
    await record('message.sent', 'a');
    await settle(2);
    // Several ticks later there is no further attempt.
    for (let tick = 0; tick < 5; tick += 1) {
      base.advance(250);
      deliverer.notify();
    }
    for (const [seconds, attempts] of [
      [10, 3],
      [60, 4],
      [300, 5],
    ] as const) {
      base.advance(seconds * 1_000);
      await settle(attempts);
    }
    expect(await statuses()).toEqual([['failed', 5]]);
    expect(faults).toHaveLength(5);
    expect(posts).toEqual([]);
    const stored = await base.store.read.webhooks.get(webhook.id);
    expect(stored).toMatchObject({ isActive: true, consecutiveFailures: 0 });
  });

  it('waits for earlier events of the same message, but not for other messages', async () => {
    respond = (body) => (body === 'message.sent a' && posts.length < 4 ? 500 : 200);
    await record('message.sent', 'a');
    await record('message.delivered', 'a');
    await record('message.sent', 'b');
    await settle(3);
    expect(posts.map(({ body }) => body).sort()).toEqual([
      'message.sent a',
      'message.sent a',
      'message.sent b',
    ]);
    base.advance(10_000);
    await settle(5);
    expect(posts.slice(3).map(({ body }) => body)).toEqual(['message.sent a', 'message.delivered a']);
  });
});

describe('a webhook', () => {
  it('becomes inactive after ten consecutive failed deliveries, and its pending deliveries fail', async () => {
    respond = () => 500;
    for (let index = 0; index < 12; index += 1) await record('message.sent', `m${index}`);
    let attempts = 24;
    await settle(attempts);
    for (const seconds of [10, 60]) {
      base.advance(seconds * 1_000);
      attempts += 12;
      await settle(attempts);
    }
    base.advance(300_000);
    await until('the webhook to be inactive', async () => {
      deliverer.notify();
      return (await base.store.read.webhooks.get(webhook.id))?.isActive === false;
    });
    expect(inactive).toEqual(['failing']);
    await until('every delivery to fail', async () =>
      (await statuses()).every(([status]) => status === 'failed'),
    );
    await record('message.sent', 'not delivered');
    expect(await statuses()).toHaveLength(12);
  });

  it('stays active if a delivery between the failed ones succeeds', async () => {
    respond = (body) => (body === 'message.sent m5' ? 200 : 410);
    await record('message.sent', 'm5');
    await settle(1);
    expect((await base.store.read.webhooks.get(webhook.id))?.consecutiveFailures).toBe(0);
    await record('message.sent', 'm6');
    await until('the webhook to be inactive', () => {
      deliverer.notify();
      return inactive.length > 0;
    });
    expect(inactive).toEqual(['gone']);
  });
});
