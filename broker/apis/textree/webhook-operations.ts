/** Manages webhooks, lists their deliveries and replays events. */

import { type Caller, changeAs } from '../../core/accounts/caller.ts';
import { notFound } from '../../core/model/errors.ts';
import type { Queries } from '../../core/ports/store.ts';
import {
  createWebhook,
  removeWebhook,
  replayEvent,
  updateWebhook,
} from '../../core/webhooks/webhook-subscriptions.ts';
import { locationBelow } from '../../http/location.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { cutPage } from '../../http/pagination.ts';
import { idInPath } from '../../http/request-schemas.ts';
import { replayBody, webhookChange } from '../../http/webhook-schemas.ts';
import { errorResponse } from './errors.ts';
import type { WebhookOptions } from './options.ts';
import { serializeDelivery, serializeWebhook } from './serializers.ts';
import {
  deliveriesQuery,
  deliveryList,
  deliveryResponse,
  newWebhookResponse,
  TEXTREE_EVENTS,
  webhookBodyFor,
  webhookList,
  webhookResponse,
  webhookUpdateBodyFor,
} from './webhook-schemas.ts';

const DIALECT = 'textree';

/** The webhooks of Inkbox have these paths. */
const isFor = ({ id }: Readonly<Record<string, string>>) => id !== 'subscriptions' && id !== 'deliveries';

export function webhookOperations(options: WebhookOptions): Operation<Caller>[] {
  const { store, projector, keyContext } = options;
  const permission = 'webhooks:manage';
  const params = { id: 'wh_01m7ypkdxffkmb6tyeck3vccad' };

  return [
    operation({
      id: 'listWebhooks',
      method: 'GET',
      path: '/api/v1/webhooks',
      summary: 'List your webhooks, oldest first',
      permission,
      responses: { 200: { description: 'All webhooks of the account.', schema: webhookList } },
      async handle({ caller }) {
        const webhooks = await store.read.webhooks.list(caller.credential.tenant.id, DIALECT);
        return { status: 200, body: { webhooks: webhooks.map(serializeWebhook) } };
      },
    }),
    operation({
      id: 'createWebhook',
      method: 'POST',
      path: '/api/v1/webhooks',
      summary: 'Create a webhook; the secret is returned only once',
      permission,
      body: webhookBodyFor(options),
      responses: {
        201: { description: 'The webhook and its secret.', schema: newWebhookResponse },
        409: { ...errorResponse, description: 'A webhook with this URL exists.' },
        422: errorResponse,
      },
      example: { body: { url: 'https://example.com/textree', events: ['message.received'] } },
      async handle({ caller, body, request }) {
        const tenantId = caller.credential.tenant.id;
        const input = { tenantId, dialect: DIALECT, numberId: null, name: null, ...body } as const;
        const webhook = await changeAs(store, caller, (tx) => createWebhook(tx, input, keyContext));
        const created = { ...serializeWebhook(webhook), secret: webhook.secret };
        return { status: 201, body: { webhook: created }, headers: locationBelow(request, created.id) };
      },
    }),
    operation({
      id: 'updateWebhook',
      method: 'PATCH',
      path: '/api/v1/webhooks/:id',
      isFor,
      summary: 'Update, disable or enable a webhook',
      permission,
      body: webhookUpdateBodyFor(options),
      responses: {
        200: { description: 'The updated webhook.', schema: webhookResponse },
        404: errorResponse,
        409: { ...errorResponse, description: 'A webhook with this URL exists.' },
        422: errorResponse,
      },
      example: { params, body: { active: true } },
      async handle({ caller, params, body }) {
        const id = webhookId(params.id);
        const change = webhookChange(body);
        const webhook = await changeAs(store, caller, (tx) =>
          updateWebhook(tx, caller.credential.tenant.id, DIALECT, id, change, keyContext.now()),
        );
        return { status: 200, body: { webhook: serializeWebhook(webhook) } };
      },
    }),
    operation({
      id: 'deleteWebhook',
      method: 'DELETE',
      path: '/api/v1/webhooks/:id',
      isFor,
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
      id: 'listDeliveries',
      method: 'GET',
      path: '/api/v1/webhooks/:id/deliveries',
      summary: 'List the deliveries of a webhook, newest first',
      permission,
      query: deliveriesQuery,
      responses: {
        200: { description: 'A page of deliveries.', schema: deliveryList },
        404: errorResponse,
        422: errorResponse,
      },
      example: { params, query: { limit: '20' } },
      async handle({ caller, params, query: { limit, cursor } }) {
        const id = webhookId(params.id);
        const webhook = await store.read.webhooks.find(caller.credential.tenant.id, DIALECT, id);
        if (webhook === undefined) throw notFound('Webhook');
        await projector.catchUp();
        const found = await store.read.deliveries.of(id, { limit: limit + 1, before: cursor });
        const { rows, end } = cutPage('dlv', found, limit);
        const deliveries = rows.map((delivery) => serializeDelivery(delivery, delivery.type));
        return { status: 200, body: { deliveries, ...end } };
      },
    }),
    operation({
      id: 'replayEvent',
      method: 'POST',
      path: '/api/v1/webhooks/:id/replay',
      summary: 'Redeliver an event',
      permission,
      body: replayBody,
      responses: {
        202: { description: 'The queued delivery.', schema: deliveryResponse },
        404: errorResponse,
        422: errorResponse,
      },
      example: { params, body: { event_id: 'evt_01m7ypkdxffkmb6tyeck3vccad' } },
      async handle({ caller, params, body: { event_id: event } }) {
        const tenantId = caller.credential.tenant.id;
        const webhook = webhookId(params.id);
        const delivery = await changeAs(store, caller, async (tx) => {
          if (event === undefined) throw notFound('Event');
          const { type } = await findEvent(tx, tenantId, event);
          return serializeDelivery(
            await replayEvent(tx, tenantId, DIALECT, { webhook, event }, keyContext),
            type,
          );
        });
        const location = `/api/v1/webhooks/${params.id}/deliveries`;
        return { status: 202, body: { delivery }, headers: { location } };
      },
    }),
  ];
}

const webhookId = (id: string | undefined) => idInPath('wh', id, 'Webhook');

/** Finds an event. Event types that exist only in other APIs are not found. */
async function findEvent(tx: Queries, tenantId: number, id: string) {
  const event = await tx.events.find(tenantId, id);
  if (event === undefined || !(TEXTREE_EVENTS as readonly string[]).includes(event.type))
    throw notFound('Event');
  return event;
}
