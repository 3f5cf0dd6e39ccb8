/** What the month has come to, and how much it may. */

import type { KeyContext } from '../../core/accounts/api-keys.ts';
import { type Caller, changeAs } from '../../core/accounts/caller.ts';
import { monthlyUsage } from '../../core/billing/billing.ts';
import type { Projector } from '../../core/inbox/projector.ts';
import { calendarDay } from '../../core/model/calendar.ts';
import type { Store } from '../../core/ports/store.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { spendLimitBody, spendLimitResponse, usageQuery, usageResponse } from './billing-schemas.ts';
import { errorResponse } from './errors.ts';
import { serializeUsage } from './serializers.ts';

export interface BillingOptions {
  store: Store;
  projector: Pick<Projector, 'catchUp'>;
  keyContext: KeyContext;
}

export function billingOperations({ store, projector, keyContext }: BillingOptions): Operation<Caller>[] {
  const spendLimit = { description: 'The most that a month may cost, or null.', schema: spendLimitResponse };
  return [
    operation({
      id: 'getUsage',
      method: 'GET',
      path: '/api/v1/billing/usage',
      summary: 'What a month’s messages have come to; this month’s unless another is named',
      permission: 'messages:read',
      query: usageQuery,
      responses: { 200: { description: 'The month’s figures.', schema: usageResponse }, 422: errorResponse },
      example: { query: { month: '2026-11' } },
      async handle({ caller, query }) {
        const month = query.month ?? calendarDay(keyContext.now()).month;
        await projector.catchUp();
        const usage = await monthlyUsage(store.read, caller.credential.tenant.id, month);
        return { status: 200, body: serializeUsage(month, usage) };
      },
    }),
    operation({
      id: 'getSpendLimit',
      method: 'GET',
      path: '/api/v1/billing/spend-limit',
      summary: 'How much a month may cost',
      permission: 'messages:read',
      responses: { 200: spendLimit },
      async handle({ caller }) {
        const cents = await store.read.billing.spendLimit(caller.credential.tenant.id);
        return { status: 200, body: { cents } };
      },
    }),
    operation({
      id: 'setSpendLimit',
      method: 'PUT',
      path: '/api/v1/billing/spend-limit',
      summary: 'Set how much a month may cost, or null for no limit',
      permission: 'numbers:write',
      body: spendLimitBody,
      responses: { 200: spendLimit, 422: errorResponse },
      example: { body: { cents: 5000 } },
      async handle({ caller, body: { cents } }) {
        await changeAs(store, caller, (tx) => tx.billing.setSpendLimit(caller.credential.tenant.id, cents));
        return { status: 200, body: { cents } };
      },
    }),
  ];
}
