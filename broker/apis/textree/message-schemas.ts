/** Schemas of messages. */
import { z } from 'zod';
import {
  anObject,
  idempotencyKey,
  messageText,
  metadataSchema,
  phoneNumber,
} from '../../http/request-schemas.ts';
import { waiting } from '../../http/waiting.ts';
import { cents, time } from './schemas.ts';

const BODY_MAX_CHARACTERS = 1_600;

export const sendBody = anObject({
  to: z
    .undefined({ error: "'to' is not supported. Set the recipient in 'phone_number'." })
    .optional()
    .describe('Not supported; use `phone_number`.'),
  phone_number: phoneNumber('phone_number').describe('The recipient, in E.164 format.'),
  body: messageText('body', BODY_MAX_CHARACTERS),
  idempotency_key: idempotencyKey.nullish(),
  metadata: metadataSchema
    .describe('Your own data; stored with the message and returned unchanged.')
    .nullish(),
  estimated_cost_cents: cents('estimated_cost_cents')
    .describe('Expected cost; counts against the spend limit if it is higher than the cost.')
    .nullish(),
});

export const acceptedMessage = z.object({
  message: z
    .object({
      id: z.string().describe('Id of the message: `msg_` and 26 letters and digits.'),
      status: z.literal('queued').describe('Always `queued`. Get the message for its current status.'),
    })
    .describe('The accepted message.'),
});

export const messageResponse = z.object({
  message: z
    .object({
      id: z.string().describe('Id of the message: `msg_` and 26 letters and digits.'),
      status: z
        .enum(['queued', 'sent', 'delivered', 'failed', 'received'])
        .describe('Status of the message. A message at a device is `queued`.'),
      phone_number: z
        .string()
        .nullable()
        .describe(
          'Recipient if outbound, sender if inbound: phone number in E.164 format, or e-mail address; null for an outbound group message.',
        ),
      conversation_id: z.string().optional().describe('Id of the conversation; only for a group message.'),
      segments: z.number().int().describe('Number of SMS segments of the text.'),
      cost_cents: z
        .number()
        .int()
        .describe('Cost of the message in cents; 0 for failed messages and for messages through a device.'),
      created_at: time.describe('Time at which the broker stored the message.'),
      metadata: z
        .record(z.string(), z.unknown())
        .optional()
        .describe('Metadata of the send request, unchanged.'),
      waiting: waiting.optional().describe('Reason for the delay of a queued message, and its expected end.'),
    })
    .describe('The message.'),
});
