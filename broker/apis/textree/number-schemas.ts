/** What is asked and answered about numbers. */
import { z } from 'zod';
import type { UrlOptions } from '../../http/request-schemas.ts';
import { anObject, callableUrl, isSendable, isWithin, requiredText } from '../../http/request-schemas.ts';
import { time } from './schema-parts.ts';

const NAME_MAX_CHARACTERS = 100;

export function purchaseBodyFor(context: UrlOptions) {
  return anObject({
    area_code: requiredText('area_code')
      .regex(/^\d{3}$/, {
        error: "'area_code' must be 3 digits, such as 415.",
      })
      .describe('Where the number is to be from.'),
    friendly_name: requiredText('friendly_name')
      .refine((text) => text.trim() !== '' && isWithin(text, NAME_MAX_CHARACTERS), {
        error: `'friendly_name' must be 1 to ${NAME_MAX_CHARACTERS} characters.`,
      })
      .refine(isSendable, { error: "'friendly_name' has a character that cannot be stored." })
      .meta({ maxLength: NAME_MAX_CHARACTERS, description: 'What you call it.' }),
    inbound_webhook_url: callableUrl('inbound_webhook_url', context)
      .describe('Told of every text that comes in for it.')
      .nullish(),
  });
}

const boughtNumber = z.object({
  id: z.string(),
  number: z.string(),
  friendly_name: z.string().nullable(),
  status: z.enum(['connected', 'pending', 'disabled']),
  compliance_status: z.string(),
});

export const numberList = z.object({
  numbers: z.array(
    boughtNumber.extend({
      capabilities: z.array(z.enum(['imessage', 'sms'])),
      inbound_webhook_url: z.string().nullable(),
      created_at: time,
    }),
  ),
});

export const purchaseResponse = z.object({ number: boughtNumber, webhook_configured: z.boolean() });
