/** What the Texting Blue API takes and gives, as zod schemas with the messages that callers read. */
import { z } from 'zod';
import { readId } from '../../../shared/ids.ts';
import { isPhoneNumber } from '../../../shared/phone-numbers.ts';
import { addressIn, isPublicAddress } from '../../../shared/public-addresses.ts';
import { CONTENT_MAX_CHARACTERS, MESSAGE_STATUSES } from '../../core/messages.ts';

const MEDIA_URL_MAX = 2_048;

const LABEL_MAX = 100;

function requiredText(name: string) {
  return z.string({
    error: (issue) => (issue.input === undefined ? `'${name}' is required.` : `'${name}' must be a string.`),
  });
}

function phoneNumber(name: string) {
  return requiredText(name).refine(isPhoneNumber, {
    error: `'${name}' must be a phone number in E.164 format, such as +14155550100.`,
  });
}

/** Text that can be stored and sent whole: no NUL, no half of a surrogate pair. */
function isSendable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** Code points, but counted only where the answer is not plain from the length. */
function isWithin(text: string, max: number): boolean {
  return text.length <= max || (text.length <= max * 2 && [...text].length <= max);
}

const content = requiredText('content')
  .min(1, { error: "'content' must not be empty." })
  .refine((text) => isWithin(text, CONTENT_MAX_CHARACTERS), {
    error: `'content' must be at most ${CONTENT_MAX_CHARACTERS} characters.`,
  })
  .refine(isSendable, {
    error: "'content' has a character that cannot be sent (NUL or half of a surrogate pair).",
  });

export interface MediaUrlRules {
  /** Whether it may be http:// or private. */
  allowsPrivateUrls: boolean;
}

/** What a name leads to is looked at when it is fetched. */
function isMediaUrl(text: string, { allowsPrivateUrls }: MediaUrlRules): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return false;
  if (allowsPrivateUrls) return /^https?:$/.test(url.protocol);
  if (url.protocol !== 'https:') return false;
  const address = addressIn(url);
  if (address !== undefined) return isPublicAddress(address);
  return url.hostname.includes('.') && !/\.(localhost|local|internal)\.?$/.test(url.hostname);
}

function anObject<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.object(shape, { error: 'The request body must be a JSON object.' });
}

export function sendBodyFor(rules: MediaUrlRules) {
  const mediaUrl = z
    .string({ error: "'media_url' must be a string." })
    .max(MEDIA_URL_MAX, { error: `'media_url' must be at most ${MEDIA_URL_MAX} characters.` })
    .refine((text) => isMediaUrl(text, rules), {
      error: rules.allowsPrivateUrls
        ? "'media_url' must be an http:// or https:// URL."
        : "'media_url' must be a public https:// URL.",
    });
  return anObject({
    to: phoneNumber('to'),
    from: phoneNumber('from').nullish(),
    content,
    media_url: mediaUrl.nullish(),
  });
}

const handleFilter = (name: string) =>
  z
    .string({ error: `'${name}' must be given once.` })
    .min(1, { error: `'${name}' must not be empty.` })
    .max(320, { error: `'${name}' is too long.` })
    // A `+` that was not escaped in the address arrives as a space.
    .transform((handle) => handle.replace(/^ (?=\d)/, '+'))
    .optional();

function oneOf<const Values extends readonly [string, ...string[]]>(name: string, values: Values) {
  return z.enum(values, { error: `'${name}' must be one of: ${values.join(', ')}.` });
}

export const listQuery = z.object({
  from: handleFilter('from'),
  to: handleFilter('to'),
  status: oneOf('status', MESSAGE_STATUSES).optional(),
  direction: oneOf('direction', ['inbound', 'outbound']).optional(),
  limit: z
    .string({ error: "'limit' must be given once." })
    .regex(/^\d{1,3}$/, { error: "'limit' must be a whole number from 1 to 100." })
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= 100, { error: "'limit' must be a whole number from 1 to 100." })
    .default(50),
  cursor: z
    .string({ error: "'cursor' must be given once." })
    .transform((shown, context) => {
      const id = readId('msg', shown);
      if (id !== undefined) return id;
      context.addIssue({ code: 'custom', message: "'cursor' is not a message id." });
      return z.NEVER;
    })
    .optional(),
});

export const numberUpdateBody = anObject({
  label: z
    .string({ error: "'label' must be a string." })
    .refine((text) => isWithin(text, LABEL_MAX), {
      error: `'label' must be at most ${LABEL_MAX} characters.`,
    })
    .refine(isSendable, { error: "'label' has a character that cannot be stored." })
    .nullish(),
  status: oneOf('status', ['active', 'paused']).optional(),
});

export const verifyBody = anObject({ phone_number: phoneNumber('phone_number') });

const time = z.iso.datetime();

export const acceptedMessage = z.object({
  id: z.string(),
  status: z.literal('queued'),
  to: z.string(),
  from: z.string(),
  content: z.string(),
  media_url: z.string().nullable(),
  created_at: time,
});

export const listedMessage = z.object({
  id: z.string(),
  to: z.string(),
  from: z.string(),
  content: z.string(),
  media_url: z.string().nullable(),
  status: z.enum(MESSAGE_STATUSES),
  direction: z.enum(['inbound', 'outbound']),
  created_at: time,
  delivered_at: time.nullable(),
});

export const messageDetail = listedMessage.extend({
  error_code: z.string().nullable(),
  error_message: z.string().nullable(),
});

export const messageList = z.object({
  messages: z.array(listedMessage),
  cursor: z.string().nullable(),
  has_more: z.boolean(),
});

export const numberSummary = z.object({
  id: z.string(),
  phone_number: z.string(),
  label: z.string().nullable(),
  status: z.enum(['active', 'paused']),
  verified: z.boolean(),
});

export const numberList = z.object({
  numbers: z.array(
    numberSummary.extend({
      device_name: z.string().nullable(),
      last_seen_at: time.nullable(),
      messages_today: z.number(),
      created_at: time,
    }),
  ),
});

export const verifyAnswer = z.object({ message: z.string(), setup_url: z.url() });

export const errorBody = z.object({
  error: z.object({ code: z.string(), message: z.string(), param: z.string().optional() }),
});
