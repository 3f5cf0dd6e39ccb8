/** What assistants called, as the core needs it kept. */

import type { AuditEntry } from '../model/audit-entry.ts';
import type { Page } from './inbox.ts';

export interface AuditLogQueries {
  insert(call: AuditEntry): Promise<void>;
  /** Newest first. */
  list(tenantId: number, page: Omit<Page, 'offset'>): Promise<AuditEntry[]>;
  /** Deletes what was called before the id was made. Gives how many. */
  purge(beforeId: string, limit: number): Promise<number>;
}
