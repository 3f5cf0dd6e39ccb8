/** Manages the webhooks of all APIs. The dashboard creates webhooks of the Texting Blue API. */

import { formatId, parseId } from '../../../../shared/ids.ts';
import type { AuditedChange } from '../../../core/members/audit.ts';
import { invalidRequest } from '../../../core/model/errors.ts';
import { DIALECT_EVENTS, type Webhook } from '../../../core/model/webhook.ts';
import type { Queries } from '../../../core/ports/store.ts';
import {
  assertEventsInPlan,
  createWebhook,
  removeWebhook,
  rotateSecret,
  updateWebhook,
} from '../../../core/webhooks/webhook-subscriptions.ts';
import { webhookChange } from '../../../http/webhook-schemas.ts';
import { type AdminOperation, adminOperation } from '../admin-operation.ts';
import { type AdminCaller, changeAsMember } from '../caller.ts';
import { errorResponse } from '../errors.ts';
import type { WebhookOptions } from '../management-options.ts';
import { findWebhook } from './find-webhook.ts';
import {
  DIALECT,
  newWebhook,
  rotateRequest,
  type WebhookListBody,
  webhook,
  webhookChangeFor,
  webhookList,
  webhookRequestFor,
} from './webhook-schemas.ts';
import { serializeWebhook } from './webhook-serializers.ts';

const PATH = '/dashboard/api/:environment/webhooks';
const HOUR_MS = 3_600_000;

export function webhookOperations(options: WebhookOptions): AdminOperation[] {
  const { store, context } = options;
  const serialize = (tx: Queries, one: Webhook) => serializeWebhook(tx, one, context.now());
  const changed =
    (action: 'created' | 'changed' | 'deleted' | 'secret_rotated') =>
    (one: { id: string; url: string }): AuditedChange => ({
      action: `webhook.${action}`,
      target: one.id,
      detail: { url: one.url },
    });

  return [
    adminOperation({
      id: 'listWebhooks',
      method: 'GET',
      path: PATH,
      summary: 'List the webhooks of all APIs, oldest first',
      permission: 'viewer',
      responses: { 200: { description: 'All webhooks.', schema: webhookList } },
      async handle({ caller }) {
        const webhooks = [];
        for (const one of await store.read.webhooks.ofTenant(caller.tenant.id)) {
          webhooks.push(await serialize(store.read, one));
        }
        const events = Object.entries(DIALECT_EVENTS).map(([dialect, types]) => [dialect, [...types]]);
        const body: WebhookListBody = { webhooks, events: Object.fromEntries(events) };
        return { status: 200, body };
      },
    }),
    adminOperation({
      id: 'createWebhook',
      method: 'POST',
      path: PATH,
      summary: 'Create a webhook; the secret is returned only once',
      permission: 'owner',
      body: webhookRequestFor(options),
      responses: {
        201: { description: 'The webhook and its secret.', schema: newWebhook },
        400: errorResponse,
        402: errorResponse,
        409: errorResponse,
      },
      changes: ['webhooks', 'audit'],
      async handle({ caller, body: { url, events, numberId } }) {
        assertEventsInPlan(caller.plan, events);
        const created = await changeAsMember(store, caller, changed('created'), context, async (tx) => {
          const number = await ownNumberId(tx, caller, numberId);
          const input = { tenantId: caller.tenant.id, dialect: DIALECT, name: null, url, events } as const;
          const one = await createWebhook(tx, { ...input, numberId: number }, context);
          return { ...(await serialize(tx, one)), secret: one.secret };
        });
        return { status: 201, body: created };
      },
    }),
    adminOperation({
      id: 'getWebhook',
      method: 'GET',
      path: `${PATH}/:id`,
      summary: 'Get a webhook',
      permission: 'viewer',
      responses: { 200: { description: 'The webhook.', schema: webhook }, 404: errorResponse },
      async handle({ caller, params }) {
        const one = await findWebhook(store.read, caller, params.id);
        return { status: 200, body: await serialize(store.read, one) };
      },
    }),
    adminOperation({
      id: 'updateWebhook',
      method: 'PATCH',
      path: `${PATH}/:id`,
      summary: 'Change, disable or enable a webhook',
      permission: 'owner',
      body: webhookChangeFor(options),
      responses: {
        200: { description: 'The webhook.', schema: webhook },
        400: errorResponse,
        402: errorResponse,
        404: errorResponse,
        409: errorResponse,
      },
      changes: ['webhooks', 'audit'],
      async handle({ caller, params, body: { url, events, numberId, isActive } }) {
        assertEventsInPlan(caller.plan, events ?? []);
        const updated = await changeAsMember(store, caller, changed('changed'), context, async (tx) => {
          const { id, dialect, tenantId } = await findWebhook(tx, caller, params.id);
          const known: readonly string[] = DIALECT_EVENTS[dialect];
          const unknown = events?.find((type) => !known.includes(type));
          if (unknown !== undefined) {
            throw invalidRequest(
              `A webhook of this API cannot receive ${unknown}. Use one or more of: ${known.join(', ')}.`,
              'events',
            );
          }
          const change = {
            ...webhookChange({ url, events, active: isActive }),
            ...(numberId === undefined ? {} : { numberId: await ownNumberId(tx, caller, numberId) }),
          };
          return serialize(tx, await updateWebhook(tx, tenantId, dialect, id, change, context.now()));
        });
        return { status: 200, body: updated };
      },
    }),
    adminOperation({
      id: 'deleteWebhook',
      method: 'DELETE',
      path: `${PATH}/:id`,
      summary: 'Delete a webhook and its pending deliveries',
      permission: 'owner',
      responses: { 204: { description: 'Deleted.' }, 404: errorResponse },
      changes: ['webhooks', 'audit'],
      async handle({ caller, params }) {
        await changeAsMember(store, caller, changed('deleted'), context, async (tx) => {
          const { id, dialect, tenantId, url } = await findWebhook(tx, caller, params.id);
          await removeWebhook(tx, tenantId, dialect, id, context);
          return { id: formatId('wh', id), url };
        });
        return { status: 204 };
      },
    }),
    adminOperation({
      id: 'rotateWebhookSecret',
      method: 'POST',
      path: `${PATH}/:id/rotate-secret`,
      summary: 'Replace the secret of a webhook; the previous one stays valid during the overlap',
      permission: 'owner',
      body: rotateRequest,
      responses: {
        200: { description: 'The webhook and its new secret.', schema: newWebhook },
        400: errorResponse,
        404: errorResponse,
      },
      changes: ['webhooks', 'audit'],
      async handle({ caller, params, body: { overlapHours } }) {
        const rotated = await changeAsMember(
          store,
          caller,
          changed('secret_rotated'),
          context,
          async (tx) => {
            const found = await findWebhook(tx, caller, params.id);
            const one = await rotateSecret(tx, found, overlapHours * HOUR_MS, context);
            return { ...(await serialize(tx, one)), secret: one.secret };
          },
        );
        return { status: 200, body: rotated };
      },
    }),
  ];
}

/** Returns null if the request contains no number. @throws HomingError if it is not the account's */
async function ownNumberId(
  tx: Queries,
  { tenant }: AdminCaller,
  shown: string | null | undefined,
): Promise<string | null> {
  if (shown == null) return null;
  const id = parseId('num', shown);
  const number = id === undefined ? undefined : await tx.numbers.find(tenant.id, id);
  if (number === undefined) throw invalidRequest("'numberId' is not a number of this account.", 'numberId');
  return number.id;
}
