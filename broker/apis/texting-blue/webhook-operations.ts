/** Who is told of what by webhook, what became of it, and telling it once more. */
import { z } from 'zod';
import { formatId } from '../../../shared/ids.ts';
import type { KeyContext } from '../../core/accounts/api-keys.ts';
import { type Caller, changeAs } from '../../core/accounts/caller.ts';
import { notFound, planLimitExceeded } from '../../core/model/errors.ts';
import type { EventType } from '../../core/model/event.ts';
import type { Plan } from '../../core/model/plan.ts';
import type { Webhook } from '../../core/model/webhook.ts';
import type { Queries, Store } from '../../core/ports/store.ts';
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
import { type Operation, operation } from '../../http/operation.ts';
import { cutPage } from '../../http/pagination.ts';
import type { UrlOptions } from '../../http/request-schemas.ts';
import { idInPath } from '../../http/request-schemas.ts';
import { webhookChange } from '../../http/webhook-schemas.ts';
import { ownNumberId } from './own-number.ts';
import { errorBody } from './schemas.ts';
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

export interface WebhookOptions extends UrlOptions {
  store: Store;
  keyContext: KeyContext;
}

const DIALECT = 'texting-blue';
const HOUR_MS = 3_600_000;

export function webhookOperations(options: WebhookOptions): Operation<Caller>[] {
  const { store, keyContext } = options;
  const permission = 'webhooks:manage';
  const params = { id: 'wh_01m7ypkdxffkmb6tyeck3vccad' };
  const errorResponse = { description: 'Refused; see the error codes.', schema: errorBody };

  const show = async (tx: Queries, one: Webhook) => {
    const number = one.numberId === null ? undefined : await tx.numbers.find(one.tenantId, one.numberId);
    return serializeWebhook(one, number?.phoneNumber ?? null);
  };
  const find = async (tx: Queries, { credential }: Caller, shown: string | undefined) => {
    const found = await tx.webhooks.find(credential.tenant.id, DIALECT, webhookId(shown));
    if (found === undefined) throw notFound('Webhook');
    return found;
  };

  return [
    operation({
      id: 'createWebhook',
      method: 'POST',
      path: '/v1/webhooks',
      summary: 'Add a webhook; its secret is shown this once',
      permission,
      body: webhookBodyFor(options),
      responses: {
        201: { description: 'Added.', schema: newWebhook },
        400: errorResponse,
        402: errorResponse,
        409: errorResponse,
      },
      example: { body: { url: 'https://example.com/homing', events: ['message.received'] } },
      async handle({ caller, body: { url, events, phone_number } }) {
        const tenantId = caller.credential.tenant.id;
        assertPlanTells(caller.plan, events);
        const made = await changeAs(store, caller, async (tx) => {
          const numberId = await ownNumberId(tx, tenantId, phone_number, 'phone_number');
          const one = await createWebhook(
            tx,
            { tenantId, dialect: DIALECT, numberId, name: null, url, events },
            keyContext,
          );
          const { created_at, active, ...shown } = await show(tx, one);
          return { ...shown, secret: one.secret, active, created_at };
        });
        return { status: 201, body: made };
      },
    }),
    operation({
      id: 'listWebhooks',
      method: 'GET',
      path: '/v1/webhooks',
      summary: 'List your webhooks, oldest first',
      permission,
      responses: { 200: { description: 'All of them.', schema: webhookList } },
      async handle({ caller }) {
        const all = await store.read.webhooks.list(caller.credential.tenant.id, DIALECT);
        return {
          status: 200,
          body: { webhooks: await Promise.all(all.map((one) => show(store.read, one))) },
        };
      },
    }),
    operation({
      id: 'getCallbackSecret',
      method: 'GET',
      path: '/v1/webhooks/callback-secret',
      summary: 'Get what the posts to status_callback are signed with',
      permission,
      responses: { 200: { description: 'One secret for all of them.', schema: callbackSecretResponse } },
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
      summary: 'Get one webhook',
      permission,
      responses: { 200: { description: 'The webhook.', schema: webhook }, 404: errorResponse },
      example: { params },
      async handle({ caller, params }) {
        return { status: 200, body: await show(store.read, await find(store.read, caller, params.id)) };
      },
    }),
    operation({
      id: 'updateWebhook',
      method: 'PUT',
      path: '/v1/webhooks/:id',
      summary: 'Change a webhook, or turn it off and on again',
      permission,
      body: webhookUpdateBodyFor(options),
      responses: {
        200: { description: 'The webhook as it is now.', schema: webhook },
        400: errorResponse,
        402: errorResponse,
        404: errorResponse,
        409: errorResponse,
      },
      example: { params, body: { active: true } },
      async handle({ caller, params, body: { url, events, active, phone_number } }) {
        const tenantId = caller.credential.tenant.id;
        assertPlanTells(caller.plan, events ?? []);
        const id = webhookId(params.id);
        const changed = await changeAs(store, caller, async (tx) => {
          const change = {
            ...webhookChange({ url, events, active }),
            ...(phone_number === undefined
              ? {}
              : { numberId: await ownNumberId(tx, tenantId, phone_number, 'phone_number') }),
          };
          return show(tx, await updateWebhook(tx, tenantId, DIALECT, id, change, keyContext.now()));
        });
        return { status: 200, body: changed };
      },
    }),
    operation({
      id: 'deleteWebhook',
      method: 'DELETE',
      path: '/v1/webhooks/:id',
      summary: 'Remove a webhook and what was still to be delivered to it',
      permission,
      responses: { 204: { description: 'Removed.' }, 404: errorResponse },
      example: { params },
      async handle({ caller, params }) {
        const id = webhookId(params.id);
        await changeAs(store, caller, (tx) => removeWebhook(tx, caller.credential.tenant.id, DIALECT, id));
        return { status: 204 };
      },
    }),
    operation({
      id: 'rotateWebhookSecret',
      method: 'POST',
      path: '/v1/webhooks/:id/rotate-secret',
      summary: 'Give a webhook a new secret; the old one signs as well for some hours',
      permission,
      body: rotateBody,
      responses: {
        200: { description: 'The new secret, shown this once.', schema: newWebhook },
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
          return { ...(await show(tx, one)), secret: one.secret };
        });
        return { status: 200, body: rotated };
      },
    }),
    operation({
      id: 'testWebhook',
      method: 'POST',
      path: '/v1/webhooks/:id/test',
      summary: 'Send a made-up message.received to a webhook',
      permission,
      responses: { 202: { description: 'It will be delivered.', schema: delivery }, 404: errorResponse },
      example: { params },
      async handle({ caller, params }) {
        const sent = await changeAs(store, caller, async (tx) =>
          testWebhook(tx, await find(tx, caller, params.id), keyContext),
        );
        return { status: 202, body: serializeDelivery(sent, []) };
      },
    }),
    operation({
      id: 'listDeliveries',
      method: 'GET',
      path: '/v1/webhooks/:id/deliveries',
      summary: 'List what was or will be delivered to a webhook with every attempt, newest first',
      permission,
      query: deliveriesQuery,
      responses: {
        200: { description: 'One page.', schema: deliveryList },
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
      summary: 'Have events delivered once more; one, or everything that happened in a while',
      permission,
      body: replayBody,
      responses: {
        202: {
          description: 'It will be delivered: for one event its delivery, else how many.',
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
          return {
            status: 202,
            body: await replayOf(options, caller, id, { ...range, since: range.since }),
          };
        }
        const again = await changeAs(store, caller, async (tx) => {
          if (event?.id === undefined) throw notFound('Event');
          return replayEvent(tx, tenantId, DIALECT, { webhook: id, event: event.id }, keyContext);
        });
        return { status: 202, body: serializeDelivery(again, []) };
      },
    }),
  ];
}

/** Everything of a range, for the key as long as it counts. */
async function replayOf(
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

const webhookId = (shown: string | undefined) => idInPath('wh', shown, 'Webhook');

/** The plan's line of the same name. */
function assertPlanTells({ media }: Plan, events: readonly EventType[]): void {
  if (media || !events.includes('message.delivered')) return;
  throw planLimitExceeded('Your plan does not include the event message.delivered.', 'events');
}
