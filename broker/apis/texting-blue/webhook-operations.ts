/** Manages webhooks: subscriptions, secrets, deliveries and replays. */
import { z } from 'zod';
import { formatId } from '../../../shared/ids.ts';
import { type Caller, changeAs } from '../../core/accounts/caller.ts';
import { notFound, planLimitExceeded } from '../../core/model/errors.ts';
import type { EventType } from '../../core/model/event.ts';
import type { Plan } from '../../core/model/plan.ts';
import type { Webhook } from '../../core/model/webhook.ts';
import type { Queries } from '../../core/ports/store.ts';
import { replayRange } from '../../core/webhooks/replay-range.ts';
import { callbackSecret } from '../../core/webhooks/status-callbacks.ts';
import {
  createWebhook,
  removeWebhook,
  replayEvent,
  rotateSecret,
  testWebhook,
  updateWebhook,
} from '../../core/webhooks/webhook-subscriptions.ts';
import { locationBelow } from '../../http/location.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { cutPage } from '../../http/pagination.ts';
import { idInPath } from '../../http/request-schemas.ts';
import { webhookChange } from '../../http/webhook-schemas.ts';
import { errorResponse } from './errors.ts';
import type { WebhookOptions } from './options.ts';
import { ownNumberId } from './own-number.ts';
import { serializeDelivery, serializeWebhook } from './serializers.ts';
import {
  callbackSecretResponse,
  deliveriesQuery,
  delivery,
  deliveryList,
  newWebhook,
  type ReplayBody,
  replayBody,
  replayedRange,
  rotateBody,
  webhook,
  webhookBodyFor,
  webhookList,
  webhookUpdateBodyFor,
} from './webhook-schemas.ts';

const DIALECT = 'texting-blue';
const HOUR_MS = 3_600_000;

