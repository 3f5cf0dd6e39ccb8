/** Lists, records and removes opt-outs. */

import { normalizeHandle } from '../../../../shared/phone-numbers.ts';
import { suppress, unsuppress } from '../../../core/contacts/opt-out.ts';
import type { AuditedChange } from '../../../core/members/audit.ts';
import { notFound } from '../../../core/model/errors.ts';
import type { Suppression } from '../../../core/model/suppression.ts';
import { splitPage } from '../../../http/pagination.ts';
import { type AdminOperation, adminOperation } from '../admin-operation.ts';
import { changeAsMember } from '../caller.ts';
import { errorResponse } from '../errors.ts';
import type { ContactOptions } from '../management-options.ts';
import { type OptOutListBody, optOut, optOutList, optOutQuery, optOutRequest } from './contact-schemas.ts';
import { DASHBOARD_REASON, serializeOptOut } from './contact-serializers.ts';

const PATH = '/dashboard/api/:environment/opt-outs';

export function optOutOperations({ store, context }: ContactOptions): AdminOperation[] {
  const at = () => ({ now: context.now(), ids: context.ids });
  const serialize = async (suppression: Suppression) => {
    const { tenantId, handle } = suppression;
    return serializeOptOut(suppression, await store.read.contacts.findByHandle(tenantId, handle));
  };
  return [
    adminOperation({
      id: 'listOptOuts',
      method: 'GET',
      path: PATH,
      summary: 'List the opt-outs, in the order of their handles',
      permission: 'viewer',
      query: optOutQuery,
      responses: { 200: { description: 'A page of opt-outs.', schema: optOutList }, 400: errorResponse },
      async handle({ caller: { tenant }, query: { limit, cursor: after } }) {
        const found = await store.read.suppressions.list(tenant.id, { limit: limit + 1, after });
        const { rows, last } = splitPage(found, limit);
        const optOuts = [];
        for (const one of rows) optOuts.push(await serialize(one));
        const body: OptOutListBody = { optOuts, next: last?.handle ?? null };
        return { status: 200, body };
      },
    }),
    adminOperation({
      id: 'addOptOut',
      method: 'POST',
      path: PATH,
      summary: 'Record that a recipient opted out; cancels its queued messages',
      permission: 'member',
      body: optOutRequest,
      responses: { 201: { description: 'The opt-out.', schema: optOut }, 400: errorResponse },
      changes: ['opt-outs', 'contacts', 'conversations', 'messages', 'audit'],
      async handle({ caller, body: { handle, reason = DASHBOARD_REASON } }) {
        const tenantId = caller.tenant.id;
        const change: AuditedChange = { action: 'opt_out.added', target: handle };
        const stored = await changeAsMember(store, caller, change, context, async (tx) => {
          await suppress(tx, tenantId, handle, reason, at());
          return tx.suppressions.find(tenantId, handle);
        });
        if (stored === undefined) throw notFound('Opt-out');
        return { status: 201, body: await serialize(stored) };
      },
    }),
    adminOperation({
      id: 'removeOptOut',
      method: 'DELETE',
      path: `${PATH}/:handle`,
      summary: 'Remove an opt-out, so that the recipient gets messages again',
      permission: 'member',
      responses: { 204: { description: 'Removed.' }, 404: errorResponse },
      changes: ['opt-outs', 'contacts', 'conversations', 'audit'],
      async handle({ caller, params }) {
        const handle = normalizeHandle(params.handle ?? '');
        const change: AuditedChange = { action: 'opt_out.removed', target: handle };
        await changeAsMember(store, caller, change, context, async (tx) => {
          if (!(await unsuppress(tx, caller.tenant.id, handle, DASHBOARD_REASON, at())))
            throw notFound('Opt-out');
        });
        return { status: 204 };
      },
    }),
  ];
}
