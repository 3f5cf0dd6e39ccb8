/** Creates, updates and removes sender rules, and applies them to inbound messages. */
import type { IdSource } from '../../../shared/ids.ts';
import { conflict, invalidRequest, notFound } from '../model/errors.ts';
import type { Message } from '../model/message.ts';
import { SENDER_RULES_MAX, type SenderRule, type SenderRuleAction } from '../model/sender-rule.ts';
import type { Queries } from '../ports/store.ts';

export interface SenderRuleContext {
  /** Epoch ms. */
  now: number;
  ids: IdSource;
}

/** A tenant has at most one rule per handle. @throws HomingError */
export async function createSenderRule(
  tx: Queries,
  { tenantId, handle, action }: Pick<SenderRule, 'tenantId' | 'handle' | 'action'>,
  { now, ids }: SenderRuleContext,
): Promise<SenderRule> {
  if ((await tx.senderRules.findByHandle(tenantId, handle)) !== undefined) {
    throw conflict(`A rule for ${handle} exists.`, 'handle');
  }
  if ((await tx.senderRules.count(tenantId)) >= SENDER_RULES_MAX) {
    throw invalidRequest(
      `The account has ${SENDER_RULES_MAX} sender rules, the maximum. Delete a rule before you add one.`,
      'handle',
    );
  }
  const rule = { id: ids(), tenantId, handle, action, createdAt: now, updatedAt: now };
  await tx.senderRules.insert(rule);
  return rule;
}

/** @throws HomingError not_found */
export async function updateSenderRule(
  tx: Queries,
  tenantId: number,
  id: string,
  action: SenderRuleAction,
  now: number,
): Promise<SenderRule> {
  const rule = await tx.senderRules.find(tenantId, id);
  if (rule === undefined) throw notFound('Sender rule');
  const next = { ...rule, action, updatedAt: now };
  await tx.senderRules.update(next);
  return next;
}

/** @throws HomingError not_found */
export async function removeSenderRule(tx: Queries, tenantId: number, id: string): Promise<void> {
  if (!(await tx.senderRules.remove(tenantId, id))) throw notFound('Sender rule');
}

/** Reads nothing for a tenant without rules that block. */
export function isBlockedSender(read: Queries, tenantId: number, handle: string): Promise<boolean> {
  return read.senderRules.isBlocked(tenantId, handle);
}

/** Returns the inbound message as it is stored: a message of a blocked sender is never in the inbox. */
export async function withSenderRule(tx: Queries, message: Message, now: number): Promise<Message> {
  if (message.direction !== 'inbound') return message;
  if (!(await isBlockedSender(tx, message.tenantId, message.handle))) return message;
  return { ...message, isBlocked: true, isUnread: false, deletedAt: now };
}
