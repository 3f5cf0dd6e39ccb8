/** Fields of a request that mean the same in every API, refused in the same words. */
import { z } from 'zod';
import { type IdPrefix, parseId } from '../../shared/ids.ts';
import { isPhoneNumber } from '../../shared/phone-numbers.ts';
import { addressIn, isPublicAddress } from '../../shared/public-addresses.ts';
import type { Idempotency } from '../core/messages/send-request.ts';
import { notFound } from '../core/model/errors.ts';

/** What can be said of phone numbers in a schema; which of them are possible is more. */
const E164 = '^\\+[1-9]\\d{6,14}$';

/** A `+` that was not escaped in the address arrives as a space. */
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

/** What a message says. */
export function messageText(name: string, maxCharacters: number) {
  return requiredText(name)
    .min(1, { error: `'${name}' must not be empty.` })
    .refine((given) => isWithin(given, maxCharacters), {
      error: `'${name}' must be at most ${maxCharacters} characters.`,
    })
    .refine(isSendable, {
      error: `'${name}' has a character that cannot be sent (NUL or half of a surrogate pair).`,
    })
    .meta({ maxLength: maxCharacters, description: 'The text.' });
}

export function callableUrl(name: string, context: UrlOptions) {
  return requiredText(name)
    .max(URL_MAX_CHARACTERS, { error: `'${name}' must be at most ${URL_MAX_CHARACTERS} characters.` })
    .refine((text) => isCallableUrl(text, context), {
      error: `'${name}' must be ${callableUrlWords(context)}.`,
    })
    .meta({ format: 'uri' });
}

export function oneOf<const Values extends readonly [string, ...string[]]>(name: string, values: Values) {
  return z.enum(values, { error: `'${name}' must be one of: ${values.join(', ')}.` });
}

/** Text that can be stored and sent whole: no NUL, no half of a surrogate pair. */
export function isSendable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** Code points, but counted only where the answer is not plain from the length. */
export function isWithin(text: string, max: number): boolean {
  return text.length <= max || (text.length <= max * 2 && [...text].length <= max);
}

const YEAR_MS = 366 * 86_400_000;

/** Any time. */
export function timeIn(name: string) {
  return z.iso
    .datetime({ offset: true, error: `'${name}' must be a time such as 2026-11-21T15:00:00Z.` })
    .transform((text) => Date.parse(text));
}

/** A time ahead, at most a year. */
export function timeAhead(name: string, now: () => number) {
  return timeIn(name).refine((at) => at > now() && at <= now() + YEAR_MS, {
    error: `'${name}' must be in the future, within a year.`,
  });
}

export interface UrlOptions {
  /** Whether it may be http:// or private. */
  allowsPrivateUrls: boolean;
}

export const URL_MAX_CHARACTERS = 2_048;

/** What a name leads to is looked at when it is called. */
export function isCallableUrl(text: string, { allowsPrivateUrls }: UrlOptions): boolean {
  if (!isSendable(text) || !URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return false;
  if (allowsPrivateUrls) return /^https?:$/.test(url.protocol);
  if (url.protocol !== 'https:') return false;
  const address = addressIn(url);
  if (address !== undefined) return isPublicAddress(address);
  return url.hostname.includes('.') && !/\.(localhost|local|internal)\.?$/.test(url.hostname);
}

/** What an address must be, in the words of the refusal. */
export function callableUrlWords({ allowsPrivateUrls }: UrlOptions): string {
  return allowsPrivateUrls ? 'an http:// or https:// URL' : 'a public https:// URL';
}

const METADATA_MAX_BYTES = 4 * 1024;

export const metadataSchema = z
  .record(z.string(), z.unknown(), { error: "'metadata' must be a JSON object." })
  .refine((given) => bytesOf(given) <= METADATA_MAX_BYTES, {
    error: `'metadata' must be at most ${METADATA_MAX_BYTES / 1024} KB as JSON.`,
  });

/** What is nested too deep to be written is too large as well. */
function bytesOf(value: unknown): number {
  try {
    return Buffer.byteLength(JSON.stringify(value));
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

const FORM = /^[\x20-\x7e]{8,128}$/;

export const idempotencyKey = z
  .string({ error: "'idempotency_key' must be a string." })
  .regex(FORM, { error: "'idempotency_key' must be 8 to 128 printable ASCII characters." })
  .describe('A repeat with the same key gets the first answer and sends nothing.');

/** The same key means the same message, whether it comes by Textree's API or by one of its tools. */
export function idempotencyOf(key: string | null | undefined): Idempotency | undefined {
  // No header of another API can hold a line break.
  return key == null ? undefined : { key: `textree\n${key}`, comparesBody: false };
}

/** @throws HomingError */
export function idInPath(prefix: IdPrefix, shown: string | undefined, what: string): string {
  const id = parseId(prefix, shown ?? '');
  if (id === undefined) throw notFound(what);
  return id;
}
