/** Schemas of messages and numbers: queries, bodies and responses. */
import { z } from 'zod';
import { MESSAGE_STATUSES } from '../../core/model/message.ts';
import { cursorOf, pageEnd, pageLimit } from '../../http/pagination.ts';
import { anObject, isSendable, isWithin, oneOf, phoneNumber, plusOf } from '../../http/request-schemas.ts';
import { waiting } from '../../http/waiting.ts';
import { paceBody } from './pace-schemas.ts';

const LABEL_MAX = 100;

const handleFilter = (name: string, description: string) =>
  z
    .string({ error: `'${name}' must be given once.` })
    .min(1, { error: `'${name}' must not be empty.` })
    .max(320, { error: `'${name}' is too long.` })
    .transform(plusOf)
    .optional()
    .describe(description);

export const listQuery = z.object({
  from: handleFilter('from', 'Only messages from this number or address.'),
  to: handleFilter('to', 'Only messages to this number or address.'),
  status: oneOf('status', MESSAGE_STATUSES).optional().describe('Only messages with this status.'),
  direction: oneOf('direction', ['inbound', 'outbound'])
    .optional()
    .describe('Only messages in this direction.'),
  limit: pageLimit(100),
  cursor: cursorOf('msg', "'cursor' is not a message id."),
});

export const numberUpdateBody = anObject({
  label: z
    .string({ error: "'label' must be a string." })
    .refine((text) => isWithin(text, LABEL_MAX), {
      error: `'label' must be at most ${LABEL_MAX} characters.`,
    })
    .refine(isSendable, { error: "'label' has a character that cannot be stored." })
    .meta({ maxLength: LABEL_MAX, description: 'Name of the number; null removes the name.' })
    .nullish(),
  status: oneOf('status', ['active', 'paused']).describe('A paused number sends nothing.').optional(),
  pace: paceBody.describe('Sending limits and hours; omitted fields stay unchanged.').optional(),
});

export const verifyBody = anObject({
  phone_number: phoneNumber('phone_number').describe('The number of the iPhone or Mac.'),
});

const time = z.iso.datetime();
const metadata = z.record(z.string(), z.unknown()).describe('Metadata of the send request, unchanged.');

export const acceptedMessage = z
  .object({
    id: z.string(),
    status: z.literal('queued'),
    to: z.string(),
    from: z.string(),
    content: z.string(),
    media_url: z.string().nullable(),
    created_at: time,
    send_at: time.optional().describe('Scheduled time of sending, if the request contained one.'),
    metadata: metadata.optional(),
    waiting: waiting.optional().describe('Present if the message cannot be sent immediately.'),
  })
  .meta({ title: 'AcceptedMessage' });

export const dryRun = z
  .object({
    dry_run: z.literal(true),
    to: z.string(),
    from: z.string(),
    content: z.string(),
    media_url: z.string().nullable(),
    segments: z.int().describe('Number of SMS segments of the text.'),
    cost_cents: z.int(),
    waiting: waiting.nullable().describe('Reason for a delay; null: the message would be sent immediately.'),
  })
  .meta({ title: 'DryRun' });

export const listedMessage = z
  .object({
    id: z.string(),
    to: z.string(),
    from: z.string(),
    content: z.string(),
    media_url: z.string().nullable(),
    status: z.enum(MESSAGE_STATUSES),
    direction: z.enum(['inbound', 'outbound']),
    created_at: time,
    delivered_at: time.nullable(),
    read_at: time.optional().describe('Time at which the recipient read the message, if known.'),
    service: z
      .string()
      .optional()
      .describe('Service that transmitted the message, if known: `imessage`, `sms`, `rcs` or `whatsapp`.'),
    send_at: time.optional().describe('Scheduled time of sending, if the request contained one.'),
    metadata: metadata.optional(),
    waiting: waiting.optional().describe('Reason for the delay of a queued message, and its expected end.'),
  })
  .meta({ title: 'Message' });

export const messageDetail = listedMessage
  .extend({
    error_code: z.string().nullable().describe('Reason of the failure.'),
    error_message: z.string().nullable(),
    priority: z.literal('high').optional(),
    expires_at: time.optional().describe('Expiry, if the request contained one.'),
  })
  .meta({ title: 'MessageDetail' });

export const messageList = z
  .object({
    messages: z.array(listedMessage),
    ...pageEnd,
  })
  .meta({ title: 'MessageList' });

export const numberSummary = z
  .object({
    id: z.string(),
    phone_number: z.string(),
    label: z.string().nullable(),
    status: z.enum(['active', 'paused']),
    verified: z.boolean().describe('Whether a device is paired with the number.'),
  })
  .meta({ title: 'Number' });

export const numberList = z.object({
  numbers: z.array(
    numberSummary.extend({
      device_name: z.string().nullable(),
      last_seen_at: time.nullable(),
      messages_today: z.number().int(),
      created_at: time,
    }),
  ),
});

export const verifyResponse = z.object({
  message: z.string(),
  setup_url: z.url().describe('Setup link. Open it on the device that owns the number.'),
});
