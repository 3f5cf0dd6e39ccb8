/** Manages webhooks and their secrets. */
import { type Caller, changeAs } from '../../core/accounts/caller.ts';
import type { Webhook } from '../../core/model/webhook.ts';
import type { Queries } from '../../core/ports/store.ts';
import { callbackSecret } from '../../core/webhooks/status-callbacks.ts';
import {
  assertEventsInPlan,
  createWebhook,
  removeWebhook,
  rotateSecret,
  updateWebhook,
} from '../../core/webhooks/webhook-subscriptions.ts';
import { locationBelow } from '../../http/location.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { webhookChange } from '../../http/webhook-schemas.ts';
import { errorResponse } from './errors.ts';
import { DIALECT, findWebhook, webhookId } from './find-webhook.ts';
import type { WebhookOptions } from './options.ts';
import { ownNumberId } from './own-number.ts';
import { serializeWebhook } from './serializers.ts';
import {
  callbackSecretResponse,
  newWebhook,
  rotateBody,
  webhook,
  webhookBodyFor,
  webhookList,
  webhookUpdateBodyFor,
} from './webhook-schemas.ts';

const HOUR_MS = 3_600_000;

export function webhookOperations(options: WebhookOptions): Operation<Caller>[] {
  const { store, keyContext } = options;
  const permission = 'webhooks:manage';
  const params = { id: 'wh_01m7ypkdxffkmb6tyeck3vccad' };

  const serialize = async (tx: Queries, one: Webhook) => {
    const number = one.numberId === null ? undefined : await tx.numbers.find(one.tenantId, one.numberId);
    return serializeWebhook(one, number?.phoneNumber ?? null);
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
        402: {
          ...errorResponse,
          description: 'The plan of the account does not include the event message.delivered.',
        },
        409: { ...errorResponse, description: 'A webhook with this URL exists.' },
      },
      example: { body: { url: 'https://example.com/homing', events: ['message.received'] } },
      async handle({ caller, body: { url, events, phone_number }, request }) {
        const tenantId = caller.credential.tenant.id;
        assertEventsInPlan(caller.plan, events);
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
        return {
          status: 200,
          body: await serialize(store.read, await findWebhook(store.read, caller, params.id)),
        };
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
        402: {
          ...errorResponse,
          description: 'The plan of the account does not include the event message.delivered.',
        },
        404: errorResponse,
        409: { ...errorResponse, description: 'A webhook with this URL exists.' },
      },
      example: { params, body: { active: true } },
      async handle({ caller, params, body: { url, events, active, phone_number } }) {
        const tenantId = caller.credential.tenant.id;
        assertEventsInPlan(caller.plan, events ?? []);
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
            await findWebhook(tx, caller, params.id),
            overlap_hours * HOUR_MS,
            keyContext,
          );
          return { ...(await serialize(tx, one)), secret: one.secret };
        });
        return { status: 200, body: rotated };
      },
    }),
  ];
}
