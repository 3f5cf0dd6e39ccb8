/** Queries of usage counters, spend and spend limits. */
import type { MessageStatus } from '../model/message.ts';
import type { UsageChange } from '../model/usage.ts';

export interface UsageQueries {
  /** Counts one accepted message for the tenant's month (`2026-11`) and the number's day (`2026-11-21`). */
  countMessage(tenantId: number, month: string, numberId: string, day: string): Promise<void>;
  /** Deletes up to `limit` counts of days before the day. Returns the number of deletions. */
  purgeDays(beforeDay: string, limit: number): Promise<number>;
  messagesInMonth(tenantId: number, month: string): Promise<number>;
  /** True if the tenant has ever sent a message. */
  hasMessages(tenantId: number): Promise<boolean>;
}

export interface BillingQueries {
  spendLimit(tenantId: number): Promise<number | null>;
  setSpendLimit(tenantId: number, cents: number | null): Promise<void>;
  spend(tenantId: number, month: string): Promise<number>;
  addSpend(tenantId: number, month: string, cents: number): Promise<void>;
  usage(
    tenantId: number,
    month: string,
  ): Promise<Array<{ status: MessageStatus; messages: number; segments: number; costCents: number }>>;
  addUsage(change: UsageChange): Promise<void>;
}
