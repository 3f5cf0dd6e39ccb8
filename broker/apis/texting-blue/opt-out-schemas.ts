/** Schemas of opt-outs: query, body and responses. */
import { z } from 'zod';
import { isHandle, normalizeHandle } from '../../../shared/phone-numbers.ts';
import { pageEnd, pageLimit } from '../../http/pagination.ts';
import { anObject, isSendable, isWithin, plusOf, requiredText } from '../../http/request-schemas.ts';

const HANDLE_MAX_CHARACTERS = 320;
const REASON_MAX_CHARACTERS = 100;

export const optOutsQuery = z.object({
  limit: pageLimit(100),
  cursor: z
    .string({ error: "'cursor' must be given once." })
    .max(HANDLE_MAX_CHARACTERS, { error: "'cursor' is too long." })
    .transform(plusOf)
    .optional()
    .describe('Cursor of the previous page.'),
});

export const optOutBody = anObject({
  recipient: requiredText('recipient')
    .max(HANDLE_MAX_CHARACTERS, { error: "'recipient' is too long." })
    .transform(normalizeHandle)
    .refine(isHandle, {
      error:
        "'recipient' must be a phone number in E.164 format, such as +14155550100, or an e-mail address.",
    })
    .meta({
      description: 'The recipient who opts out: phone number in E.164 format, or e-mail address.',
      examples: ['+14155550100'],
    }),
  reason: z
    .string({ error: "'reason' must be a string." })
    .min(1, { error: "'reason' must not be empty." })
    .refine((text) => isWithin(text, REASON_MAX_CHARACTERS), {
      error: `'reason' must be at most ${REASON_MAX_CHARACTERS} characters.`,
    })
    .refine(isSendable, { error: "'reason' has a character that cannot be stored." })
    .meta({ maxLength: REASON_MAX_CHARACTERS, description: 'Reason for your records; default: `api`.' })
    .nullish(),
});

export const optOut = z
  .object({
    recipient: z.string().describe('Phone number, short code or e-mail address.'),
    reason: z.string().describe('The keyword that the recipient sent, or the reason in the request.'),
    created_at: z.iso.datetime().describe('Time at which the opt-out was recorded.'),
  })
  .meta({ title: 'OptOut' });

export const optOutList = z
  .object({ opt_outs: z.array(optOut).describe('The opt-outs of this page.'), ...pageEnd })
  .meta({ title: 'OptOutList' });
