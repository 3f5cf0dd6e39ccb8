/** Schemas of conversations and groups: queries, bodies and responses. */
import { z } from 'zod';
import { GROUP_NAME_MAX, GROUP_PARTICIPANTS_MAX } from '../../core/model/group-chat.ts';
import { cursorOf, pageEnd, pageLimit } from '../../http/pagination.ts';
import {
  anObject,
  isSendable,
  isWithin,
  oneOf,
  phoneNumber,
  plusOf,
  recipientHandle,
} from '../../http/request-schemas.ts';
import { listedMessage } from './schemas.ts';

export const conversationsQuery = z.object({
  phone_number: z
    .string({ error: "'phone_number' must be given once." })
    .transform(plusOf)
    .optional()
    .describe('Only conversations of this number of the account.'),
  unread: z
    .enum(['true', 'false'], { error: "'unread' must be true or false." })
    .optional()
    .describe('`true`: only conversations with unread messages.'),
  limit: pageLimit(100),
  cursor: cursorOf('msg', "'cursor' is not a cursor of this list."),
});

export const threadQuery = z.object({
  limit: pageLimit(100),
  cursor: cursorOf('msg', "'cursor' is not a message id."),
});

const groupName = z
  .string({ error: "'name' must be a string." })
  .refine((text) => isWithin(text, GROUP_NAME_MAX), {
    error: `'name' must be at most ${GROUP_NAME_MAX} characters.`,
  })
  .refine(isSendable, { error: "'name' has a character that cannot be sent." })
  .meta({ maxLength: GROUP_NAME_MAX });

export const groupBody = anObject({
  phone_number: phoneNumber('phone_number').describe('Your number.'),
  participants: z
    .array(recipientHandle('participants'), { error: "'participants' must be an array of handles." })
    .min(2, { error: "'participants' must have at least 2 handles." })
    .max(GROUP_PARTICIPANTS_MAX, {
      error: `'participants' must have at most ${GROUP_PARTICIPANTS_MAX} handles.`,
    })
    .describe('The other members: phone numbers in E.164 format or e-mail addresses.'),
  name: groupName.min(1, { error: "'name' must not be empty." }).describe('Name of the group.').nullish(),
});

export const groupUpdateBody = anObject({
  name: groupName.describe('The new name; empty: no name.'),
});

export const participantBody = anObject({
  handle: recipientHandle('handle').describe('Phone number in E.164 format, or e-mail address.'),
});

export const typingBody = anObject({
  state: oneOf('state', ['start', 'stop']).describe('`start` shows that you are typing.'),
});

const time = z.iso.datetime();

export const conversationSchema = z
  .object({
    id: z.string().describe('Id of the conversation: `conv_` and 26 letters and digits.'),
    phone_number: z.string().describe('Your number.'),
    is_group: z.boolean().describe('Whether the conversation is a group.'),
    name: z.string().nullable().describe('Name of the group; null: no name, or not a group.'),
    participants: z.array(z.string()).describe('Handles of the other participants.'),
    latest_message: listedMessage.nullable().describe('The newest message; null: none yet.'),
    unread_count: z.int().describe('Number of unread inbound messages.'),
    total_count: z.int().describe('Number of messages.'),
    created_at: time.describe('Time of the first message, or of the creation of the group.'),
    updated_at: time.describe('Time of the last change.'),
  })
  .meta({ title: 'ConversationSummary' });

const groupChange = z
  .object({
    kind: z.enum(['created', 'named', 'joined', 'left']).describe('What changed.'),
    actor: z.string().nullable().describe('Handle that made the change; null: unknown.'),
    value: z.string().nullable().describe('Handle that joined or left, or the name.'),
    at: time.describe('Time of the change.'),
  })
  .meta({ title: 'GroupChange' });

export const conversationDetail = conversationSchema
  .extend({
    changes: z
      .array(groupChange)
      .describe('The latest changes of the group, newest first; empty: not a group, or none.'),
  })
  .meta({ title: 'ConversationDetail' });

export const conversationList = z
  .object({
    conversations: z.array(conversationSchema).describe('The conversations of this page.'),
    ...pageEnd,
  })
  .meta({ title: 'ConversationList' });