export function webhookOperations(options: WebhookOptions): Operation<Caller>[] {
  const { store, keyContext } = options;
  const permission = 'webhooks:manage';
  const params = { id: 'wh_01m7ypkdxffkmb6tyeck3vccad' };

  const serialize = async (tx: Queries, one: Webhook) => {
    const number = one.numberId === null ? undefined : await tx.numbers.find(one.tenantId, one.numberId);
    return serializeWebhook(one, number?.phoneNumber ?? null);
  };
  const find = async (tx: Queries, { credential }: Caller, id: string | undefined) => {
    const found = await tx.webhooks.find(credential.tenant.id, DIALECT, webhookId(id));
    if (found === undefined) throw notFound('Webhook');
    return found;
  };

  return [
    operation({
      id: 'createWebhook',
      method: 'POST',
      path: '/v1/webhooks',
      summary: 'Create a webhook; the secret is returned only once',
      permission,
      body: webhookBodyFor(options),
      responses: {
        201: { description: 'The webhook and its secret.', schema: newWebhook },
        400: errorResponse,
        402: errorResponse,
        409: errorResponse,
      },
      example: { body: { url: 'https://example.com/homing', events: ['message.received'] } },
      async handle({ caller, body: { url, events, phone_number }, request }) {
        const tenantId = caller.credential.tenant.id;
        assertPlanIncludes(caller.plan, events);
        const created = await changeAs(store, caller, async (tx) => {
          const numberId = await ownNumberId(tx, tenantId, phone_number, 'phone_number');
          const one = await createWebhook(
            tx,
            { tenantId, dialect: DIALECT, numberId, name: null, url, events },
            keyContext,
          );
          const { created_at, active, ...rest } = await serialize(tx, one);
          return { ...rest, secret: one.secret, active, created_at };
        });
        return { status: 201, body: created, headers: locationBelow(request, created.id) };
      },
    }),
    operation({
      id: 'listWebhooks',
      method: 'GET',
      path: '/v1/webhooks',
      summary: 'List your webhooks, oldest first',
      permission,
      responses: { 200: { description: 'All webhooks of the account.', schema: webhookList } },
      async handle({ caller }) {
        const all = await store.read.webhooks.list(caller.credential.tenant.id, DIALECT);
        return {
          status: 200,
          body: { webhooks: await Promise.all(all.map((one) => serialize(store.read, one))) },
        };
      },
    }),
    operation({
      id: 'getCallbackSecret',
      method: 'GET',
      path: '/v1/webhooks/callback-secret',
      summary: 'Get the secret that signs status callbacks',
      permission,
      responses: {
        200: {
          description: 'The secret of all status callbacks of the account.',
          schema: callbackSecretResponse,
        },
      },
      async handle({ caller }) {
        const secret = await changeAs(store, caller, (tx) =>
          callbackSecret(tx, caller.credential.tenant.id, keyContext),
        );
        return { status: 200, body: { secret } };
      },
    }),
    operation({
      id: 'getWebhook',
      method: 'GET',
      path: '/v1/webhooks/:id',
      summary: 'Get a webhook',
      permission,
      responses: { 200: { description: 'The webhook.', schema: webhook }, 404: errorResponse },
      example: { params },
      async handle({ caller, params }) {
        return { status: 200, body: await serialize(store.read, await find(store.read, caller, params.id)) };
      },
    }),
    operation({
      id: 'updateWebhook',
      method: 'PUT',
      path: '/v1/webhooks/:id',
      summary: 'Update, disable or enable a webhook',
      permission,
      body: webhookUpdateBodyFor(options),
      responses: {
        200: { description: 'The updated webhook.', schema: webhook },
        400: errorResponse,
        402: errorResponse,
        404: errorResponse,
        409: errorResponse,
      },
      example: { params, body: { active: true } },
      async handle({ caller, params, body: { url, events, active, phone_number } }) {
        const tenantId = caller.credential.tenant.id;
        assertPlanIncludes(caller.plan, events ?? []);
        const id = webhookId(params.id);
        const changed = await changeAs(store, caller, async (tx) => {
          const change = {
            ...webhookChange({ url, events, active }),
            ...(phone_number === undefined
              ? {}
              : { numberId: await ownNumberId(tx, tenantId, phone_number, 'phone_number') }),
          };
          return serialize(tx, await updateWebhook(tx, tenantId, DIALECT, id, change, keyContext.now()));
        });
        return { status: 200, body: changed };
      },
    }),
    operation({
      id: 'deleteWebhook',
      method: 'DELETE',
      path: '/v1/webhooks/:id',
      summary: 'Delete a webhook and its pending deliveries',
      permission,
      responses: { 204: { description: 'Deleted.' }, 404: errorResponse },
      example: { params },
      async handle({ caller, params }) {
        const id = webhookId(params.id);
        await changeAs(store, caller, (tx) =>
          removeWebhook(tx, caller.credential.tenant.id, DIALECT, id, keyContext),
        );
        return { status: 204 };
      },
    }),
    operation({
      id: 'rotateWebhookSecret',
      method: 'POST',
      path: '/v1/webhooks/:id/rotate-secret',
      summary: 'Rotate the secret of a webhook; the old secret stays valid during the overlap',
      permission,
      body: rotateBody,
      responses: {
        200: {
          description: 'The webhook and its new secret, which is returned only once.',
          schema: newWebhook,
        },
        400: errorResponse,
        404: errorResponse,
      },
      example: { params, body: { overlap_hours: 24 } },
      async handle({ caller, params, body: { overlap_hours } }) {
        const rotated = await changeAs(store, caller, async (tx) => {
          const one = await rotateSecret(
            tx,
            await find(tx, caller, params.id),
            overlap_hours * HOUR_MS,
            keyContext,
          );
          return { ...(await serialize(tx, one)), secret: one.secret };
        });
        return { status: 200, body: rotated };
      },
    }),
    operation({
      id: 'testWebhook',
      method: 'POST',
      path: '/v1/webhooks/:id/test',
      summary: 'Send a test message.received event to a webhook',
      permission,
      responses: { 202: { description: 'The queued delivery.', schema: delivery }, 404: errorResponse },
      example: { params },
      async handle({ caller, params }) {
        const sent = await changeAs(store, caller, async (tx) =>
          testWebhook(tx, await find(tx, caller, params.id), keyContext),
        );
        return accepted(params.id, serializeDelivery(sent, []));
      },
    }),
    operation({
      id: 'listDeliveries',
      method: 'GET',
      path: '/v1/webhooks/:id/deliveries',
      summary: 'List the deliveries of a webhook with their attempts, newest first',
      permission,
      query: deliveriesQuery,
      responses: {
        200: { description: 'A page of deliveries.', schema: deliveryList },
        400: errorResponse,
        404: errorResponse,
      },
      example: { params, query: { limit: '20' } },
      async handle({ caller, params, query: { limit, cursor } }) {
        const { id } = await find(store.read, caller, params.id);
        const found = await store.read.deliveries.of(id, { limit: limit + 1, before: cursor });
        const { rows, end } = cutPage('dlv', found, limit);
        const deliveries = [];
        for (const one of rows) {
          deliveries.push(serializeDelivery(one, await store.read.deliveries.attemptsOf(one.id)));
        }
        return { status: 200, body: { deliveries, ...end } };
      },
    }),
    operation({
      id: 'replayEvents',
      method: 'POST',
      path: '/v1/webhooks/:id/replay',
      summary: 'Redeliver one event, or all events of a time range',
      permission,
      body: replayBody,
      responses: {
        202: {
          description: 'The queued delivery of one event, or the number of queued deliveries of a range.',
          schema: z.union([delivery, replayedRange]),
        },
        400: errorResponse,
        404: errorResponse,
      },
      example: { params, body: { since: '2026-11-20T00:00:00Z', undelivered_only: true } },
      async handle({ caller, params, body: { event_id: event, ...range } }) {
        const id = webhookId(params.id);
        const tenantId = caller.credential.tenant.id;
        if (range.since !== undefined) {
          return accepted(params.id, await replayPage(options, caller, id, { ...range, since: range.since }));
        }
        const replayed = await changeAs(store, caller, async (tx) => {
          if (event?.id === undefined) throw notFound('Event');
          return replayEvent(tx, tenantId, DIALECT, { webhook: id, event: event.id }, keyContext);
        });
        return accepted(params.id, serializeDelivery(replayed, []));
      },
    }),
  ];
}

