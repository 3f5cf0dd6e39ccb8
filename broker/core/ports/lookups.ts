/** Queries of look-ups. */
import type { Lookup } from '../model/lookup.ts';

export interface LookupQueries {
  /** Returns the services of the last messages with the handle that were sent or received, newest first. */
  servicesOf(tenantId: number, handle: string): Promise<string[]>;
  find(tenantId: number, handle: string): Promise<Lookup | undefined>;
  /** Inserts or replaces the result for the handle. */
  put(tenantId: number, lookup: Lookup): Promise<void>;
  /** Deletes up to `limit` results from before the time (epoch ms). Returns the number of deletions. */
  purge(before: number, limit: number): Promise<number>;
}
