/** Returns the monthly usage, and reads and sets the monthly spend limit. */

import { type Caller, changeAs } from '../../core/accounts/caller.ts';
import { monthlyUsage } from '../../core/billing/billing.ts';
import { calendarDay } from '../../core/model/calendar.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { spendLimitBody, spendLimitResponse, usageQuery, usageResponse } from './billing-schemas.ts';
import { errorResponse } from './errors.ts';
import type { BillingOptions } from './options.ts';
import { serializeUsage } from './serializers.ts';

export function billingOperations({ store, projector, keyContext }: BillingOptions): Operation<Caller>[] {
  const spendLimit = { description: 'Maximum cost per month, or null.', schema: spendLimitResponse };
  return [
    operation({
      id: 'getUsage',
      method: 'GET',
      path: '/api/v1/billing/usage',
      summary: 'Get the usage and cost of a month; default: the current month',
      permission: 'messages:read',
      query: usageQuery,
      responses: {
        200: { description: 'The usage of the month.', schema: usageResponse },
        422: errorResponse,
      },
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
      summary: 'Get the monthly spend limit',
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
      summary: 'Set the monthly spend limit; null removes it',
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
