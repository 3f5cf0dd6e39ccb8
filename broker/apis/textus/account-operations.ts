/** The account itself, the templates that it has for WhatsApp, and the contexts that every answer names. */

import type { Customer } from '../../core/accounts/caller.ts';
import { notFound } from '../../core/model/errors.ts';
import { ensureSandboxTemplates } from '../../core/sandbox/sandbox-templates.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { contextFor } from './contexts.ts';
import { hydraAnswer } from './hydra.ts';
import { idIn } from './names.ts';
import { invalid, refused, type TextusServices } from './options.ts';
import { pageAnswer, pageOfAll, pageQuery } from './pagination.ts';
import * as shapes from './response-schemas.ts';
import { showAccount, showTemplate } from './serializers.ts';

export function accountOperations({ store, rules }: TextusServices): Operation<Customer>[] {
  const account = { description: 'The account.', schema: shapes.account };
  const template = { description: 'The template.', schema: shapes.template };
  return [
    operation({
      id: 'listAccounts',
      method: 'GET',
      path: '/accounts',
      summary: 'List the accounts that the token may use',
      permission: 'messages:read',
      query: pageQuery,
      answers: {
        200: { description: 'The one of the token.', schema: shapes.collectionOf(shapes.account) },
        422: invalid,
      },
      async handle(call) {
        const { tenant } = call.caller.credential;
        return pageAnswer(call, {
          items: [tenant],
          totalItems: 1,
          idOf: ({ accountId }) => accountId,
          show: (tenants) => tenants.map(showAccount),
        });
      },
    }),
    operation({
      id: 'getAccount',
      method: 'GET',
      path: '/accounts/:slug',
      summary: 'Get an account',
      permission: 'messages:read',
      answers: { 200: account, 404: refused },
      example: { params: { slug: 'default' } },
      async handle({ caller: { credential }, params }) {
        if (params.slug !== credential.tenant.accountSlug) throw notFound('Account');
        return hydraAnswer(200, showAccount(credential.tenant));
      },
    }),
    operation({
      id: 'listWhatsappTemplates',
      method: 'GET',
      path: '/:account/whatsapp_templates',
      summary: 'List the templates for WhatsApp',
      permission: 'messages:read',
      query: pageQuery,
      answers: {
        200: { description: 'One page.', schema: shapes.collectionOf(shapes.template) },
        404: refused,
        422: invalid,
      },
      example: { params: { account: 'default' } },
      async handle(call) {
        const { tenant } = call.caller.credential;
        await ensureSandboxTemplates(store, tenant, rules.now());
        const templates = await store.read.whatsappTemplates.list(tenant.id);
        return pageAnswer(call, {
          items: pageOfAll(templates, call.query),
          totalItems: templates.length,
          idOf: ({ id }) => id,
          show: (some) => some.map(showTemplate),
        });
      },
    }),
    operation({
      id: 'getWhatsappTemplate',
      method: 'GET',
      path: '/whatsapp_templates/:id',
      summary: 'Get a template for WhatsApp',
      permission: 'messages:read',
      answers: { 200: template, 404: refused },
      example: { params: { id: '01m7ypkdxffkmb6tyeck3vccad' } },
      async handle({ caller: { credential }, params }) {
        await ensureSandboxTemplates(store, credential.tenant, rules.now());
        const id = idIn(params, 'Template');
        const found = await store.read.whatsappTemplates.find(credential.tenant.id, id);
        if (found === undefined) throw notFound('Template');
        return hydraAnswer(200, showTemplate(found));
      },
    }),
    operation({
      id: 'getContext',
      method: 'GET',
      path: '/contexts/:file',
      summary: 'Get the JSON-LD context of a type; needs no token',
      answers: { 200: { description: 'The context.', schema: shapes.contextFile }, 404: refused },
      example: { params: { file: 'Message.jsonld' } },
      async handle({ params }) {
        const context = contextFor(params.file ?? '');
        if (context === undefined) throw notFound('Context');
        return { ...hydraAnswer(200, context), headers: { 'cache-control': 'public, max-age=86400' } };
      },
    }),
  ];
}
