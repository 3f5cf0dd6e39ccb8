/** What a month's messages of one status come to, or by how much that changes. */
import type { MessageStatus } from './message.ts';

export interface UsageChange {
  tenantId: number;
  month: string;
  status: MessageStatus;
  messages: number;
  segments: number;
  costCents: number;
}
