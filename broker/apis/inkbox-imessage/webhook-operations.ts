/** Manages webhook subscriptions: to the events of the account, or of one number. */
import { formatUuid, readUuid } from '../../../shared/ids.ts';
import { type Caller, changeAs } from '../../core/accounts/caller.ts';
import { invalidRequest, notFound } from '../../core/model/errors.ts';
import type { Tenant } from '../../core/model/tenant.ts';
import type { Webhook } from '../../core/model/webhook.ts';
import type { Queries } from '../../core/ports/store.ts';
import {
  assertEventsInPlan,
  createWebhook,
  removeWebhook,
  updateWebhook,
} from '../../core/webhooks/webhook-subscriptions.ts';
import { locationBelow } from '../../http/location.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { formatTime } from '../../http/timestamps.ts';
import { webhookChange } from '../../http/webhook-schemas.ts';
import { errorResponse, errorResponses, validationErrorResponse } from '../inkbox/errors.ts';
import { numberOf } from '../inkbox/number-access.ts';
import { agentIdentityOf, organizationOf } from './agent-identity.ts';
import { eventNameOf, eventTypeOf } from './event-types.ts';
import type { InkboxImessageOptions } from './options.ts';
import {
  eventProblem,
  newSubscription,
  subscription,
  subscriptionBodyFor,
  subscriptionList,
  subscriptionsQuery,
  subscriptionUpdateBodyFor,
} from './webhook-schemas.ts';

export const DIALECT = 'inkbox';
const PATH = '/subscriptions';
const permission = 'webhooks:manage';
const params = { id: '019fb2b9-3a5d-7e4e-b36a-3f73d2b6c1a7' };
const changeResponses = {
  ...errorResponses,
  402: { ...errorResponse, description: 'The plan of the account does not include delivery events.' },
  409: { ...errorResponse, description: 'A subscription with this URL exists.' },
};

