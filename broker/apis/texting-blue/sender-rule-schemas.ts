/** Schemas of sender rules: query, bodies and responses. */
import { z } from 'zod';
import { SENDER_RULE_ACTIONS } from '../../core/model/sender-rule.ts';
import { pageEnd, pageLimit } from '../../http/pagination.ts';
import { anObject, HANDLE_MAX, oneOf, plusOf, senderHandle } from '../../http/request-schemas.ts';

export const senderRulesQuery = z.object({
  limit: pageLimit(100),
  cursor: z
    .string({ error: "'cursor' must be given once." })
    .max(HANDLE_MAX, { error: "'cursor' is too long." })
    .transform(plusOf)
    .optional()
    .describe('Cursor of the previous page.'),
});

const action = oneOf('action', SENDER_RULE_ACTIONS).describe(
  '`block`: messages of the sender are stored, but are not in the inbox and cause no event. `allow`: no effect, because all senders are allowed by default.',
);

export const senderRuleBody = anObject({
  handle: senderHandle('handle'),
  action,
});

export const senderRuleUpdateBody = anObject({ action });

export const senderRule = z
  .object({
    id: z.string().describe('Id of the rule: `rul_` and 26 letters and digits.'),
    handle: z.string().describe('The sender: phone number, short code or e-mail address.'),
    action: z.enum(SENDER_RULE_ACTIONS).describe('`block` or `allow`.'),
    created_at: z.iso.datetime().describe('Time at which the rule was created.'),
    updated_at: z.iso.datetime().describe('Time of the last change.'),
  })
  .meta({ title: 'SenderRule' });

export const senderRuleList = z
  .object({ sender_rules: z.array(senderRule).describe('The rules of this page.'), ...pageEnd })
  .meta({ title: 'SenderRuleList' });
