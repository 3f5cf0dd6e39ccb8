/** Returns the account, its WhatsApp templates, and the JSON-LD contexts that responses refer to. */

import type { Caller } from '../../core/accounts/caller.ts';
import { notFound } from '../../core/model/errors.ts';
import { ensureSandboxTemplates } from '../../core/sandbox/sandbox-templates.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { contextFor } from './contexts.ts';
import { errorResponse, validationErrorResponse } from './errors.ts';
import { hydraResponse } from './hydra.ts';
import { pathId } from './iris.ts';
import type { TextusOptions } from './options.ts';
import { pageOfAll, pageQuery, pageResponse } from './pagination.ts';
import * as schemas from './response-schemas.ts';
import { serializeAccount, serializeTemplate } from './serializers.ts';

export function accountOperations({ store, context }: TextusOptions): Operation<Caller>[] {
  const account = { description: 'The account.', schema: schemas.account };
  const template = { description: 'The template.', schema: schemas.template };
  return [
    operation({
      id: 'listAccounts',
      method: 'GET',
      path: '/accounts',
      summary: 'List the accounts of the token',
      permission: 'messages:read',
      query: pageQuery,
      responses: {
        200: { description: 'The account of the token.', schema: schemas.collectionOf(schemas.account) },
        422: validationErrorResponse,
      },
      async handle(request) {
        const { tenant } = request.caller.credential;
        return pageResponse(request, {
          items: [tenant],
          totalItems: 1,
          idOf: ({ accountId }) => accountId,
          serialize: (tenants) => tenants.map(serializeAccount),
        });
      },
    }),
    operation({
      id: 'getAccount',
      method: 'GET',
      path: '/accounts/:slug',
      summary: 'Get an account',
      permission: 'messages:read',
      responses: { 200: account, 404: errorResponse },
      example: { params: { slug: 'default' } },
      async handle({ caller: { credential }, params }) {
        if (params.slug !== credential.tenant.accountSlug) throw notFound('Account');
        return hydraResponse(200, serializeAccount(credential.tenant));
      },
    }),
    operation({
      id: 'listWhatsappTemplates',
      method: 'GET',
      path: '/:account/whatsapp_templates',
      summary: 'List WhatsApp templates',
      permission: 'messages:read',
      query: pageQuery,
      responses: {
        200: { description: 'A page of templates.', schema: schemas.collectionOf(schemas.template) },
        404: errorResponse,
        422: validationErrorResponse,
      },
      example: { params: { account: 'default' } },
      async handle(request) {
        const { tenant } = request.caller.credential;
        await ensureSandboxTemplates(store, tenant, context.now());
        const templates = await store.read.whatsappTemplates.list(tenant.id);
        return pageResponse(request, {
          items: pageOfAll(templates, request.query),
          totalItems: templates.length,
          idOf: ({ id }) => id,
          serialize: (page) => page.map(serializeTemplate),
        });
      },
    }),
    operation({
      id: 'getWhatsappTemplate',
      method: 'GET',
      path: '/whatsapp_templates/:id',
      summary: 'Get a WhatsApp template',
      permission: 'messages:read',
      responses: { 200: template, 404: errorResponse },
      example: { params: { id: '01m7ypkdxffkmb6tyeck3vccad' } },
      async handle({ caller: { credential }, params }) {
        await ensureSandboxTemplates(store, credential.tenant, context.now());
        const id = pathId(params, 'Template');
        const found = await store.read.whatsappTemplates.find(credential.tenant.id, id);
        if (found === undefined) throw notFound('Template');
        return hydraResponse(200, serializeTemplate(found));
      },
    }),
    operation({
      id: 'getContext',
      method: 'GET',
      path: '/contexts/:file',
      summary: 'Get the JSON-LD context of a type, without a token',
      responses: { 200: { description: 'The context.', schema: schemas.contextFile }, 404: errorResponse },
      example: { params: { file: 'Message.jsonld' } },
      async handle({ params }) {
        const context = contextFor(params.file ?? '');
        if (context === undefined) throw notFound('Context');
        return { ...hydraResponse(200, context), headers: { 'cache-control': 'public, max-age=86400' } };
      },
    }),
  ];
}