export function subscriptionOperations(options: InkboxImessageOptions): Operation<Caller>[] {
  const { store, keyContext } = options;
  return [
    operation({
      id: 'listSubscriptions',
      method: 'GET',
      path: PATH,
      summary: 'List your webhook subscriptions, oldest first',
      permission,
      query: subscriptionsQuery,
      responses: {
        200: { description: 'The subscriptions of the account.', schema: subscriptionList },
        401: errorResponse,
        403: errorResponse,
        422: validationErrorResponse,
      },
      example: { query: { event_type: 'imessage.sent' } },
      async handle({ caller: { credential }, query }) {
        const { url, phone_number_id, agent_identity_id, event_type } = query;
        const all = await store.read.webhooks.list(credential.tenant.id, DIALECT);
        const subscriptions = all
          .filter(
            (one) =>
              (url === undefined || one.url === url) &&
              (phone_number_id === undefined || one.numberId === phone_number_id) &&
              (agent_identity_id === undefined || one.numberId === null),
          )
          .map((one) => serializeSubscription(one, credential.tenant))
          .filter(({ event_types }) => event_type === undefined || event_types.includes(event_type));
        return { status: 200, body: { subscriptions } };
      },
    }),
    operation({
      id: 'createSubscription',
      method: 'POST',
      path: PATH,
      summary: 'Create a webhook subscription; the signing key is returned only once',
      permission,
      body: subscriptionBodyFor(options),
      responses: {
        201: { description: 'The subscription and its signing key.', schema: newSubscription },
        ...changeResponses,
      },
      example: {
        body: {
          url: 'https://example.com/inkbox',
          event_types: ['imessage.received'],
          agent_identity_id: '019fb2b9-3a5d-7e4e-b36a-3f73d2b6c1a8',
        },
      },
      async handle({ caller, body: { url, event_types, phone_number_id }, request }) {
        const { tenant } = caller.credential;
        const events = event_types.map(eventTypeOf);
        assertEventsInPlan(caller.plan, events);
        const created = await changeAs(store, caller, async (tx) => {
          const number =
            phone_number_id == null ? undefined : await numberOf(tx, caller, formatUuid(phone_number_id));
          const subject = { tenantId: tenant.id, numberId: number?.id ?? null };
          return createWebhook(tx, { ...subject, dialect: DIALECT, name: null, url, events }, keyContext);
        });
        const shown = serializeSubscription(created, tenant);
        return {
          status: 201,
          body: { ...shown, signing_key: created.secret },
          headers: locationBelow(request, shown.id),
        };
      },
    }),
    operation({
      id: 'getSubscription',
      method: 'GET',
      path: `${PATH}/:id`,
      summary: 'Get a webhook subscription',
      permission,
      responses: { 200: { description: 'The subscription.', schema: subscription }, ...errorResponses },
      example: { params },
      async handle({ caller: { credential }, params }) {
        const found = await findSubscription(store.read, credential.tenant, params.id);
        return { status: 200, body: serializeSubscription(found, credential.tenant) };
      },
    }),
    operation({
      id: 'updateSubscription',
      method: 'PATCH',
      path: `${PATH}/:id`,
      summary: 'Update a webhook subscription, and enable it again',
      permission,
      body: subscriptionUpdateBodyFor(options),
      responses: {
        200: { description: 'The updated subscription.', schema: subscription },
        ...changeResponses,
      },
      example: { params, body: { event_types: ['imessage.received', 'imessage.sent'] } },
      async handle({ caller, params, body: { url, event_types } }) {
        const { tenant } = caller.credential;
        const events = event_types?.map(eventTypeOf);
        assertEventsInPlan(caller.plan, events ?? []);
        const changed = await changeAs(store, caller, async (tx) => {
          const { id, numberId } = await findSubscription(tx, tenant, params.id);
          const problem = eventProblem(event_types ?? [], numberId !== null);
          if (event_types !== undefined && problem !== undefined)
            throw invalidRequest(problem, 'event_types');
          // The SDK knows no disabled subscriptions, so every change enables this one.
          const change = webhookChange({ url, events, active: true });
          return updateWebhook(tx, tenant.id, DIALECT, id, change, keyContext.now());
        });
        return { status: 200, body: serializeSubscription(changed, tenant) };
      },
    }),
    operation({
      id: 'deleteSubscription',
      method: 'DELETE',
      path: `${PATH}/:id`,
      summary: 'Delete a webhook subscription and its pending deliveries',
      permission,
      responses: { 204: { description: 'Deleted.' }, ...errorResponses },
      example: { params },
      async handle({ caller, params }) {
        const { tenant } = caller.credential;
        await changeAs(store, caller, async (tx) => {
          const { id } = await findSubscription(tx, tenant, params.id);
          await removeWebhook(tx, tenant.id, DIALECT, id, keyContext);
        });
        return { status: 204 };
      },
    }),
  ];
}

/** @throws HomingError `not_found` */
async function findSubscription(
  read: Queries,
  { id: tenantId }: Tenant,
  shown: string | undefined,
): Promise<Webhook> {
  const id = readUuid(shown ?? '');
  const found = id === undefined ? undefined : await read.webhooks.find(tenantId, DIALECT, id);
  if (found === undefined) throw notFound('Subscription');
  return found;
}

function serializeSubscription(webhook: Webhook, tenant: Tenant) {
  const { numberId, events } = webhook;
  return {
    id: formatUuid(webhook.id),
    organization_id: organizationOf(tenant),
    mailbox_id: null,
    phone_number_id: numberId === null ? null : formatUuid(numberId),
    agent_identity_id: numberId === null ? agentIdentityOf(tenant) : null,
    owner_identity_id: null,
    url: webhook.url,
    event_types: events.flatMap((type) => eventNameOf(type, webhook) ?? []),
    status: 'active',
    created_at: formatTime(webhook.createdAt),
    updated_at: formatTime(webhook.updatedAt),
    context_config: null,
  };
}
