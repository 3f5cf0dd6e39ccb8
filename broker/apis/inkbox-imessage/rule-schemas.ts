/** Schemas of contact rules. */
import { z } from 'zod';
import { SENDER_RULE_ACTIONS } from '../../core/model/sender-rule.ts';
import { anObject, oneOf, senderHandle } from '../../http/request-schemas.ts';
import { page } from './query-schemas.ts';

const MATCH_TYPE = 'exact_number';

export const rulesQuery = z.object({
  ...page,
  action: oneOf('action', SENDER_RULE_ACTIONS).optional().describe('Only rules with this action.'),
});

export const ruleBody = anObject({
  action: oneOf('action', SENDER_RULE_ACTIONS).describe('`block` keeps messages out of the inbox.'),
  match_type: oneOf('match_type', [MATCH_TYPE]).describe(`Always \`${MATCH_TYPE}\`.`).nullish(),
  match_target: senderHandle('match_target'),
});

export const ruleUpdateBody = anObject({
  action: oneOf('action', SENDER_RULE_ACTIONS).describe('`block` or `allow`.'),
});

const uuid = z.uuid();
const time = z.iso.datetime();

export const ruleSchema = z
  .object({
    id: uuid.describe('Id of the rule.'),
    agent_identity_id: uuid.describe('Id of the account as an agent identity.'),
    action: z.enum(SENDER_RULE_ACTIONS).describe('`block` keeps messages out of the inbox.'),
    match_type: z.literal(MATCH_TYPE).describe(`Always \`${MATCH_TYPE}\`.`),
    match_target: z.string().describe('Address of the sender.'),
    status: z.literal('active').describe('Always `active`.'),
    created_at: time.describe('Time of the creation.'),
    updated_at: time.describe('Time of the last change.'),
  })
  .meta({ title: 'ContactRule' });

export const duplicateRule = z.object({
  detail: z
    .object({ existing_rule_id: uuid.describe('Id of the rule about this sender.') })
    .describe('The existing rule.'),
});
