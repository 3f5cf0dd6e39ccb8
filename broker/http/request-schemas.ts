/** Schemas of request fields that the APIs share, with the same error messages. */
import { z } from 'zod';
import { type IdPrefix, parseId } from '../../shared/ids.ts';
import { isEmailAddress, isHandle, isPhoneNumber, normalizeHandle } from '../../shared/phone-numbers.ts';
import { addressIn, isPublicAddress } from '../../shared/public-addresses.ts';
import type { Idempotency } from '../core/messages/send-request.ts';
import { notFound } from '../core/model/errors.ts';

/** Pattern for the documentation. Validation is stricter: the number must be possible. */
const E164 = '^\\+[1-9]\\d{6,14}$';

/** Restores a `+` that the client did not escape: it arrives as a space. */
export const plusOf = (handle: string) => handle.replace(/^ (?=\d)/, '+');

export function anObject<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.object(shape, { error: 'The request body must be a JSON object.' });
}

export function requiredText(name: string) {
  return z.string({
    error: (issue) => (issue.input === undefined ? `'${name}' is required.` : `'${name}' must be a string.`),
  });
}

export function phoneNumber(name: string) {
  return requiredText(name)
    .refine(isPhoneNumber, {
      error: `'${name}' must be a phone number in E.164 format, such as +14155550100.`,
    })
    .meta({ pattern: E164, examples: ['+14155550100'] });
}

export const HANDLE_MAX = 320;

/** Schema of a phone number in strict E.164 format, or an e-mail address, in lower case. */
export function recipientHandle(name: string) {
  return requiredText(name)
    .max(HANDLE_MAX, { error: `'${name}' must be at most ${HANDLE_MAX} characters.` })
    .transform((text) => text.toLowerCase())
    .refine((handle) => isPhoneNumber(handle) || isEmailAddress(handle), {
      error: `'${name}' must be a phone number in E.164 format, such as +14155550100, or an e-mail address.`,
    })
    .refine(isSendable, { error: `'${name}' has a character that cannot be sent.` });
}

/** Schema of the handle of a sender, normalized: also a short code. */
export function senderHandle(name: string) {
  return requiredText(name)
    .max(HANDLE_MAX, { error: `'${name}' is too long.` })
    .transform(normalizeHandle)
    .refine(isHandle, {
      error: `'${name}' must be a phone number in E.164 format, such as +14155550100, or an e-mail address.`,
    })
    .meta({
      description: 'The sender: phone number in E.164 format, short code or e-mail address.',
      examples: ['+14155550100'],
    });
}

/** Schema of an id with a prefix in a body. */
export function idIn(name: string, prefix: IdPrefix) {
  return requiredText(name)
    .transform((shown) => parseId(prefix, shown))
    .refine((id) => id !== undefined, { error: `'${name}' must be an id that begins with '${prefix}_'.` })
    .transform((id) => id as string);
}

/** Schema of a message text. */
export function messageText(name: string, maxCharacters: number) {
  return textBesideMedia(name, maxCharacters).min(1, { error: `'${name}' must not be empty.` });
}

/** Schema of the text of a message with an attachment: it may be empty. */
export function textBesideMedia(name: string, maxCharacters: number) {
  return requiredText(name)
    .refine((given) => isWithin(given, maxCharacters), {
      error: `'${name}' must be at most ${maxCharacters} characters.`,
    })
    .refine(isSendable, {
      error: `'${name}' has a character that cannot be sent (NUL or half of a surrogate pair).`,
    })
    .meta({ maxLength: maxCharacters, description: 'The text.' });
}

/** `isExempt`: accepts further URLs, which the broker does not call. */
export function callableUrl(name: string, options: UrlOptions, isExempt?: (url: string) => boolean) {
  return requiredText(name)
    .max(URL_MAX_CHARACTERS, { error: `'${name}' must be at most ${URL_MAX_CHARACTERS} characters.` })
    .refine((text) => isCallableUrl(text, options) || isExempt?.(text) === true, {
      error: `'${name}' must be ${callableUrlWords(options)}.`,
    })
    .meta({ format: 'uri' });
}

