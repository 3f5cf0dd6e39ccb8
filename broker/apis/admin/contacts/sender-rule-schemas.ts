/** Schemas of sender rules: which senders the account blocks or allows. */
import { z } from 'zod';
import { SENDER_RULE_ACTIONS } from '../../../core/model/sender-rule.ts';
import { anObject, oneOf } from '../../../http/request-schemas.ts';
import { contactHandle, optOutQuery } from './contact-schemas.ts';

/** A page in the order of the handles. */
export const senderRuleQuery = optOutQuery;

export const senderRuleRequest = anObject({
  handle: contactHandle,
  action: oneOf('action', SENDER_RULE_ACTIONS),
});

export const senderRule = z.object({
  handle: z.string(),
  /** `allow` has no effect: senders without a rule are allowed. */
  action: z.enum(SENDER_RULE_ACTIONS),
  contactId: z.string().nullable(),
  contactName: z.string().nullable(),
  createdAt: z.number(),
  updatedAt: z.number(),
});
export type SenderRuleBody = z.infer<typeof senderRule>;

export const senderRuleList = z.object({ senderRules: z.array(senderRule), next: z.string().nullable() });
export type SenderRuleListBody = z.infer<typeof senderRuleList>;
