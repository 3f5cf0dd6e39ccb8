/** Schemas of numbers and purchases. */
import { z } from 'zod';
import type { UrlOptions } from '../../http/request-schemas.ts';
import { anObject, callableUrl, isSendable, isWithin, requiredText } from '../../http/request-schemas.ts';
import { time } from './schemas.ts';

const NAME_MAX_CHARACTERS = 100;

export function purchaseBodyFor(options: UrlOptions) {
  return anObject({
    area_code: requiredText('area_code')
      .regex(/^\d{3}$/, {
        error: "'area_code' must be 3 digits, such as 415.",
      })
      .describe('Area code of the number.'),
    friendly_name: requiredText('friendly_name')
      .refine((text) => text.trim() !== '' && isWithin(text, NAME_MAX_CHARACTERS), {
        error: `'friendly_name' must be 1 to ${NAME_MAX_CHARACTERS} characters.`,
      })
      .refine(isSendable, { error: "'friendly_name' has a character that cannot be stored." })
      .meta({ maxLength: NAME_MAX_CHARACTERS, description: 'Name of the number.' }),
    inbound_webhook_url: callableUrl('inbound_webhook_url', options)
      .describe('URL that receives the inbound messages of the number.')
      .nullish(),
  });
}

const purchasedNumber = z.object({
  id: z.string().describe('Id of the number: `num_` and 26 letters and digits.'),
  number: z.string().describe('Phone number in E.164 format.'),
  friendly_name: z.string().nullable().describe('Name of the number; null: no name.'),
  status: z
    .enum(['connected', 'pending', 'disabled'])
    .describe(
      '`connected`: a device or a provider serves the number; `pending`: not yet; `disabled`: paused.',
    ),
  compliance_status: z
    .string()
    .describe(
      'Registration of a purchased number with the carriers; `not_required` for the number of a device.',
    ),
});

export const numberList = z.object({
  numbers: z
    .array(
      purchasedNumber.extend({
        capabilities: z
          .array(z.enum(['imessage', 'sms']))
          .describe('Channels of the number: `imessage` for a device, `sms` for a provider.'),
        inbound_webhook_url: z
          .string()
          .nullable()
          .describe('URL that receives the inbound messages of the number; null: none.'),
        created_at: time.describe('Time of the registration or the purchase.'),
      }),
    )
    .describe('All numbers of the account.'),
});

export const purchaseResponse = z.object({
  number: purchasedNumber.describe('The purchased number.'),
  webhook_configured: z.boolean().describe('Whether the request contained an `inbound_webhook_url`.'),
});
