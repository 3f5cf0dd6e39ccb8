/** Previews the acceptance of a message: its cost and the error, by the same checks. Writes nothing. */
import { assertWithinSpend, costOf } from '../billing/billing.ts';
import { type Wait, type WaitContext, waitOf } from '../dispatch/waiting.ts';
import { calendarDay } from '../model/calendar.ts';
import { HomingError, recipientSuppressed } from '../model/errors.ts';
import { type Message, NEW_MESSAGE_DEFAULTS } from '../model/message.ts';
import type { Plan } from '../model/plan.ts';
import type { Tenant } from '../model/tenant.ts';
import type { Queries } from '../ports/store.ts';
import { type AcceptOptions, assertWithinMonth, deferralOf, mediaNotIncluded } from './accept-message.ts';
import { type SendingNumber, sendingNumber } from './sender-number.ts';

export interface Preview {
  /** Number of the account; undefined if no number can send. */
  number: SendingNumber | undefined;
  /** Number of SMS segments of the text. */
  segments: number;
  costCents: number;
  isOptedOut: boolean;
  /** The error with which the message would be rejected. */
  error: HomingError | undefined;
}

export interface PreviewRequest {
  to: string;
  content: string;
  /** Number of the account; undefined: the default number. */
  from?: string | undefined;
  hasMedia?: boolean;
}

/** Previews a message. Ignores the plan's limit per minute, which is temporary. */
export async function previewMessage(
  read: Queries,
  tenant: Tenant,
  plan: Plan,
  { to, content, from, hasMedia = false }: PreviewRequest,
  {
    now,
    sandbox,
    prices,
    countSegments,
  }: Pick<AcceptOptions, 'now' | 'sandbox' | 'prices' | 'countSegments'>,
): Promise<Preview> {
  const segments = countSegments(content);
  const preview: Preview = {
    number: undefined,
    segments,
    costCents: 0,
    isOptedOut: await read.suppressions.has(tenant.id, to),
    error: undefined,
  };
  const { month } = calendarDay(now());
  try {
    const number = await sendingNumber(read, tenant, from, sandbox);
    preview.number = number;
    preview.costCents = costOf(number, 'auto', segments, prices);
    if (hasMedia && !plan.media) throw mediaNotIncluded();
    if (preview.isOptedOut) throw recipientSuppressed(to);
    await assertWithinMonth(read, tenant.id, plan, month);
    if (preview.costCents > 0) await assertWithinSpend(read, tenant.id, month, preview.costCents);
  } catch (error) {
    if (!(error instanceof HomingError)) throw error;
    preview.error = error;
  }
  return preview;
}

/** Returns the wait of the message if it was accepted now, from `number`. Reads a bounded part of the queue. */
export async function previewWait(
  read: Queries,
  tenant: Tenant,
  number: SendingNumber | undefined,
  { to, content, sendAt }: PreviewRequest & { sendAt?: number | undefined },
  { accept, wait }: { accept: AcceptOptions; wait: WaitContext },
): Promise<Wait | undefined> {
  if (number?.id === undefined) return undefined;
  const now = accept.now();
  const message: Message = {
    ...NEW_MESSAGE_DEFAULTS,
    ...deferralOf({ to, sendAt }, tenant.environment, now, accept),
    ...{ id: accept.ids(), tenantId: tenant.id, numberId: number.id, ownNumber: number.phoneNumber },
    ...{ direction: 'outbound', status: 'queued', requestedService: 'auto' },
    ...{ handle: to, content, media: [], chat: null },
    sendAt: sendAt ?? null,
    createdAt: now,
    expiresAt: Math.max(now, sendAt ?? 0) + accept.messageTtlMs,
  };
  return waitOf(read, message, wait);
}
