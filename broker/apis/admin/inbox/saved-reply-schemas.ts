/** Schemas of saved replies and of merge fields. */
import { z } from 'zod';
import { CONTENT_MAX_CHARACTERS } from '../../../core/model/message.ts';
import { anObject, isSendable, isWithin, requiredText } from '../../../http/request-schemas.ts';
import { idQuery } from '../query-schemas.ts';

const TITLE_MAX_CHARACTERS = 200;

function filledText(name: string, max: number) {
  return requiredText(name)
    .refine((text) => isWithin(text, max), { error: `'${name}' must be at most ${max} characters.` })
    .refine(isSendable, { error: `'${name}' has a character that cannot be stored.` })
    .refine((text) => text.trim() !== '', { error: `'${name}' must not be empty.` });
}

const fields = {
  title: filledText('title', TITLE_MAX_CHARACTERS),
  body: filledText('body', CONTENT_MAX_CHARACTERS),
};

export const savedReplyBody = anObject(fields);
export const savedReplyChange = anObject({ title: fields.title.optional(), body: fields.body.optional() });

/** With a conversation, the merge fields are replaced by its values. */
export const conversationQuery = z.object({ conversation: idQuery('conv', 'conversation') });

export const savedReply = z.object({
  id: z.string(),
  title: z.string(),
  /** The text with merge fields, such as `{{contact.first_name}}`. */
  body: z.string(),
  /** The text with the values of the conversation; null without a conversation. */
  rendered: z.string().nullable(),
  createdAt: z.number(),
  updatedAt: z.number(),
});
export type SavedReplyBody = z.infer<typeof savedReply>;

export const savedReplyList = z.object({ savedReplies: z.array(savedReply) });
export type SavedReplyListBody = z.infer<typeof savedReplyList>;

export const mergeFieldList = z.object({
  fields: z.array(z.object({ name: z.string(), value: z.string() })),
});
export type MergeFieldListBody = z.infer<typeof mergeFieldList>;
