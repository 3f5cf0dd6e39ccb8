/** Lists, creates, updates and deletes sender rules: which senders the account blocks or allows. */
import { formatId } from '../../../shared/ids.ts';
import { type Caller, changeAs } from '../../core/accounts/caller.ts';
import { createSenderRule, removeSenderRule, updateSenderRule } from '../../core/contacts/sender-rules.ts';
import { conflict } from '../../core/model/errors.ts';
import type { SenderRule } from '../../core/model/sender-rule.ts';
import { locationBelow } from '../../http/location.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { cutPageByHandle } from '../../http/pagination.ts';
import { idInPath } from '../../http/request-schemas.ts';
import { formatTime } from '../../http/timestamps.ts';
import { errorResponse } from './errors.ts';
import type { MessageOptions } from './options.ts';
import {
  senderRule,
  senderRuleBody,
  senderRuleList,
  senderRulesQuery,
  senderRuleUpdateBody,
} from './sender-rule-schemas.ts';

export function senderRuleOperations({
  store,
  context,
}: Pick<MessageOptions, 'store' | 'context'>): Operation<Caller>[] {
  const params = { id: 'rul_01m7ypkdxffkmb6tyeck3vccad' };
  return [
    operation({
      id: 'listSenderRules',
      method: 'GET',
      path: '/v1/sender-rules',
      summary: 'List the rules about senders, in the order of their addresses',
      permission: 'messages:read',
      query: senderRulesQuery,
      responses: { 200: { description: 'A page of rules.', schema: senderRuleList }, 400: errorResponse },
      example: { query: { limit: '20' } },
      async handle({ caller, query: { limit, cursor } }) {
        const page = { limit: limit + 1, after: cursor };
        const found = await store.read.senderRules.list(caller.credential.tenant.id, page);
        const { rows, end } = cutPageByHandle(found, limit);
        return { status: 200, body: { sender_rules: rows.map(serializeSenderRule), ...end } };
      },
    }),
    operation({
      id: 'createSenderRule',
      method: 'POST',
      path: '/v1/sender-rules',
      summary: 'Block or allow a sender',
      permission: 'messages:send',
      body: senderRuleBody,
      responses: {
        201: { description: 'The rule.', schema: senderRule },
        400: errorResponse,
        409: { ...errorResponse, description: 'A rule for this sender exists; the message names its id.' },
      },
      example: { body: { handle: '+14155550101', action: 'block' } },
      async handle({ caller, body, request }) {
        const tenantId = caller.credential.tenant.id;
        const at = { now: context.now(), ids: context.ids };
        const created = await changeAs(store, caller, async (tx) => {
          const existing = await tx.senderRules.findByHandle(tenantId, body.handle);
          if (existing !== undefined) throw duplicate(existing);
          return createSenderRule(tx, { tenantId, ...body }, at);
        });
        const rule = serializeSenderRule(created);
        return { status: 201, body: rule, headers: locationBelow(request, rule.id) };
      },
    }),
    operation({
      id: 'updateSenderRule',
      method: 'PATCH',
      path: '/v1/sender-rules/:id',
      summary: 'Change a rule between block and allow',
      permission: 'messages:send',
      body: senderRuleUpdateBody,
      responses: {
        200: { description: 'The updated rule.', schema: senderRule },
        400: errorResponse,
        404: errorResponse,
      },
      example: { params, body: { action: 'allow' } },
      async handle({ caller, params, body: { action } }) {
        const id = ruleId(params.id);
        const changed = await changeAs(store, caller, (tx) =>
          updateSenderRule(tx, caller.credential.tenant.id, id, action, context.now()),
        );
        return { status: 200, body: serializeSenderRule(changed) };
      },
    }),
    operation({
      id: 'deleteSenderRule',
      method: 'DELETE',
      path: '/v1/sender-rules/:id',
      summary: 'Delete a rule; new messages of the sender are in the inbox again',
      permission: 'messages:send',
      responses: { 204: { description: 'Deleted.' }, 404: errorResponse },
      example: { params },
      async handle({ caller, params }) {
        const id = ruleId(params.id);
        await changeAs(store, caller, (tx) => removeSenderRule(tx, caller.credential.tenant.id, id));
        return { status: 204 };
      },
    }),
  ];
}

const ruleId = (id: string | undefined) => idInPath('rul', id, 'Sender rule');

const duplicate = ({ id, handle, action }: SenderRule) =>
  conflict(
    `A rule for ${handle} exists: ${formatId('rul', id)} (${action}). Update or delete this rule.`,
    'handle',
  );

function serializeSenderRule({ id, handle, action, createdAt, updatedAt }: SenderRule) {
  return {
    id: formatId('rul', id),
    handle,
    action,
    created_at: formatTime(createdAt),
    updated_at: formatTime(updatedAt),
  };
}
