/** Defines a change of the monthly usage counters, by message status. */
import type { MessageStatus } from './message.ts';

export interface UsageChange {
  tenantId: number;
  month: string;
  status: MessageStatus;
  messages: number;
  segments: number;
  costCents: number;
}
