/** What would become of a message if it were sent now: looked at by the rules that accept one, and nothing is written. */

import { assertWithinSpend, costOf } from '../billing/billing.ts';
import { calendarDay } from '../model/calendar.ts';
import { HomingError, recipientSuppressed } from '../model/errors.ts';
import type { Plan } from '../model/plan.ts';
import type { Tenant } from '../model/tenant.ts';
import type { Queries } from '../ports/store.ts';
import { type AcceptOptions, assertWithinMonth, defaultNumber } from './accept-message.ts';

export interface Preview {
  /** Our number; undefined where there is none to send from. */
  from: string | undefined;
  /** How many SMS the text would take. */
  segments: number;
  costCents: number;
  isOptedOut: boolean;
  /** Why it would not be accepted. */
  error: HomingError | undefined;
}

/** Of a text from the account's default number. The plan's messages a minute are not looked at: they come back. */
export async function previewMessage(
  read: Queries,
  tenant: Tenant,
  plan: Plan,
  { to, content }: { to: string; content: string },
  {
    now,
    sandbox,
    prices,
    countSegments,
  }: Pick<AcceptOptions, 'now' | 'sandbox' | 'prices' | 'countSegments'>,
): Promise<Preview> {
  const segments = countSegments(content);
  const preview: Preview = {
    from: undefined,
    segments,
    costCents: 0,
    isOptedOut: await read.suppressions.has(tenant.id, to),
    error: undefined,
  };
  const { month } = calendarDay(now());
  try {
    const number = await defaultNumber(read, tenant, sandbox);
    preview.from = number.phoneNumber;
    preview.costCents = costOf(number, 'auto', segments, prices);
    if (preview.isOptedOut) throw recipientSuppressed(to);
    await assertWithinMonth(read, tenant.id, plan, month);
    if (preview.costCents > 0) await assertWithinSpend(read, tenant.id, month, preview.costCents);
  } catch (error) {
    if (!(error instanceof HomingError)) throw error;
    preview.error = error;
  }
  return preview;
}
