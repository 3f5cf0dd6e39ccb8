/** Manages the webhooks of one tenant in the local data folder. A running broker delivers their events. */
import { DIALECT } from '../../broker/apis/texting-blue/find-webhook.ts';
import { ownNumberId } from '../../broker/apis/texting-blue/own-number.ts';
import { serializeDelivery, serializeWebhook } from '../../broker/apis/texting-blue/serializers.ts';
import { webhookBodyFor } from '../../broker/apis/texting-blue/webhook-schemas.ts';
import { notFound } from '../../broker/core/model/errors.ts';
import { planNamed } from '../../broker/core/model/plan.ts';
import type { Tenant } from '../../broker/core/model/tenant.ts';
import type { Webhook } from '../../broker/core/model/webhook.ts';
import type { Queries } from '../../broker/core/ports/store.ts';
import { replayRange } from '../../broker/core/webhooks/replay-range.ts';
import {
  assertEventsInPlan,
  createWebhook,
  removeWebhook,
  replayEvent,
  testWebhook,
} from '../../broker/core/webhooks/webhook-subscriptions.ts';
import { validate } from '../../broker/http/validate.ts';
import { type IdPrefix, parseId } from '../../shared/ids.ts';
import type { LocalStore } from '../local-store.ts';
import type { WebhookSource } from './webhook-source.ts';

export function localWebhooks(
  { store, config, plans, keyContext }: LocalStore,
  tenant: Tenant,
): WebhookSource {
  const idOf = (prefix: IdPrefix, shown: string, what: string) => {
    const id = parseId(prefix, shown);
    if (id === undefined) throw notFound(`${what} ${shown}`);
    return id;
  };
  const webhookId = (shown: string) => idOf('wh', shown, 'Webhook');
  const find = async (read: Queries, shown: string) => {
    const webhook = await read.webhooks.find(tenant.id, DIALECT, webhookId(shown));
    if (webhook === undefined) throw notFound(`Webhook ${shown}`);
    return webhook;
  };
  const toOutput = async (read: Queries, webhook: Webhook) => {
    const { numberId } = webhook;
    const number = numberId === null ? undefined : await read.numbers.find(tenant.id, numberId);
    return serializeWebhook(webhook, number?.phoneNumber ?? null);
  };

  return {
    async list() {
      const webhooks = await store.read.webhooks.list(tenant.id, DIALECT);
      return Promise.all(webhooks.map((webhook) => toOutput(store.read, webhook)));
    },
    create(given) {
      const schema = webhookBodyFor({ allowsPrivateUrls: config.allowPrivateUrls });
      const { url, events, phone_number } = validate(schema, given, 'body');
      assertEventsInPlan(planNamed(plans, tenant.plan), events);
      return store.transaction(async (tx) => {
        const numberId = await ownNumberId(tx, tenant.id, phone_number, '--number');
        const webhook = await createWebhook(
          tx,
          { tenantId: tenant.id, dialect: DIALECT, numberId, name: null, url, events },
          keyContext,
        );
        return { ...(await toOutput(tx, webhook)), secret: webhook.secret };
      });
    },
    remove: (id) =>
      store.transaction((tx) => removeWebhook(tx, tenant.id, DIALECT, webhookId(id), keyContext)),
    async test(id) {
      const sent = await store.transaction(async (tx) => testWebhook(tx, await find(tx, id), keyContext));
      return serializeDelivery(sent, []);
    },
    async deliveries(id, limit) {
      const webhook = await find(store.read, id);
      const found = await store.read.deliveries.of(webhook.id, { limit });
      return Promise.all(
        found.map(async (one) => serializeDelivery(one, await store.read.deliveries.attemptsOf(one.id))),
      );
    },
    async replayEvent(id, eventId) {
      const ids = { webhook: webhookId(id), event: idOf('evt', eventId, 'Event') };
      const replayed = await store.transaction((tx) => replayEvent(tx, tenant.id, DIALECT, ids, keyContext));
      return serializeDelivery(replayed, []);
    },
    async replaySince(id, since, isUndeliveredOnly) {
      const target = { tenantId: tenant.id, dialect: DIALECT, webhookId: webhookId(id) } as const;
      const range = { since, until: keyContext.now(), isUndeliveredOnly };
      let count = 0;
      let after: string | null | undefined;
      do {
        const page = await replayRange(
          (work) => store.transaction(work),
          target,
          { ...range, after: after ?? undefined },
          keyContext,
        );
        count += page.replayed;
        after = page.last;
      } while (after !== null);
      return count;
    },
  };
}
