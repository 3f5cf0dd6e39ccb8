/** Lists the audit log of the dashboard. */
import { formatId } from '../../../../shared/ids.ts';
import { cutPage } from '../../../http/pagination.ts';
import { type AdminOperation, adminOperation } from '../admin-operation.ts';
import { errorResponse } from '../errors.ts';
import type { MemberOptions } from '../options.ts';
import { type AuditPage, auditPage, auditQuery } from './member-schemas.ts';

export function auditOperations({ store }: Pick<MemberOptions, 'store'>): AdminOperation[] {
  return [
    adminOperation({
      id: 'listAuditLog',
      method: 'GET',
      path: '/dashboard/api/audit',
      summary: 'List the changes of all members, newest first',
      permission: 'owner',
      query: auditQuery,
      responses: { 200: { description: 'A page of entries.', schema: auditPage }, 400: errorResponse },
      async handle({ caller, query: { limit, cursor } }) {
        const { accountId } = caller.member;
        const found = await store.read.memberChanges.list(accountId, { limit: limit + 1, before: cursor });
        const { rows, end } = cutPage('aud', found, limit);
        const ids = [...new Set(rows.map(({ memberId }) => memberId))];
        const members = new Map(
          (await store.read.members.named(accountId, ids)).map((member) => [member.id, member]),
        );
        const body: AuditPage = {
          entries: rows.map(({ id, at, memberId, environment, action, target, detail }) => {
            const member = members.get(memberId);
            return {
              ...{ id: formatId('aud', id), at, environment, action, target, detail },
              member: member
                ? { id: formatId('mem', memberId), name: member.name, email: member.email }
                : null,
            };
          }),
          next: end.cursor,
        };
        return { status: 200, body };
      },
    }),
  ];
}
