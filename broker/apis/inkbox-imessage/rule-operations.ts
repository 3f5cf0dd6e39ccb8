/** Lists, creates, updates and deletes contact rules: which senders the account blocks or allows. */
import type { z } from 'zod';
import { formatUuid, readUuid } from '../../../shared/ids.ts';
import { type Caller, changeAs } from '../../core/accounts/caller.ts';
import { createSenderRule, removeSenderRule, updateSenderRule } from '../../core/contacts/sender-rules.ts';
import { notFound } from '../../core/model/errors.ts';
import type { SenderRule } from '../../core/model/sender-rule.ts';
import type { Tenant } from '../../core/model/tenant.ts';
import { locationBelow } from '../../http/location.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { formatTime } from '../../http/timestamps.ts';
import { errorResponse, errorResponses } from '../inkbox/errors.ts';
import { agentIdentityOf } from './agent-identity.ts';
import type { InkboxImessageOptions } from './options.ts';
import { duplicateRule, ruleBody, ruleSchema, rulesQuery, ruleUpdateBody } from './rule-schemas.ts';

const OF_IDENTITY = '/identities/:handle/contact-rules';
const handle = 'default';
const params = { handle, id: '019fb2b9-3a5d-7e4e-b36a-3f73d2b6c1a6' };

export function ruleOperations({
  store,
  context,
}: Pick<InkboxImessageOptions, 'store' | 'context'>): Operation<Caller>[] {
  const list = (id: string, path: string, summary: string, example: { params?: { handle: string } }) =>
    operation<Caller, z.output<typeof rulesQuery>, unknown>({
      id,
      method: 'GET',
      path,
      summary,
      permission: 'messages:read',
      query: rulesQuery,
      responses: { 200: { description: 'A page of rules.', schema: ruleSchema.array() }, ...errorResponses },
      example: { ...example, query: { limit: '20' } },
      async handle({ caller: { credential }, params, query }) {
        assertIdentity(credential.tenant, params.handle);
        const rules = await store.read.senderRules.list(credential.tenant.id, query);
        return { status: 200, body: rules.map((rule) => serializeRule(rule, credential.tenant)) };
      },
    });

  return [
    list('listContactRules', '/contact-rules', 'List all contact rules, in the order of their addresses', {}),
    list('listIdentityContactRules', OF_IDENTITY, 'List the contact rules of an identity', {
      params: { handle },
    }),
    operation({
      id: 'createContactRule',
      method: 'POST',
      path: OF_IDENTITY,
      summary: 'Block or allow a sender',
      permission: 'messages:send',
      body: ruleBody,
      responses: {
        201: { description: 'The rule.', schema: ruleSchema },
        ...errorResponses,
        409: {
          description: 'A rule about this sender exists.',
          schema: duplicateRule.or(errorResponse.schema),
        },
      },
      example: {
        params: { handle },
        body: { action: 'block', match_type: 'exact_number', match_target: '+14155550102' },
      },
      async handle({ caller, params, body: { action, match_target }, request }) {
        const { tenant } = caller.credential;
        assertIdentity(tenant, params.handle);
        const rule = { tenantId: tenant.id, handle: match_target, action };
        const { existing, created } = await changeAs(store, caller, async (tx) => {
          const found = await tx.senderRules.findByHandle(tenant.id, match_target);
          if (found !== undefined) return { existing: found };
          return { created: await createSenderRule(tx, rule, { now: context.now(), ids: context.ids }) };
        });
        if (created === undefined) {
          return { status: 409, body: { detail: { existing_rule_id: formatUuid(existing.id) } } };
        }
        const shown = serializeRule(created, tenant);
        return { status: 201, body: shown, headers: locationBelow(request, shown.id) };
      },
    }),
    operation({
      id: 'getContactRule',
      method: 'GET',
      path: `${OF_IDENTITY}/:id`,
      summary: 'Get a contact rule',
      permission: 'messages:read',
      responses: { 200: { description: 'The rule.', schema: ruleSchema }, ...errorResponses },
      example: { params },
      async handle({ caller: { credential }, params }) {
        const { tenant } = credential;
        const rule = await store.read.senderRules.find(tenant.id, ruleId(tenant, params));
        if (rule === undefined) throw notFound('Contact rule');
        return { status: 200, body: serializeRule(rule, tenant) };
      },
    }),
    operation({
      id: 'updateContactRule',
      method: 'PATCH',
      path: `${OF_IDENTITY}/:id`,
      summary: 'Change a contact rule between block and allow',
      permission: 'messages:send',
      body: ruleUpdateBody,
      responses: { 200: { description: 'The updated rule.', schema: ruleSchema }, ...errorResponses },
      example: { params, body: { action: 'allow' } },
      async handle({ caller, params, body: { action } }) {
        const { tenant } = caller.credential;
        const id = ruleId(tenant, params);
        const changed = await changeAs(store, caller, (tx) =>
          updateSenderRule(tx, tenant.id, id, action, context.now()),
        );
        return { status: 200, body: serializeRule(changed, tenant) };
      },
    }),
    operation({
      id: 'deleteContactRule',
      method: 'DELETE',
      path: `${OF_IDENTITY}/:id`,
      summary: 'Delete a contact rule; new messages of the sender are in the inbox again',
      permission: 'messages:send',
      responses: { 204: { description: 'Deleted.' }, ...errorResponses },
      example: { params },
      async handle({ caller, params }) {
        const { tenant } = caller.credential;
        const id = ruleId(tenant, params);
        await changeAs(store, caller, (tx) => removeSenderRule(tx, tenant.id, id));
        return { status: 204 };
      },
    }),
  ];
}

/** The handle `default`, the slug of the account, and every UUID are the account. @throws HomingError `not_found` */
function assertIdentity({ accountSlug }: Tenant, shown = handle): void {
  const isOwn = shown === handle || shown === accountSlug || readUuid(shown) !== undefined;
  if (!isOwn) throw notFound('Identity');
}

function ruleId(tenant: Tenant, { handle, id }: Readonly<Record<string, string>>): string {
  assertIdentity(tenant, handle);
  const found = readUuid(id ?? '');
  if (found === undefined) throw notFound('Contact rule');
  return found;
}

function serializeRule(rule: SenderRule, tenant: Tenant) {
  return {
    id: formatUuid(rule.id),
    agent_identity_id: agentIdentityOf(tenant),
    action: rule.action,
    match_type: 'exact_number',
    match_target: rule.handle,
    status: 'active',
    created_at: formatTime(rule.createdAt),
    updated_at: formatTime(rule.updatedAt),
  };
}
