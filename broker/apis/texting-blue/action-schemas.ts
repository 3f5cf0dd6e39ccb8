/** Schemas of actions on messages and groups: bodies and responses. */

import { z } from 'zod';
import { isTapback, TAPBACKS } from '../../../shared/capabilities.ts';
import { CONTENT_MAX_CHARACTERS, MESSAGE_STATUSES } from '../../core/model/message.ts';
import { ACTION_KINDS } from '../../core/model/message-action.ts';
import { isEmoji } from '../../core/model/reaction.ts';
import { anObject, messageText, oneOf, requiredText } from '../../http/request-schemas.ts';
import { reactionSchema } from './rich-fields.ts';
import { partOf } from './send-schemas.ts';

export const reactionBody = anObject({
  reaction: requiredText('reaction')
    .refine((text) => isTapback(text) || isEmoji(text), {
      error: `'reaction' must be one of: ${TAPBACKS.join(', ')}, or one emoji.`,
    })
    .describe('`love`, `like`, `dislike`, `laugh`, `emphasize` or `question`, or one emoji.'),
  part: partOf('part').nullish(),
  fallback: oneOf('fallback', ['text'])
    .describe('`text` sends a text such as `Liked “Hello”` if no device of the number can send reactions.')
    .nullish(),
});

export const editBody = anObject({
  content: messageText('content', CONTENT_MAX_CHARACTERS).describe('The new text.'),
});

const time = z.iso.datetime();

export const queuedReaction = reactionSchema
  .extend({
    message_id: z.string().describe('Id of the message.'),
    action_id: z.string().describe('Id of the action that sends the reaction.'),
    status: z.enum(MESSAGE_STATUSES).describe('Status of the action that sends the reaction.'),
  })
  .meta({ title: 'QueuedReaction' });

export const actionSchema = z
  .object({
    id: z.string().describe('Id of the action: `act_` and 26 letters and digits.'),
    kind: z.enum(ACTION_KINDS).describe('What the action does.'),
    message_id: z.string().nullable().describe('Id of the message; null: the action changes a group.'),
    conversation_id: z.string().describe('Id of the conversation.'),
    value: z.string().nullable().describe('The reaction, the new text, the name or the handle; null: none.'),
    status: z
      .enum(MESSAGE_STATUSES)
      .describe('`queued`, `polling` (a device carries it out), `sent` (carried out) or `failed`.'),
    error_code: z.string().nullable().describe('Reason of the failure.'),
    error_message: z.string().nullable().describe('Reason of the failure as a sentence.'),
    created_at: time.describe('Time at which the broker stored the action.'),
  })
  .meta({ title: 'Action' });