/** The response to queued deliveries; `location` is the list that shows them. */
const accepted = (webhook: string | undefined, body: object) => ({
  status: 202,
  body,
  headers: { location: `/v1/webhooks/${webhook}/deliveries` },
});

/** Replays a range of events. Each transaction checks again that the API key is valid. */
async function replayPage(
  { store, keyContext }: WebhookOptions,
  caller: Caller,
  id: string,
  { since, until, undelivered_only, cursor }: ReplayBody & { since: number },
) {
  const { replayed, last } = await replayRange(
    (work) => changeAs(store, caller, work),
    { tenantId: caller.credential.tenant.id, dialect: DIALECT, webhookId: id },
    {
      since,
      until: until ?? keyContext.now(),
      isUndeliveredOnly: undelivered_only ?? false,
      after: cursor ?? undefined,
    },
    keyContext,
  );
  const next = last === null ? null : formatId('evt', last);
  return { replayed, cursor: next, has_more: next !== null };
}

const webhookId = (id: string | undefined) => idInPath('wh', id, 'Webhook');

/** Delivery reports are part of the plan feature `media`. */
function assertPlanIncludes({ media }: Plan, events: readonly EventType[]): void {
  if (media || !events.includes('message.delivered')) return;
  throw planLimitExceeded('Your plan does not include the event message.delivered.', 'events');
}
