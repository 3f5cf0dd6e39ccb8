/** Schemas of numbers, texts and conversations: queries, bodies and responses. */
import { z } from 'zod';
import { CONTENT_MAX_CHARACTERS } from '../../core/model/message.ts';
import { wholeNumber } from '../../http/pagination.ts';
import type { UrlOptions } from '../../http/request-schemas.ts';
import {
  anObject,
  callableUrl,
  isSendable,
  isWithin,
  phoneNumber,
  requiredText,
} from '../../http/request-schemas.ts';

const LIMIT_MAX = 200;
const LIMIT_DEFAULT = 50;
const QUERY_MAX_CHARACTERS = 500;
const MEDIA_MAX = 10;

/** Checks the number of code points. */
function atMost(name: string, max: number): z.core.CheckFn<string> {
  return ({ value, issues }) => {
    if (isWithin(value, max)) return;
    const message = `'${name}' must be at most ${max} characters.`;
    issues.push({ code: 'too_big', origin: 'string', maximum: max, inclusive: true, input: value, message });
  };
}

/** Checks the length of a list of URLs. Unlike `max`, it ignores a text, which has a length too. */
export function atMostUrls(name: string, max: number): z.core.CheckFn<string[]> {
  return ({ value, issues }) => {
    if (value.length <= max) return;
    const message = `'${name}' must contain at most ${max} URL${max === 1 ? '' : 's'}.`;
    issues.push({ code: 'too_big', origin: 'array', maximum: max, inclusive: true, input: value, message });
  };
}

/** Allows leading zeros. */
const DIGITS_MAX = 15;
export const limit = wholeNumber('limit', {
  digits: DIGITS_MAX,
  from: 1,
  to: LIMIT_MAX,
  fallback: LIMIT_DEFAULT,
  description: 'Maximum number of rows.',
});
const offset = wholeNumber('offset', {
  digits: DIGITS_MAX,
  from: 0,
  to: 999_999_999_999,
  fallback: 0,
  description: 'Number of skipped rows.',
});

/** Schema of a filter. Python clients send `True` and `False`. */
export function booleanFilter(name: string) {
  return z
    .string({ error: `'${name}' must be given once.` })
    .toLowerCase()
    .pipe(z.enum(['true', 'false', '1', '0'], { error: `'${name}' must be true or false.` }))
    .transform((text) => text === 'true' || text === '1')
    .optional()
    .meta({ type: 'boolean' });
}

const isReadFilter = booleanFilter('is_read').describe(
  '`true`: only read texts; `false`: only unread texts.',
);

export const pageQuery = z.object({ limit, offset });
export const textsQuery = z.object({ limit, offset, is_read: isReadFilter });

export const searchQuery = z.object({
  q: z
    .string({
      error: ({ input }) => (input === undefined ? "'q' is required." : "'q' must be given once."),
    })
    .min(1, { error: "'q' must not be empty." })
    .check(atMost('q', QUERY_MAX_CHARACTERS))
    .meta({
      maxLength: QUERY_MAX_CHARACTERS,
      description: 'Search words; all must match. Use quotation marks for a phrase.',
    }),
  limit,
});

const isRead = z
  .boolean({
    error: ({ input }) =>
      input === undefined ? "'is_read' is required." : "'is_read' must be true or false.",
  })
  .describe('`true` marks as read, `false` as unread.');

export const conversationUpdateBody = anObject({ is_read: isRead });

export const textUpdateBody = anObject({
  is_read: isRead.nullish().describe('Whether the text was marked as read; true for an outbound text.'),
  status: z
    .literal('deleted', { error: "'status' must be 'deleted'." })
    .nullish()
    .describe('`active`, `paused`: the number sends nothing, or `pending`: no device is paired.'),
}).refine(({ is_read, status }) => is_read != null || status != null, {
  error: "One of 'is_read' and 'status' is required.",
});

export interface SendSchemaOptions extends UrlOptions {
  /** Whether a URL is a link of the broker, which may be on a private address. */
  isMediaLink: (url: string) => boolean;
}

