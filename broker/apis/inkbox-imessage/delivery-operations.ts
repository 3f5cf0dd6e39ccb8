/** Lists the deliveries of all webhook subscriptions, and replays one of them. */
import { formatId, formatUuid, readUuid } from '../../../shared/ids.ts';
import { type Caller, changeAs } from '../../core/accounts/caller.ts';
import { notFound } from '../../core/model/errors.ts';
import type { Tenant } from '../../core/model/tenant.ts';
import type { Queries } from '../../core/ports/store.ts';
import { replayEvent } from '../../core/webhooks/webhook-subscriptions.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { formatTime } from '../../http/timestamps.ts';
import { errorResponses } from '../inkbox/errors.ts';
import { organizationOf } from './agent-identity.ts';
import { type Delivered, deliveriesAt } from './delivery-pages.ts';
import { eventNameOf } from './event-types.ts';
import type { InkboxImessageOptions } from './options.ts';
import { DIALECT } from './webhook-operations.ts';
import { serializeEvent } from './webhook-request.ts';
import { deliveriesQuery, delivery, deliveryList } from './webhook-schemas.ts';

const PATH = '/deliveries';
const permission = 'webhooks:manage';

export function deliveryOperations(options: InkboxImessageOptions): Operation<Caller>[] {
  const { store, keyContext, context, linkTo } = options;
  const { read } = store;

  const serialize = async (tenant: Tenant, { webhook, delivery }: Delivered) => {
    const event = await read.events.find(tenant.id, delivery.eventId);
    const attempt = (await read.deliveries.attemptsOf(delivery.id)).at(-1);
    // The sender signs the links in the body for the time of the attempt.
    const eventContext = { read, linkTo, now: attempt?.at ?? context.now() };
    const payload =
      event === undefined ? null : JSON.stringify(await serializeEvent(event, webhook, eventContext));
    const hasResponse = attempt !== undefined && attempt.statusCode !== null;
    return {
      id: formatUuid(delivery.id),
      organization_id: organizationOf(tenant),
      webhook_subscription_id: formatUuid(webhook.id),
      phone_number_id: webhook.numberId === null ? null : formatUuid(webhook.numberId),
      event_id: formatId('evt', delivery.eventId),
      event_type: eventNameOf(delivery.type, webhook) ?? delivery.type,
      url: webhook.url,
      request_payload: payload,
      response_status: attempt?.statusCode ?? null,
      response_body: hasResponse ? attempt.answer : null,
      error_detail: hasResponse ? null : (attempt?.answer ?? null),
      duration_ms: attempt === undefined ? null : Math.round(attempt.durationMs),
      is_replay: delivery.isReplay,
      created_at: formatTime(delivery.createdAt),
    };
  };

  return [
    operation({
      id: 'listDeliveries',
      method: 'GET',
      path: PATH,
      summary: 'List the deliveries of all webhook subscriptions, newest first',
      permission,
      query: deliveriesQuery,
      responses: { 200: { description: 'A page of deliveries.', schema: deliveryList }, ...errorResponses },
      example: { query: { limit: '20', success: 'true' } },
      async handle({ caller: { credential }, query }) {
        const { tenant } = credential;
        const newest = await deliveriesAt(read, tenant.id, query);
        const deliveries = [];
        for (const one of newest) deliveries.push(await serialize(tenant, one));
        return { status: 200, body: { deliveries } };
      },
    }),
    operation({
      id: 'replayDelivery',
      method: 'POST',
      path: `${PATH}/:id/replay`,
      summary: 'Deliver an event again',
      permission,
      responses: { 200: { description: 'The new delivery.', schema: delivery }, ...errorResponses },
      example: { params: { id: '019fb2b9-3a5d-7e4e-b36a-3f73d2b6c1a9' } },
      async handle({ caller, params }) {
        const { tenant } = caller.credential;
        const replayed = await changeAs(store, caller, async (tx) => {
          const { webhook, delivery } = await findDelivery(tx, tenant, params.id);
          const ids = { webhook: webhook.id, event: delivery.eventId };
          return { webhook, delivery: await replayEvent(tx, tenant.id, DIALECT, ids, keyContext) };
        });
        return { status: 200, body: await serialize(tenant, replayed) };
      },
    }),
  ];
}

/** @throws HomingError `not_found` */
async function findDelivery(tx: Queries, { id: tenantId }: Tenant, shown = ''): Promise<Delivered> {
  const id = readUuid(shown);
  if (id === undefined) throw notFound('Delivery');
  for (const webhook of await tx.webhooks.list(tenantId, DIALECT)) {
    const found = await tx.deliveries.find(webhook.id, id);
    if (found !== undefined) return { webhook, delivery: found };
  }
  throw notFound('Delivery');
}
