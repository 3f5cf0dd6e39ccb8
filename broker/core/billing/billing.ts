/** What messages cost, and how much of it an account allows itself in a month. */
import { HomingError } from '../model/errors.ts';
import type { RequestedService } from '../model/message.ts';
import type { OwnNumber } from '../model/number.ts';
import type { Queries } from '../ports/store.ts';

/** Cents for one segment, by what carries it. A phone of the owner's own costs nothing here. */
export interface Prices {
  sms: number;
  whatsapp: number;
}

export interface MonthlyUsage {
  /** `queued` (also those that a device has), `sent`, `delivered`, `failed`. */
  messages: Readonly<Record<string, number>>;
  segments: number;
  costCents: number;
  /** What counts against the limit: the cost, or more where the sender estimated more. */
  committedCents: number;
  limitCents: number | null;
}

/** `segments` is what the text takes as SMS. */
export function costOf(
  number: Pick<OwnNumber, 'provider'>,
  service: RequestedService,
  segments: number,
  prices: Prices,
): number {
  if (service === 'whatsapp') return segments * prices.whatsapp;
  return number.provider === null ? 0 : segments * prices.sms;
}

/** Counts the cents against the month, or refuses where they would go over its limit. */
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

/** @throws HomingError where the cents would go over the month's limit. */
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
      `This message (${cents} cents) would go over the spend limit of ${limit} cents a month.`,
    );
  }
}

export async function monthlyUsage(tx: Queries, tenantId: number, month: string): Promise<MonthlyUsage> {
  const rows = await tx.billing.usage(tenantId, month);
  const sum = (of: (row: (typeof rows)[number]) => number) => rows.reduce((total, row) => total + of(row), 0);
  return {
    messages: Object.fromEntries(rows.map(({ status, messages }) => [status, messages])),
    segments: sum(({ segments }) => segments),
    costCents: sum(({ costCents }) => costCents),
    committedCents: await tx.billing.spend(tenantId, month),
    limitCents: await tx.billing.spendLimit(tenantId),
  };
}
