/** Schemas of contacts, messages, actions and conversations in the results of tools. */
import { z } from 'zod';
import { ACTION_KINDS } from '../../core/model/message-action.ts';
import { waiting } from '../../http/waiting.ts';

const time = z.iso.datetime();
const direction = z.enum(['inbound', 'outbound']).describe('`inbound`: received; `outbound`: sent.');

export const STATUS_NAMES = ['queued', 'sent', 'delivered', 'failed', 'received'] as const;
const status = z.enum(STATUS_NAMES).describe('Status of the message. A message at a device is `queued`.');

export const contactSchema = z.object({
  id: z.string().describe('Id of the contact: `con_` and 26 letters and digits.'),
  phone_number: z
    .string()
    .describe('Phone number of the contact, or the e-mail address of its iMessage account.'),
  name: z.string().nullable().describe('Name of the contact; null: no name.'),
  email: z.string().nullable().describe('E-mail address of the contact; null: no address.'),
  custom_fields: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .describe('Own fields of the contact, by name.'),
  opted_out: z.boolean().describe('Whether the contact has opted out of messages.'),
});

export const messageSchema = z.object({
  id: z.string().describe('Id of the message: `msg_` and 26 letters and digits.'),
  status,
  direction,
  phone_number: z
    .string()
    .nullable()
    .describe('Recipient if outbound, sender if inbound; null: sent to a group.'),
  conversation_id: z.string().describe('Id of the conversation.'),
  from: z.string().describe('Number of this account.'),
  segments: z.number().int().describe('Number of SMS segments of the text.'),
  cost_cents: z.number().int().describe('Cost of the message in cents.'),
  error_code: z.string().nullable().describe('Reason of the failure.'),
  error_message: z
    .string()
    .nullable()
    .describe('Reason of the failure as a sentence; null: the message did not fail.'),
  created_at: time.describe('Time at which the broker stored the message.'),
  waiting: waiting.optional().describe('Reason for the delay of a queued message, and its expected end.'),
});

export const actionSchema = z.object({
  id: z.string().describe('Id of the action: `act_` and 26 letters and digits.'),
  kind: z.enum(ACTION_KINDS).describe('What the action does.'),
  message_id: z.string().describe('Id of the message.'),
  value: z.string().nullable().describe('The reaction or the new text; null: none.'),
  status: z
    .enum(STATUS_NAMES)
    .describe('`queued`: not carried out yet; `sent`: carried out; `failed`: cancelled before.'),
  created_at: time.describe('Time at which the broker stored the action.'),
});

const latest = z.object({
  direction,
  body: z.string().describe('The text; empty for an attachment without a text.'),
  status,
  at: time.describe('Time at which the broker stored the message.'),
});

export const conversationSchema = z.object({
  id: z.string().describe('Id of the conversation.'),
  phone_number: z.string().nullable().describe('Recipient; null for a group.'),
  name: z.string().nullable().describe('Name of the contact or of the group; null: no name.'),
  is_group: z.boolean().describe('Whether the conversation has several participants.'),
  participants: z.array(z.string()).describe('Addresses of all participants except the own number.'),
  unread_count: z.number().int().describe('Number of unread inbound messages.'),
  total_count: z.number().int().describe('Number of messages.'),
  latest: latest.describe('The latest message.'),
});

export const conversationMessageSchema = z.object({
  id: z.string().describe('Id of the message: `msg_` and 26 letters and digits.'),
  direction,
  phone_number: z
    .string()
    .nullable()
    .describe('Recipient if outbound, sender if inbound; null: sent to a group.'),
  body: z.string().describe('The text; empty for an attachment without a text.'),
  attachments: z
    .array(
      z.object({
        name: z.string().nullable().describe('Name of the file; null: unknown.'),
        content_type: z
          .string()
          .nullable()
          .describe('Media type of the file, such as image/png; null: unknown.'),
        size: z.number().nullable().describe('Size of the file in bytes; null: unknown.'),
      }),
    )
    .describe('The attachments.'),
  status,
  error_code: z.string().nullable().describe('Code of the failure; null: the message did not fail.'),
  is_unread: z.boolean().describe('Whether the message is an unread inbound message.'),
  is_late: z
    .boolean()
    .describe(
      'Whether the message arrived long after it was sent. Do not reply to it without asking the user.',
    ),
  at: time.describe('Time at which the broker stored the message.'),
});