export function oneOf<const Values extends readonly [string, ...string[]]>(name: string, values: Values) {
  return z.enum(values, { error: `'${name}' must be one of: ${values.join(', ')}.` });
}

/** Whether a text can be stored and sent unchanged: no NUL, no unpaired surrogate. */
export function isSendable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** Compares the number of code points. They are counted only if the length alone does not decide. */
export function isWithin(text: string, max: number): boolean {
  return text.length <= max || (text.length <= max * 2 && [...text].length <= max);
}

const YEAR_MS = 366 * 86_400_000;

/** Schema of a time: ISO 8601 with a time zone, converted to epoch ms. */
export function timeIn(name: string) {
  return z.iso
    .datetime({ offset: true, error: `'${name}' must be a time such as 2026-11-21T15:00:00Z.` })
    .transform((text) => Date.parse(text));
}

/** Schema of a future time, at most one year ahead. */
export function timeAhead(name: string, now: () => number) {
  return timeIn(name).refine((at) => at > now() && at <= now() + YEAR_MS, {
    error: `'${name}' must be in the future, within a year.`,
  });
}

export interface UrlOptions {
  /** Allows http:// and private addresses. */
  allowsPrivateUrls: boolean;
}

export const URL_MAX_CHARACTERS = 2_048;
const CONTROL_CHARACTER = /[\0-\x1f\x7f]/;

/** Checks the URL only. The address behind a host name is checked when it is called. */
export function isCallableUrl(text: string, { allowsPrivateUrls }: UrlOptions): boolean {
  // The parser of URLs drops line breaks and tabs, but the text is stored and shown.
  if (!isSendable(text) || CONTROL_CHARACTER.test(text) || !URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return false;
  if (allowsPrivateUrls) return /^https?:$/.test(url.protocol);
  if (url.protocol !== 'https:') return false;
  const address = addressIn(url);
  if (address !== undefined) return isPublicAddress(address);
  const name = url.hostname.replace(/\.$/, '');
  return name.includes('.') && !/\.(localhost|local|internal)$/.test(name);
}

/** Describes a valid URL for the error message. */
export function callableUrlWords({ allowsPrivateUrls }: UrlOptions): string {
  return allowsPrivateUrls ? 'an http:// or https:// URL' : 'a public https:// URL';
}

const METADATA_MAX_BYTES = 4 * 1024;

export const metadataSchema = z
  .record(z.string(), z.unknown(), { error: "'metadata' must be a JSON object." })
  .refine((given) => bytesOf(given) <= METADATA_MAX_BYTES, {
    error: `'metadata' must be at most ${METADATA_MAX_BYTES / 1024} KB as JSON.`,
  });

/** A value nested too deeply for JSON.stringify counts as too large. */
function bytesOf(value: unknown): number {
  try {
    return Buffer.byteLength(JSON.stringify(value));
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

const IDEMPOTENCY_KEY = /^[\x20-\x7e]{8,128}$/;

export const idempotencyKey = z
  .string({ error: "'idempotency_key' must be a string." })
  .regex(IDEMPOTENCY_KEY, { error: "'idempotency_key' must be 8 to 128 printable ASCII characters." })
  .describe('A repeated request with the same key returns the first response and sends nothing.');

/** The Textree API and the MCP tools share one key space. */
export function idempotencyOf(key: string | null | undefined): Idempotency | undefined {
  // The line break separates this key space: a header of another API cannot contain one.
  return key == null ? undefined : { key: `textree\n${key}`, comparesBody: false };
}

/** Parses an id in a path. A malformed id is handled like an unknown id (404). @throws HomingError */
export function idInPath(prefix: IdPrefix, shown: string | undefined, what: string): string {
  const id = parseId(prefix, shown ?? '');
  if (id === undefined) throw notFound(what);
  return id;
}