export function sendBodyFor(options: SendSchemaOptions) {
  return anObject({
    to: phoneNumber('to').describe('The recipient, in E.164 format.'),
    text: requiredText('text')
      .check(atMost('text', CONTENT_MAX_CHARACTERS))
      .refine(isSendable, {
        error: "'text' has a character that cannot be sent (NUL or half of a surrogate pair).",
      })
      .meta({ maxLength: CONTENT_MAX_CHARACTERS, description: 'The text; optional with `media_urls`.' })
      .nullish(),
    media_urls: z
      .array(callableUrl('media_urls', options, options.isMediaLink), {
        error: "'media_urls' must be a list of URLs.",
      })
      .check(atMostUrls('media_urls', MEDIA_MAX))
      .meta({ maxItems: MEDIA_MAX, description: 'URLs of attachments; or links to uploaded files.' })
      .nullish(),
  }).refine(({ text, media_urls }) => Boolean(text) || (media_urls ?? []).length > 0, {
    error: "One of 'text' and 'media_urls' is required.",
  });
}

const uuid = z.uuid();
const time = z.iso.datetime();
const direction = z.enum(['inbound', 'outbound']);
const type = z.enum(['sms', 'mms']);

export const numberSchema = z
  .object({
    id: uuid.describe('Id of the number.'),
    number: z.string().describe('Phone number in E.164 format.'),
    type: z.literal('local').describe('Always `local`.'),
    status: z
      .enum(['active', 'paused', 'pending'])
      .describe('`active`, `paused`: the number sends nothing, or `pending`: no device is paired.'),
    created_at: time.describe('Time of the registration.'),
  })
  .meta({ title: 'Number' });

export const textSchema = z
  .object({
    id: uuid.describe('Id of the text.'),
    direction: direction.describe('`inbound`: received; `outbound`: sent.'),
    local_phone_number: z.string().describe('Your number.'),
    remote_phone_number: z
      .string()
      .nullable()
      .describe(
        'Recipient if outbound, sender if inbound: phone number in E.164 format, or e-mail address; null for an outbound group text.',
      ),
    text: z.string().describe('The text; empty for an attachment without a text.'),
    type: type.describe('`mms` with an attachment, otherwise `sms`.'),
    media: z
      .array(
        z.object({
          content_type: z.string().describe('Media type of the file, such as image/png.'),
          size: z.number().int().nullable().describe('Size of the file in bytes; null: unknown.'),
          url: z.url().describe('Link to the file, valid for one hour.'),
        }),
      )
      .nullable()
      .describe('The attachments; null: none.'),
    is_read: z.boolean().describe('Whether the text was marked as read; true for an outbound text.'),
    conversation_id: uuid.describe('Id of the conversation.'),
    delivery_status: z
      .enum(['queued', 'sent', 'delivered', 'failed'])
      .nullable()
      .describe('Null for an inbound text.'),
    error_code: z.string().nullable().describe('Code of the failure; null: the text did not fail.'),
    error_detail: z
      .string()
      .nullable()
      .describe('Reason of the failure as a sentence; null: the text did not fail.'),
    sent_at: time.nullable().describe('Time of sending; null: not sent, or unknown.'),
    delivered_at: time.nullable().describe('Time of the delivery; null: not delivered, or unknown.'),
    failed_at: time.nullable().describe('Time of the failure; null: the text did not fail.'),
    is_blocked: z
      .boolean()
      .describe('Whether the text was received from a blocked sender, or the other party has opted out.'),
    created_at: time.describe('Time at which the broker stored the text.'),
    updated_at: time.describe('Time of the last change.'),
  })
  .meta({ title: 'Text' });

export const conversationSchema = z
  .object({
    id: uuid.describe('Id of the conversation.'),
    remote_phone_number: z.string().nullable().describe('Null for a group. Use `id` instead.'),
    participants: z.array(z.string()).describe('Addresses of all participants except your number.'),
    is_group: z.boolean().describe('Whether the conversation has several participants.'),
    latest_text: z.string().describe('Text of the latest message.'),
    latest_direction: direction.describe('Direction of the latest message.'),
    latest_type: type.describe('`mms` if the latest message has an attachment, otherwise `sms`.'),
    latest_has_media: z.boolean().describe('Whether the latest message has an attachment.'),
    latest_message_at: time.describe('Time of the latest message.'),
    unread_count: z.number().int().describe('Number of unread inbound texts.'),
    total_count: z.number().int().describe('Number of texts.'),
  })
  .meta({ title: 'Conversation' });

export const conversationUpdateResponse = z.object({
  remote_phone_number: z
    .string()
    .nullable()
    .describe('Recipient if outbound, sender if inbound: phone number in E.164 format, or e-mail address.'),
  conversation_id: uuid.describe('Id of the conversation.'),
  is_read: z.boolean().describe('Whether the text was marked as read; true for an outbound text.'),
  updated_count: z.number().int().describe('Number of texts that were changed.'),
});
