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

/** Allows leading zeros. */
const DIGITS_MAX = 15;
const limit = wholeNumber('limit', {
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

/** Python clients send `True` and `False`. */
const isReadFilter = z
  .string({ error: "'is_read' must be given once." })
  .toLowerCase()
  .pipe(z.enum(['true', 'false', '1', '0'], { error: "'is_read' must be true or false." }))
  .transform((text) => text === 'true' || text === '1')
  .optional()
  .meta({ type: 'boolean', description: '`true`: only read texts; `false`: only unread texts.' });

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

const isRead = z.boolean({
  error: ({ input }) => (input === undefined ? "'is_read' is required." : "'is_read' must be true or false."),
});

export const conversationUpdateBody = anObject({ is_read: isRead });

export const textUpdateBody = anObject({
  is_read: isRead.nullish(),
  status: z.literal('deleted', { error: "'status' must be 'deleted'." }).nullish(),
}).refine(({ is_read, status }) => is_read != null || status != null, {
  error: "One of 'is_read' and 'status' is required.",
});

export function sendBodyFor(options: UrlOptions) {
  return anObject({
    to: phoneNumber('to').describe('The recipient, in E.164 format.'),
    text: requiredText('text')
      .check(atMost('text', CONTENT_MAX_CHARACTERS))
      .refine(isSendable, {
        error: "'text' has a character that cannot be sent (NUL or half of a surrogate pair).",
      })
      .meta({ maxLength: CONTENT_MAX_CHARACTERS })
      .nullish(),
    media_urls: z
      .array(callableUrl('media_urls', options), { error: "'media_urls' must be a list of URLs." })
      .refine((urls) => urls.length <= MEDIA_MAX, {
        error: `'media_urls' must contain at most ${MEDIA_MAX} URLs.`,
      })
      .meta({ maxItems: MEDIA_MAX, description: 'URLs of attachments.' })
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
    id: uuid,
    number: z.string(),
    type: z.literal('local'),
    status: z.enum(['active', 'paused', 'pending']),
    created_at: time,
  })
  .meta({ title: 'Number' });

export const textSchema = z
  .object({
    id: uuid,
    direction,
    local_phone_number: z.string(),
    remote_phone_number: z.string(),
    text: z.string(),
    type,
    media: z
      .array(z.object({ content_type: z.string(), size: z.number().int().nullable(), url: z.url() }))
      .nullable(),
    is_read: z.boolean(),
    conversation_id: uuid,
    delivery_status: z
      .enum(['queued', 'sent', 'delivered', 'failed'])
      .nullable()
      .describe('Null for an inbound text.'),
    error_code: z.string().nullable(),
    error_detail: z.string().nullable(),
    sent_at: time.nullable(),
    delivered_at: time.nullable(),
    failed_at: time.nullable(),
    is_blocked: z.boolean().describe('Whether the recipient has opted out.'),
    created_at: time,
    updated_at: time,
  })
  .meta({ title: 'Text' });

export const conversationSchema = z
  .object({
    id: uuid,
    remote_phone_number: z.string().nullable().describe('Null for a group. Use `id` instead.'),
    participants: z.array(z.string()),
    is_group: z.boolean(),
    latest_text: z.string(),
    latest_direction: direction,
    latest_type: type,
    latest_has_media: z.boolean(),
    latest_message_at: time,
    unread_count: z.number().int(),
    total_count: z.number().int(),
  })
  .meta({ title: 'Conversation' });

export const conversationUpdateResponse = z.object({
  remote_phone_number: z.string().nullable(),
  conversation_id: uuid,
  is_read: z.boolean(),
  updated_count: z.number().int(),
});
