/** Lists, sets and removes sender rules. */
import { formatId } from '../../../../shared/ids.ts';
import { normalizeHandle } from '../../../../shared/phone-numbers.ts';
import { createSenderRule, removeSenderRule, updateSenderRule } from '../../../core/contacts/sender-rules.ts';
import { notFound } from '../../../core/model/errors.ts';
import type { SenderRule } from '../../../core/model/sender-rule.ts';
import type { Queries } from '../../../core/ports/store.ts';
import { splitPage } from '../../../http/pagination.ts';
import { type AdminOperation, adminOperation } from '../admin-operation.ts';
import { changeAsMember } from '../caller.ts';
import type { ChangeTopic } from '../change-feed.ts';
import { errorResponse } from '../errors.ts';
import type { ContactOptions } from '../management-options.ts';
import {
  type SenderRuleBody,
  type SenderRuleListBody,
  senderRule,
  senderRuleList,
  senderRuleQuery,
  senderRuleRequest,
} from './sender-rule-schemas.ts';

const PATH = '/dashboard/api/:environment/sender-rules';
const CHANGES: readonly ChangeTopic[] = ['blocks', 'contacts', 'conversations'];

export function senderRuleOperations({ store, context }: ContactOptions): AdminOperation[] {
  return [
    adminOperation({
      id: 'listSenderRules',
      method: 'GET',
      path: PATH,
      summary: 'List the rules about senders, in the order of their handles',
      permission: 'viewer',
      query: senderRuleQuery,
      responses: { 200: { description: 'A page of rules.', schema: senderRuleList }, 400: errorResponse },
      async handle({ caller: { tenant }, query: { limit, cursor: after } }) {
        const found = await store.read.senderRules.list(tenant.id, { limit: limit + 1, after });
        const { rows, last } = splitPage(found, limit);
        const senderRules = await serializeRules(store.read, tenant.id, rows);
        const body: SenderRuleListBody = { senderRules, next: last?.handle ?? null };
        return { status: 200, body };
      },
    }),
    adminOperation({
      id: 'setSenderRule',
      method: 'POST',
      path: PATH,
      summary: 'Block or allow a sender',
      permission: 'member',
      body: senderRuleRequest,
      responses: { 200: { description: 'The rule.', schema: senderRule }, 400: errorResponse },
      changes: CHANGES,
      async handle({ caller, body: { handle, action } }) {
        const tenantId = caller.tenant.id;
        const change = {
          action: action === 'block' ? ('sender.blocked' as const) : ('sender.allowed' as const),
          target: handle,
        };
        const rule = await changeAsMember(store, caller, change, context, async (tx) => {
          const now = context.now();
          const known = await tx.senderRules.findByHandle(tenantId, handle);
          return known === undefined
            ? createSenderRule(tx, { tenantId, handle, action }, { now, ids: context.ids })
            : updateSenderRule(tx, tenantId, known.id, action, now);
        });
        const [body] = await serializeRules(store.read, tenantId, [rule]);
        return { status: 200, body };
      },
    }),
    adminOperation({
      id: 'removeSenderRule',
      method: 'DELETE',
      path: `${PATH}/:handle`,
      summary: 'Remove a rule; new messages of the sender are in the inbox again',
      permission: 'member',
      responses: { 204: { description: 'Removed.' }, 404: errorResponse },
      changes: CHANGES,
      async handle({ caller, params }) {
        const handle = normalizeHandle(params.handle ?? '');
        const change = { action: 'sender.rule_removed' as const, target: handle };
        await changeAsMember(store, caller, change, context, async (tx) => {
          const rule = await tx.senderRules.findByHandle(caller.tenant.id, handle);
          if (rule === undefined) throw notFound('Sender rule');
          await removeSenderRule(tx, caller.tenant.id, rule.id);
        });
        return { status: 204 };
      },
    }),
  ];
}

async function serializeRules(
  read: Queries,
  tenantId: number,
  rules: readonly SenderRule[],
): Promise<SenderRuleBody[]> {
  const handles = rules.map(({ handle }) => handle);
  const contacts = await read.contacts.findByHandles(tenantId, handles);
  const contactOf = new Map(contacts.map((contact) => [contact.handle, contact]));
  return rules.map(({ handle, action, createdAt, updatedAt }) => {
    const contact = contactOf.get(handle);
    return {
      ...{ handle, action, createdAt, updatedAt },
      contactId: contact === undefined ? null : formatId('con', contact.id),
      contactName: contact?.name ?? null,
    };
  });
}
