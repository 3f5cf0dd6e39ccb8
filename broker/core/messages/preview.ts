/** Previews the acceptance of a message: its cost and the error, by the same checks. Writes nothing. */
import { assertWithinSpend, costOf } from '../billing/billing.ts';
import { calendarDay } from '../model/calendar.ts';
import { HomingError, recipientSuppressed } from '../model/errors.ts';
import type { Plan } from '../model/plan.ts';
import type { Tenant } from '../model/tenant.ts';
import type { Queries } from '../ports/store.ts';
import { type AcceptOptions, assertWithinMonth } from './accept-message.ts';
import { defaultNumber } from './sender-number.ts';

export interface Preview {
  /** Number of the account; undefined if no number can send. */
  from: string | undefined;
  /** Number of SMS segments of the text. */
  segments: number;
  costCents: number;
  isOptedOut: boolean;
  /** The error with which the message would be rejected. */
  error: HomingError | undefined;
}

/** Previews a text from the default number. Ignores the plan's limit per minute, which is temporary. */
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
