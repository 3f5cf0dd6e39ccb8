/** Schemas of contacts, messages and conversations in the results of tools. */
import { z } from 'zod';
import { waiting } from '../../http/waiting.ts';

const time = z.iso.datetime();
const direction = z.enum(['inbound', 'outbound']);

export const STATUS_NAMES = ['queued', 'sent', 'delivered', 'failed', 'received'] as const;
const status = z.enum(STATUS_NAMES);

export const contactSchema = z.object({
  id: z.string(),
  phone_number: z
    .string()
    .describe('Phone number of the contact, or the e-mail address of its iMessage account.'),
  name: z.string().nullable(),
  email: z.string().nullable(),
  custom_fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  opted_out: z.boolean().describe('Whether the contact has opted out of messages.'),
});

export const messageSchema = z.object({
  id: z.string(),
  status,
  direction,
  phone_number: z.string().describe('Recipient if outbound, sender if inbound.'),
  from: z.string().describe('Number of this account.'),
  segments: z.number().int().describe('Number of SMS segments of the text.'),
  cost_cents: z.number().int(),
  error_code: z.string().nullable().describe('Reason of the failure.'),
  error_message: z.string().nullable(),
  created_at: time,
  waiting: waiting.optional().describe('Reason for the delay of a queued message, and its expected end.'),
});

export const conversationSchema = z.object({
  id: z.string(),
  phone_number: z.string().nullable().describe('Recipient; null for a group.'),
  name: z.string().nullable().describe('Name of the contact.'),
  is_group: z.boolean(),
  participants: z.array(z.string()),
  unread_count: z.number().int(),
  total_count: z.number().int(),
  latest: z.object({ direction, body: z.string(), status, at: time }),
});

export const conversationMessageSchema = z.object({
  id: z.string(),
  direction,
  phone_number: z.string().describe('Recipient if outbound, sender if inbound.'),
  body: z.string(),
  attachments: z.array(
    z.object({
      name: z.string().nullable(),
      content_type: z.string().nullable(),
      size: z.number().nullable(),
    }),
  ),
  status,
  error_code: z.string().nullable(),
  is_unread: z.boolean(),
  is_late: z
    .boolean()
    .describe(
      'Whether the message arrived long after it was sent. Do not reply to it without asking the user.',
    ),
  at: time,
});
