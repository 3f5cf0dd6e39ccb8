/** Queries of sender rules. */
import type { SenderRule, SenderRuleAction } from '../model/sender-rule.ts';

export interface SenderRuleQueries {
  /** True if the tenant has any rule that blocks. */
  hasBlocks(tenantId: number): Promise<boolean>;
  isBlocked(tenantId: number, handle: string): Promise<boolean>;
  /** Returns the blocked handles among these. */
  filterBlocked(tenantId: number, handles: readonly string[]): Promise<Set<string>>;
  find(tenantId: number, id: string): Promise<SenderRule | undefined>;
  findByHandle(tenantId: number, handle: string): Promise<SenderRule | undefined>;
  /** In the order of their handles, after the given one. */
  list(
    tenantId: number,
    page: {
      limit: number;
      offset?: number | undefined;
      after?: string | undefined;
      action?: SenderRuleAction | undefined;
    },
  ): Promise<SenderRule[]>;
  count(tenantId: number): Promise<number>;
  insert(rule: SenderRule): Promise<void>;
  update(rule: SenderRule): Promise<void>;
  remove(tenantId: number, id: string): Promise<boolean>;
}
