/** Schemas of conversations, and of the operations on one conversation. */
import { z } from 'zod';
import { anObject } from '../../http/request-schemas.ts';
import { uuidIn } from './query-schemas.ts';

const uuid = z.uuid();
const time = z.iso.datetime();

const shape = {
  id: uuid.describe('Id of the conversation.'),
  assignment_id: z.null().describe('Always null.'),
  assignment_status: z.null().describe('Always null.'),
  remote_number: z.string().nullable().describe('Address of the other participant; null for a group.'),
  participants: z
    .array(z.string())
    .nullable()
    .describe('Addresses of the group without your number; null: not a group.'),
  is_group: z.boolean().describe('Whether the conversation is a group.'),
  group_creation_status: z
    .enum(['creating', 'not_created', 'ready'])
    .nullable()
    .describe('A group exists in Messages after its first message was sent; null: not a group.'),
  created_at: time.describe('Time of the first message.'),
  updated_at: time.describe('Time of the last change.'),
};

export const conversationSchema = z.object(shape).meta({ title: 'Conversation' });

export const conversationRow = z
  .object({
    ...shape,
    latest_text: z.string().nullable().describe('Text of the latest message; null: none.'),
    latest_message_at: time.describe('Time of the latest message.'),
    latest_direction: z.enum(['inbound', 'outbound']).describe('Direction of the latest message.'),
    latest_has_media: z.boolean().describe('Whether the latest message has an attachment.'),
    unread_count: z.int().describe('Number of unread inbound messages.'),
    total_count: z.int().describe('Number of messages.'),
  })
  .meta({ title: 'ConversationRow' });

export const conversationBody = anObject({
  conversation_id: uuidIn('conversation_id').describe('Id of the conversation.'),
});

export const readMark = z.object({
  conversation_id: uuid.describe('Id of the conversation.'),
  updated_count: z.int().describe('Number of messages that were unread.'),
});

export const emptyObject = z.object({});
