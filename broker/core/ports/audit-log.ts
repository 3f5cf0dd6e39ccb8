/** Queries of the audit log. */
import type { AuditEntry } from '../model/audit-entry.ts';
import type { Page } from './inbox.ts';

export interface AuditLogQueries {
  insert(entry: AuditEntry): Promise<void>;
  /** Newest first. */
  list(tenantId: number, page: Omit<Page, 'offset'>): Promise<AuditEntry[]>;
  /** Deletes up to `limit` entries older than the id. Returns the number of deletions. */
  purge(beforeId: string, limit: number): Promise<number>;
}
