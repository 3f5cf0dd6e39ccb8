/** Checks the schedule and the order of deliveries with a manual clock. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { taskSteps } from '../../../../broker/compose/jobs.ts';
import { TaskRunner } from '../../../../broker/core/lifecycle/background-tasks.ts';
import { emit } from '../../../../broker/core/lifecycle/emit-event.ts';
import type { EventType } from '../../../../broker/core/model/event.ts';
import type { Webhook } from '../../../../broker/core/model/webhook.ts';
import type { Store } from '../../../../broker/core/ports/store.ts';
import {
  createWebhook,
  failPendingDeliveries,
  updateWebhook,
} from '../../../../broker/core/webhooks/webhook-subscriptions.ts';
import { WebhookDeliverer } from '../../../../broker/delivery/webhooks/deliverer.ts';
import { EgressBlockedError, WithheldError } from '../../../../broker/egress/errors.ts';
import { secrets } from '../../../../broker/secrets.ts';
import { queuedMessage } from '../../../support/message.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';
import { until } from '../../../support/until.ts';

let base: TemporaryStore;
let webhook: Webhook;
let deliverer: WebhookDeliverer;
let posts: Array<{ at: number; body: string }>;
let respond: (body: string) => number | 'timeout' | 'withheld';
let inactive: string[];
let isUnpreparable: boolean;
let faults: unknown[];
/** Webhooks whose deliveries were read. */
let read: string[];
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
  read = [];
  deliverer = new WebhookDeliverer({
    store: recordingReads(base.store),
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
      if (statusCode === 'withheld') throw new WithheldError();
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

function recordingReads(store: Store): Store {
  const deliveries: Store['read']['deliveries'] = {
    ...store.read.deliveries,
    due(webhookId, now, limit) {
      read.push(webhookId);
      return store.read.deliveries.due(webhookId, now, limit);
    },
  };
  return { ...store, read: { ...store.read, deliveries } };
}

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

  it('that is withheld, because another broker may have taken over, counts as no attempt', async () => {
    respond = () => 'withheld';
    await record('message.sent', 'a');
    deliverer.notify();
    await until('two requests', () => {
      deliverer.tick();
      return posts.length === 2;
    });
    expect(await statuses()).toEqual([['pending', 0]]);
    respond = () => 200;
    await settle(1);
    expect(await statuses()).toEqual([['delivered', 1]]);
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

describe('the reads of deliveries', () => {
  const addWebhook = (url: string) =>
    base.store.transaction((tx) =>
      createWebhook(tx, { ...webhook, url }, { now: base.now, ids: base.ids, secrets }),
    );
  const callsOf = () => {
    const calls = [...read];
    read.length = 0;
    return calls;
  };

  it('after a commit are of its webhook only, and of none while the others wait for a retry', async () => {
    respond = () => 500;
    const others: string[] = [];
    for (let index = 0; index < 60; index += 1)
      others.push((await addWebhook(`https://example.com/${index}`)).id);
    await record('message.sent', 'a');
    await settle(2);
    const waiting = async () => {
      const found = await Promise.all(
        [webhook.id, ...others].map((id) => base.store.read.deliveries.of(id, { limit: 1 })),
      );
      return found.flat().every(({ attempts }) => attempts === 2);
    };
    await until('two attempts of every webhook', waiting);
    deliverer.notify();
    await until('a read of every webhook', () => others.every((id) => read.includes(id)));
    await until('the last read', async () => {
      const calls = callsOf();
      await new Promise((resolve) => setImmediate(resolve));
      return calls.length === 0 && read.length === 0;
    });

    for (let tick = 0; tick < 3; tick += 1) deliverer.tick();
    deliverer.notifyOf(others[0] ?? '');
    await until('a read', () => read.length > 0);
    expect(new Set(callsOf())).toEqual(new Set([others[0]]));
  });

  it('begin at the time of the retry', async () => {
    respond = () => 500;
    await record('message.sent', 'a');
    await settle(2);
    base.advance(9_999);
    deliverer.tick();
    base.advance(1);
    respond = () => 200;
    await until('the third attempt', () => {
      deliverer.tick();
      return posts.length === 3;
    });
    expect(posts.map(({ at }) => at)).toEqual([0, 0, 10_000]);
  });
});

it('a webhook that was activated again does not receive deliveries that are being set to failed', async () => {
  await base.store.transaction(async (tx) => {
    for (let index = 0; index < 150; index += 1) {
      const subject = { message: queuedMessage({ id: base.ids() }) };
      const event = { tenantId: base.live.id, numberId: null, type: 'message.sent', subject } as const;
      await emit(tx, event, base.context());
    }
    await failPendingDeliveries(tx, webhook.id, base.context());
    await updateWebhook(tx, base.live.id, 'texting-blue', webhook.id, { isActive: true }, base.now());
  });
  deliverer.notify();
  for (let tick = 0; tick < 5; tick += 1) {
    deliverer.tick();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(posts).toEqual([]);
  await record('message.sent', 'new');
  await new TaskRunner({
    store: base.store,
    steps: taskSteps(() => base.context()),
    context: () => base.context(),
  }).run();
  await until('the new delivery', () => {
    deliverer.tick();
    return posts.length > 0;
  });
  expect(posts.map(({ body }) => body)).toEqual(['message.sent new']);
});
