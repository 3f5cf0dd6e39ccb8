/** What is asked and answered about messages. */
import { z } from 'zod';
import {
  anObject,
  idempotencyKey,
  messageText,
  metadataSchema,
  phoneNumber,
} from '../../http/request-schemas.ts';
import { cents, time } from './schema-parts.ts';

const BODY_MAX_CHARACTERS = 1_600;

export const sendBody = anObject({
  to: z
    .undefined({ error: "Name the recipient in 'phone_number', not in 'to'." })
    .optional()
    .describe('Not taken: the recipient is named in phone_number.'),
  phone_number: phoneNumber('phone_number').describe('The recipient, in E.164 format.'),
  body: messageText('body', BODY_MAX_CHARACTERS),
  idempotency_key: idempotencyKey.nullish(),
  metadata: metadataSchema.describe('Kept with the message and echoed back, for yourself.').nullish(),
  estimated_cost_cents: cents('estimated_cost_cents')
    .describe('What you expect it to cost; counts against the spend limit where it is more than it does.')
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
    segments: z.number().int().describe('How many SMS the text would take.'),
    cost_cents: z.number().int(),
    created_at: time,
    metadata: z.record(z.string(), z.unknown()).optional().describe('As it was given.'),
  }),
});
