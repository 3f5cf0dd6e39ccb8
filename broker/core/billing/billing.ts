/** Calculates message costs and enforces the monthly spend limit of a tenant. */
import { HomingError } from '../model/errors.ts';
import type { RequestedService } from '../model/message.ts';
import type { OwnNumber } from '../model/number.ts';
import type { Queries } from '../ports/store.ts';

/** Cents per segment, by channel. Messages that a device sends cost nothing. */
export interface Prices {
  sms: number;
  whatsapp: number;
}

export interface MonthlyUsage {
  /** By status: `queued` (including leased messages), `sent`, `delivered`, `failed`. */
  messages: Readonly<Record<string, number>>;
  segments: number;
  costCents: number;
  /** Amount counted against the limit: per message, the maximum of its cost and the sender's estimate. */
  committedCents: number;
  limitCents: number | null;
}

/** `segments` is the number of SMS segments of the text. */
export function costOf(
  number: Pick<OwnNumber, 'provider'>,
  service: RequestedService,
  segments: number,
  prices: Prices,
): number {
  if (service === 'whatsapp') return segments * prices.whatsapp;
  return number.provider === null ? 0 : segments * prices.sms;
}

/** Adds the cents to the month. @throws HomingError if they would exceed the spend limit */
export async function commitSpend(
  tx: Queries,
  tenantId: number,
  month: string,
  cents: number,
): Promise<void> {
  if (cents === 0) return;
  await assertWithinSpend(tx, tenantId, month, cents);
  await tx.billing.addSpend(tenantId, month, cents);
}

/** @throws HomingError if the cents would exceed the spend limit */
export async function assertWithinSpend(
  tx: Queries,
  tenantId: number,
  month: string,
  cents: number,
): Promise<void> {
  const limit = await tx.billing.spendLimit(tenantId);
  if (limit !== null && (await tx.billing.spend(tenantId, month)) + cents > limit) {
    throw new HomingError(
      'spend_limit_exceeded',
      `The cost of this message (${cents} cents) exceeds the rest of the monthly spend limit (${limit} cents).`,
    );
  }
}

export async function monthlyUsage(tx: Queries, tenantId: number, month: string): Promise<MonthlyUsage> {
  const rows = await tx.billing.usage(tenantId, month);
  const sum = (select: (row: (typeof rows)[number]) => number) =>
    rows.reduce((total, row) => total + select(row), 0);
  return {
    messages: Object.fromEntries(rows.map(({ status, messages }) => [status, messages])),
    segments: sum(({ segments }) => segments),
    costCents: sum(({ costCents }) => costCents),
    committedCents: await tx.billing.spend(tenantId, month),
    limitCents: await tx.billing.spendLimit(tenantId),
  };
}
