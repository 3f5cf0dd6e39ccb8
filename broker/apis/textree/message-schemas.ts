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
  message: z.object({ id: z.string(), status: z.literal('queued') }),
});

export const messageResponse = z.object({
  message: z.object({
    id: z.string(),
    status: z.enum(['queued', 'sent', 'delivered', 'failed', 'received']),
    phone_number: z.string(),
    segments: z.number().int().describe('Number of SMS segments of the text.'),
    cost_cents: z.number().int(),
    created_at: time,
    metadata: z
      .record(z.string(), z.unknown())
      .optional()
      .describe('Metadata of the send request, unchanged.'),
    waiting: waiting.optional().describe('Reason for the delay of a queued message, and its expected end.'),
  }),
});
