/** Lists the deliveries of a webhook with their requests, and sends test events and replays. */

import { formatId } from '../../../../shared/ids.ts';
import type { AuditedChange } from '../../../core/members/audit.ts';
import { notFound } from '../../../core/model/errors.ts';
import type { EventType, WebhookDelivery } from '../../../core/model/event.ts';
import type { Webhook } from '../../../core/model/webhook.ts';
import type { Queries } from '../../../core/ports/store.ts';
import { replayRange } from '../../../core/webhooks/replay-range.ts';
import { replayEvent, testWebhook } from '../../../core/webhooks/webhook-subscriptions.ts';
import { splitPage } from '../../../http/pagination.ts';
import { idInPath } from '../../../http/request-schemas.ts';
import { type AdminOperation, adminOperation } from '../admin-operation.ts';
import { changeAsMember } from '../caller.ts';
import { errorResponse } from '../errors.ts';
import type { DeliveryOptions } from '../management-options.ts';
import { findWebhook } from './find-webhook.ts';
import {
  type DeliveryDetailBody,
  type DeliveryListBody,
  delivery,
  deliveryDetail,
  deliveryList,
  deliveryQuery,
  type ReplayResultBody,
  replayRequest,
  replayResult,
} from './webhook-schemas.ts';
import { serializeAttempt, serializeDelivery, serializeRequest } from './webhook-serializers.ts';

const PATH = '/dashboard/api/:environment/webhooks/:id';

export function deliveryOperations(options: DeliveryOptions): AdminOperation[] {
  const { store, context, requestFor } = options;
  const serialize = async (one: WebhookDelivery & { type: EventType }) =>
    serializeDelivery(one, (await store.read.deliveries.attemptsOf(one.id)).at(-1));
  const find = async (tx: Queries, webhook: Webhook, shown: string | undefined) => {
    const found = await tx.deliveries.find(webhook.id, idInPath('dlv', shown, 'Delivery'));
    if (found === undefined) throw notFound('Delivery');
    return found;
  };

  return [
    adminOperation({
      id: 'listDeliveries',
      method: 'GET',
      path: `${PATH}/deliveries`,
      summary: 'List the deliveries of a webhook, newest first',
      permission: 'viewer',
      query: deliveryQuery,
      responses: {
        200: { description: 'A page of deliveries.', schema: deliveryList },
        400: errorResponse,
        404: errorResponse,
      },
      async handle({ caller, params, query: { status, limit, cursor } }) {
        const { id } = await findWebhook(store.read, caller, params.id);
        const page = await pageOf(store.read, id, { status, limit, cursor });
        const deliveries = [];
        for (const one of page.deliveries) deliveries.push(await serialize(one));
        const next = page.next === undefined ? null : formatId('dlv', page.next);
        const body: DeliveryListBody = { deliveries, next };
        return { status: 200, body };
      },
    }),
    adminOperation({
      id: 'getDelivery',
      method: 'GET',
      path: `${PATH}/deliveries/:deliveryId`,
      summary: 'Get a delivery with its request and all attempts',
      permission: 'viewer',
      responses: { 200: { description: 'The delivery.', schema: deliveryDetail }, 404: errorResponse },
      async handle({ caller, params }) {
        const webhook = await findWebhook(store.read, caller, params.id);
        const one = await find(store.read, webhook, params.deliveryId);
        const attempts = await store.read.deliveries.attemptsOf(one.id);
        const event = await store.read.events.find(caller.tenant.id, one.eventId);
        const request = event && (await requestFor(event, webhook, context.now()));
        const body: DeliveryDetailBody = {
          delivery: serializeDelivery(one, attempts.at(-1)),
          history: attempts.map(serializeAttempt),
          request: request === undefined ? null : serializeRequest(webhook.url, request),
        };
        return { status: 200, body };
      },
    }),
    adminOperation({
      id: 'replayDelivery',
      method: 'POST',
      path: `${PATH}/deliveries/:deliveryId/replay`,
      summary: 'Deliver the event of a delivery again',
      permission: 'owner',
      responses: { 202: { description: 'The new delivery.', schema: delivery }, 404: errorResponse },
      changes: ['webhooks', 'audit'],
      async handle({ caller, params }) {
        const change: AuditedChange = { action: 'webhook.replayed', target: params.id ?? '' };
        const replayed = await changeAsMember(store, caller, change, context, async (tx) => {
          const webhook = await findWebhook(tx, caller, params.id);
          const { eventId } = await find(tx, webhook, params.deliveryId);
          const { tenantId, dialect } = webhook;
          return replayEvent(tx, tenantId, dialect, { webhook: webhook.id, event: eventId }, context);
        });
        return { status: 202, body: serializeDelivery(replayed, undefined) };
      },
    }),
    adminOperation({
      id: 'testWebhook',
      method: 'POST',
      path: `${PATH}/test`,
      summary: 'Send a test message.received event to a webhook',
      permission: 'owner',
      responses: { 202: { description: 'The queued delivery.', schema: delivery }, 404: errorResponse },
      changes: ['webhooks', 'audit'],
      async handle({ caller, params }) {
        const change: AuditedChange = { action: 'webhook.tested', target: params.id ?? '' };
        const sent = await changeAsMember(store, caller, change, context, async (tx) =>
          testWebhook(tx, await findWebhook(tx, caller, params.id), context),
        );
        return { status: 202, body: serializeDelivery(sent, undefined) };
      },
    }),
    adminOperation({
      id: 'replayRange',
      method: 'POST',
      path: `${PATH}/replay`,
      summary: 'Deliver the events of a time range again; repeat the request with `next` for the rest',
      permission: 'owner',
      body: replayRequest,
      responses: {
        202: { description: 'The number of queued deliveries.', schema: replayResult },
        400: errorResponse,
        404: errorResponse,
      },
      changes: ['webhooks', 'audit'],
      async handle({ caller, params, body: { since, until, undeliveredOnly, cursor } }) {
        const { id, dialect, tenantId } = await findWebhook(store.read, caller, params.id);
        const change: AuditedChange = {
          action: 'webhook.replayed',
          target: formatId('wh', id),
          detail: { since, until },
        };
        const { replayed, last } = await replayRange(
          (work) => changeAsMember(store, caller, change, context, work),
          { tenantId, dialect, webhookId: id },
          {
            since,
            until: until ?? context.now(),
            isUndeliveredOnly: undeliveredOnly,
            after: cursor ?? undefined,
          },
          context,
        );
        const body: ReplayResultBody = { replayed, next: last === null ? null : formatId('evt', last) };
        return { status: 202, body };
      },
    }),
  ];
}

async function pageOf(
  read: Queries,
  webhookId: string,
  query: { status?: WebhookDelivery['status'] | undefined; limit: number; cursor?: string | undefined },
) {
  const { status, limit, cursor: before } = query;
  if (status !== undefined) return read.deliveries.withStatus(webhookId, status, { limit, before });
  const found = await read.deliveries.of(webhookId, { limit: limit + 1, before });
  const { rows: deliveries, last } = splitPage(found, limit);
  return { deliveries, next: last?.id };
}
