/** Tests webhooks, lists their deliveries and replays events. */

import { z } from 'zod';
import { formatId } from '../../../shared/ids.ts';
import { type Caller, changeAs } from '../../core/accounts/caller.ts';
import { notFound } from '../../core/model/errors.ts';
import { replayRange } from '../../core/webhooks/replay-range.ts';
import { replayEvent, testWebhook } from '../../core/webhooks/webhook-subscriptions.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { cutPage } from '../../http/pagination.ts';
import { errorResponse } from './errors.ts';
import { DIALECT, findWebhook, webhookId } from './find-webhook.ts';
import type { WebhookOptions } from './options.ts';
import { serializeDelivery } from './serializers.ts';
import {
  deliveriesQuery,
  delivery,
  deliveryList,
  type ReplayBody,
  replayBody,
  replayedRange,
} from './webhook-schemas.ts';

export function webhookDeliveryOperations(options: WebhookOptions): Operation<Caller>[] {
  const { store, keyContext } = options;
  const permission = 'webhooks:manage';
  const params = { id: 'wh_01m7ypkdxffkmb6tyeck3vccad' };
  return [
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
          testWebhook(tx, await findWebhook(tx, caller, params.id), keyContext),
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
        const { id } = await findWebhook(store.read, caller, params.id);
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
