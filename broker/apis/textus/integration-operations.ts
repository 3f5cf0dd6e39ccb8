/** Webhooks, which TextUs calls integrations. */

import { type Caller, changeAs } from '../../core/accounts/caller.ts';
import { notFound } from '../../core/model/errors.ts';
import { createWebhook, removeWebhook, updateWebhook } from '../../core/webhooks/webhook-subscriptions.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { integrationBodyFor, integrationChangeFor } from './field-schemas.ts';
import { hydraResponse } from './hydra.ts';
import { ALL_ON, eventsOf, switchesOf } from './integration-actions.ts';
import { idIn } from './names.ts';
import { errorResponse, invalid, type TextusContext } from './options.ts';
import { pageOfAll, pageQuery, pageResponse } from './pagination.ts';
import * as schemas from './response-schemas.ts';
import { serializeIntegration } from './serializers.ts';

const ID = '01m7ypkdxffkmb6tyeck3vccad';

export function integrationOperations(options: TextusContext): Operation<Caller>[] {
  const { store, keyContext, context } = options;
  const shown = { description: 'The integration.', schema: schemas.integration };
  const permission = 'webhooks:manage';
  return [
    operation({
      id: 'createIntegration',
      method: 'POST',
      path: '/:account/integrations',
      summary: 'Have a webhook told of what happens; every action is on unless it is switched off',
      permission,
      body: integrationBodyFor(options),
      responses: { 201: shown, 404: errorResponse, 409: errorResponse, 422: invalid },
      example: {
        params: { account: 'default' },
        body: { provider: 'webhook', config: { baseUrl: 'https://example.com/textus' } },
      },
      async handle({ caller, body }) {
        const wanted = {
          tenantId: caller.credential.tenant.id,
          dialect: 'textus',
          numberId: null,
          name: null,
          url: body.config.baseUrl,
          events: eventsOf({ ...ALL_ON, ...body.settings?.actions }),
        } as const;
        const webhook = await changeAs(options.store, caller, (tx) => createWebhook(tx, wanted, keyContext));
        return hydraResponse(201, serializeIntegration(webhook));
      },
    }),
    operation({
      id: 'listIntegrations',
      method: 'GET',
      path: '/:account/integrations',
      summary: 'List integrations, oldest first',
      permission,
      query: pageQuery,
      responses: {
        200: { description: 'One page.', schema: schemas.collectionOf(schemas.integration) },
        404: errorResponse,
        422: invalid,
      },
      example: { params: { account: 'default' } },
      async handle(call) {
        const webhooks = await store.read.webhooks.list(call.caller.credential.tenant.id, 'textus');
        return pageResponse(call, {
          items: pageOfAll(webhooks, call.query),
          totalItems: webhooks.length,
          idOf: ({ id }) => id,
          show: (some) => some.map(serializeIntegration),
        });
      },
    }),
    operation({
      id: 'getIntegration',
      method: 'GET',
      path: '/integrations/:id',
      summary: 'Get an integration',
      permission,
      responses: { 200: shown, 404: errorResponse },
      example: { params: { id: ID } },
      async handle({ caller, params }) {
        const { id: tenantId } = caller.credential.tenant;
        const webhook = await store.read.webhooks.find(tenantId, 'textus', idIn(params, 'Integration'));
        if (webhook === undefined) throw notFound('Integration');
        return hydraResponse(200, serializeIntegration(webhook));
      },
    }),
    operation({
      id: 'updateIntegration',
      method: 'PATCH',
      path: '/integrations/:id',
      summary: 'Change where an integration is called, or switch actions on and off',
      permission,
      body: integrationChangeFor(options),
      responses: { 200: shown, 404: errorResponse, 409: errorResponse, 422: invalid },
      example: { params: { id: ID }, body: { settings: { actions: { 'message.delivered': false } } } },
      async handle({ caller, params, body }) {
        const { id: tenantId } = caller.credential.tenant;
        const id = idIn(params, 'Integration');
        const webhook = await changeAs(options.store, caller, async (tx) => {
          const before = await tx.webhooks.find(tenantId, 'textus', id);
          if (before === undefined) throw notFound('Integration');
          const change = {
            url: body.config?.baseUrl ?? before.url,
            events: eventsOf({ ...switchesOf(before.events), ...body.settings?.actions }),
          };
          return updateWebhook(tx, tenantId, 'textus', id, change, context.now());
        });
        return hydraResponse(200, serializeIntegration(webhook));
      },
    }),
    operation({
      id: 'deleteIntegration',
      method: 'DELETE',
      path: '/integrations/:id',
      summary: 'Remove an integration',
      permission,
      responses: { 204: { description: 'Removed.' }, 404: errorResponse },
      example: { params: { id: ID } },
      async handle({ caller, params }) {
        const id = idIn(params, 'Integration');
        const { id: tenantId } = caller.credential.tenant;
        await changeAs(options.store, caller, (tx) => removeWebhook(tx, tenantId, 'textus', id));
        return { status: 204 };
      },
    }),
  ];
}
