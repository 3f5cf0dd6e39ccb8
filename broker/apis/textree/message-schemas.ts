/** What is asked and answered about messages. */
import { z } from 'zod';
import { anObject, phoneNumber, requiredText } from '../../http/field-rules.ts';
import { metadataRule } from '../../http/metadata-rules.ts';
import { isSendable, isWithin } from '../../http/text-rules.ts';
import { cents, time } from './schema-parts.ts';

const BODY_MAX_CHARACTERS = 1_600;
const IDEMPOTENCY_KEY = /^[\x20-\x7e]{8,128}$/;

const text = requiredText('body')
  .min(1, { error: "'body' must not be empty." })
  .refine((given) => isWithin(given, BODY_MAX_CHARACTERS), {
    error: `'body' must be at most ${BODY_MAX_CHARACTERS} characters.`,
  })
  .refine(isSendable, {
    error: "'body' has a character that cannot be sent (NUL or half of a surrogate pair).",
  })
  .meta({ maxLength: BODY_MAX_CHARACTERS, description: 'The text.' });

export const sendBody = anObject({
  to: z
    .undefined({ error: "Name the recipient in 'phone_number', not in 'to'." })
    .optional()
    .describe('Not taken: the recipient is named in phone_number.'),
  phone_number: phoneNumber('phone_number').describe('The recipient, in E.164 format.'),
  body: text,
  idempotency_key: z
    .string({ error: "'idempotency_key' must be a string." })
    .regex(IDEMPOTENCY_KEY, { error: "'idempotency_key' must be 8 to 128 printable ASCII characters." })
    .describe('A repeat with the same key gets the first answer and sends nothing.')
    .nullish(),
  metadata: metadataRule.describe('Kept with the message and echoed back, for yourself.').nullish(),
  estimated_cost_cents: cents('estimated_cost_cents')
    .describe('What you expect it to cost; counts against the spend limit where it is more than it does.')
    .nullish(),
});

export const acceptedMessage = z.object({
  message: z.object({ id: z.string(), status: z.literal('queued') }),
});

export const messageAnswer = z.object({
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
