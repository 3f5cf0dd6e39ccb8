/** Schemas of a conversation with reactions, replies, edits and group changes. */
import { z } from 'zod';
import { conversationMessageSchema, conversationSchema } from './schemas.ts';

const time = z.iso.datetime();

export const conversationDetailSchema = conversationSchema.extend({
  from: z.string().describe('Number of this account.'),
  latest: conversationSchema.shape.latest
    .nullable()
    .describe('The latest message; null: a new group without messages.'),
});

export const detailMessageSchema = conversationMessageSchema.extend({
  sender: z.string().describe('Handle of the sender; the number of this account if outbound.'),
  reply_to: z
    .object({
      message_id: z.string().nullable().describe('Id of the message; null: the broker did not store it.'),
      part: z.int().describe('Text or file of that message, counted from 0.'),
    })
    .nullable()
    .describe('The message that this message replies to; null: not a reply.'),
  effect: z.string().nullable().describe('Effect, such as `confetti`; null: none.'),
  subject: z.string().nullable().describe('Subject line; null: none.'),
  reactions: z
    .array(
      z.object({
        reaction: z.string().describe('love, like, dislike, laugh, emphasize, question, or one emoji.'),
        sender: z.string().describe('Handle of the participant; the number of this account if outbound.'),
        part: z.int().describe('Text or file of the message, counted from 0.'),
        at: time.describe('Time of the reaction.'),
      }),
    )
    .describe('The reactions that are set now, oldest first.'),
  edits: z
    .array(
      z.object({
        body: z.string().describe('The text of this version.'),
        at: time.describe('Time of this version.'),
      }),
    )
    .describe('All versions of an edited message, the original first; empty: not edited.'),
  unsent_at: time.nullable().describe('Time at which the sender unsent the message; null: not unsent.'),
  read_at: time.nullable().describe('Time at which the recipient read the message; null: unknown.'),
});

export const groupChangeSchema = z.object({
  kind: z.enum(['created', 'named', 'joined', 'left']).describe('What changed.'),
  actor: z.string().nullable().describe('Handle that made the change; null: unknown.'),
  value: z.string().nullable().describe('Handle that joined or left, or the name.'),
  at: time.describe('Time of the change.'),
});

export const namesSchema = z
  .record(z.string(), z.string())
  .describe('Names of the contacts by handle. A handle without a name is omitted.');
