/** Schemas of actions on messages and groups: bodies and responses. */

import { z } from 'zod';
import { isTapback, TAPBACKS } from '../../../../shared/capabilities.ts';
import { normalizeHandle } from '../../../../shared/phone-numbers.ts';
import { GROUP_NAME_MAX, GROUP_PARTICIPANTS_MAX } from '../../../core/model/group-chat.ts';
import { CONTENT_MAX_CHARACTERS, MESSAGE_STATUSES } from '../../../core/model/message.ts';
import { ACTION_KINDS } from '../../../core/model/message-action.ts';
import { isEmoji } from '../../../core/model/reaction.ts';
import {
  anObject,
  idIn,
  isSendable,
  isWithin,
  messageText,
  recipientHandle,
  requiredText,
} from '../../../http/request-schemas.ts';
import { partOf } from './send-schemas.ts';

export const reactionBody = anObject({
  reaction: requiredText('reaction').refine((text) => isTapback(text) || isEmoji(text), {
    error: `'reaction' must be one of: ${TAPBACKS.join(', ')}, or one emoji.`,
  }),
  part: partOf('part').default(0),
});

export const editBody = anObject({ content: messageText('content', CONTENT_MAX_CHARACTERS) });

/** A person types a number with spaces or brackets. */
const typedHandle = (name: string) =>
  requiredText(name).transform(normalizeHandle).pipe(recipientHandle(name));

const groupName = requiredText('name')
  .transform((text) => text.trim())
  .refine((text) => isWithin(text, GROUP_NAME_MAX), {
    error: `'name' must be at most ${GROUP_NAME_MAX} characters.`,
  })
  .refine(isSendable, { error: "'name' has a character that cannot be sent." });

const GROUP_MIN = 2;

export const groupBody = anObject({
  /** Default: the number that the account sends from. */
  numberId: idIn('numberId', 'num').optional(),
  participants: z
    .array(typedHandle('participants'), { error: "'participants' must be a list of handles." })
    .refine((handles) => new Set(handles).size >= GROUP_MIN && handles.length <= GROUP_PARTICIPANTS_MAX, {
      error: `A group has ${GROUP_MIN} to ${GROUP_PARTICIPANTS_MAX} different participants.`,
    }),
  name: groupName.optional(),
});

/** An empty name removes the name. */
export const groupNameBody = anObject({ name: groupName });

export const participantBody = anObject({ handle: typedHandle('handle') });

export const action = z.object({
  id: z.string(),
  kind: z.enum(ACTION_KINDS),
  /** Null: the action changes the group. */
  messageId: z.string().nullable(),
  conversationId: z.string(),
  part: z.number(),
  /** The reaction, the new text, the name or the handle; empty: none. */
  value: z.string(),
  /** `polling`: a device has the action. `sent`: it was carried out. */
  status: z.enum(MESSAGE_STATUSES),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  createdAt: z.number(),
});
export type ActionBody = z.infer<typeof action>;

export const actionResponse = z.object({
  /** Null: the group was changed at once, because Messages does not know it before its first message. */
  action: action.nullable(),
});
export type ActionResponseBody = z.infer<typeof actionResponse>;
