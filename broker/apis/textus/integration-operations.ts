/** Manages webhooks, which are called integrations in TextUs. */

import { type Caller, changeAs } from '../../core/accounts/caller.ts';
import { notFound } from '../../core/model/errors.ts';
import { createWebhook, removeWebhook, updateWebhook } from '../../core/webhooks/webhook-subscriptions.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { errorResponse, validationErrorResponse } from './errors.ts';
import { hydraCreated, hydraResponse } from './hydra.ts';
import { ALL_ENABLED, eventsOf, switchesOf } from './integration-actions.ts';
import { pathId } from './iris.ts';
import type { TextusOptions } from './options.ts';
import { pageOfAll, pageQuery, pageResponse } from './pagination.ts';
import { integrationBodyFor, integrationChangeFor } from './request-schemas.ts';
import * as schemas from './response-schemas.ts';
import { serializeIntegration } from './serializers.ts';

const ID = '01m7ypkdxffkmb6tyeck3vccad';

export function integrationOperations(options: TextusOptions): Operation<Caller>[] {
  const { store, keyContext, context } = options;
  const response = { description: 'The integration.', schema: schemas.integration };
  const permission = 'webhooks:manage';
  return [
    operation({
      id: 'createIntegration',
      method: 'POST',
      path: '/:account/integrations',
      summary: 'Create a webhook integration; all actions are enabled by default',
      permission,
      body: integrationBodyFor(options),
      responses: {
        201: response,
        404: errorResponse,
        409: { ...errorResponse, description: 'An integration with this URL exists.' },
        422: validationErrorResponse,
      },
      example: {
        params: { account: 'default' },
        body: { provider: 'webhook', config: { baseUrl: 'https://example.com/textus' } },
      },
      async handle({ caller, body }) {
        const input = {
          tenantId: caller.credential.tenant.id,
          dialect: 'textus',
          numberId: null,
          name: null,
          url: body.config.baseUrl,
          events: eventsOf({ ...ALL_ENABLED, ...body.settings?.actions }),
        } as const;
        const webhook = await changeAs(options.store, caller, (tx) => createWebhook(tx, input, keyContext));
        return hydraCreated(serializeIntegration(webhook));
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
        200: { description: 'A page of integrations.', schema: schemas.collectionOf(schemas.integration) },
        404: errorResponse,
        422: validationErrorResponse,
      },
      example: { params: { account: 'default' } },
      async handle(request) {
        const webhooks = await store.read.webhooks.list(request.caller.credential.tenant.id, 'textus');
        return pageResponse(request, {
          items: pageOfAll(webhooks, request.query),
          totalItems: webhooks.length,
          idOf: ({ id }) => id,
          serialize: (page) => page.map(serializeIntegration),
        });
      },
    }),
    operation({
      id: 'getIntegration',
      method: 'GET',
      path: '/integrations/:id',
      summary: 'Get an integration',
      permission,
      responses: { 200: response, 404: errorResponse },
      example: { params: { id: ID } },
      async handle({ caller, params }) {
        const { id: tenantId } = caller.credential.tenant;
        const webhook = await store.read.webhooks.find(tenantId, 'textus', pathId(params, 'Integration'));
        if (webhook === undefined) throw notFound('Integration');
        return hydraResponse(200, serializeIntegration(webhook));
      },
    }),
    operation({
      id: 'updateIntegration',
      method: 'PATCH',
      path: '/integrations/:id',
      summary: 'Update the URL or the enabled actions of an integration',
      permission,
      body: integrationChangeFor(options),
      responses: {
        200: response,
        404: errorResponse,
        409: { ...errorResponse, description: 'An integration with this URL exists.' },
        422: validationErrorResponse,
      },
      example: { params: { id: ID }, body: { settings: { actions: { 'message.delivered': false } } } },
      async handle({ caller, params, body }) {
        const { id: tenantId } = caller.credential.tenant;
        const id = pathId(params, 'Integration');
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
      summary: 'Delete an integration',
      permission,
      responses: { 204: { description: 'Deleted.' }, 404: errorResponse },
      example: { params: { id: ID } },
      async handle({ caller, params }) {
        const id = pathId(params, 'Integration');
        const { id: tenantId } = caller.credential.tenant;
        await changeAs(options.store, caller, (tx) => removeWebhook(tx, tenantId, 'textus', id, keyContext));
        return { status: 204 };
      },
    }),
  ];
}
