/**
 * Defines sender rules. A rule blocks or allows the messages of one handle to all numbers of the tenant. Messages of
 * handles without a rule are allowed, so a rule that allows has no effect yet.
 */

export const SENDER_RULE_ACTIONS = ['allow', 'block'] as const;
export type SenderRuleAction = (typeof SENDER_RULE_ACTIONS)[number];

/** Maximum number of rules of a tenant. */
export const SENDER_RULES_MAX = 10_000;

export interface SenderRule {
  id: string;
  tenantId: number;
  handle: string;
  action: SenderRuleAction;
  /** Epoch ms. */
  createdAt: number;
  updatedAt: number;
}
