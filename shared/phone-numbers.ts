/**
 * Validates, normalizes and masks phone numbers and handles.
 *
 * - A phone number is E.164 text (`+`, 7 to 15 digits) that libphonenumber considers possible. It need not be valid, so
 *   fictional numbers such as +14155551234 are accepted.
 * - A handle is an address in Messages: a phone number, a short code or an e-mail address.
 */
import { parsePhoneNumberFromString } from 'libphonenumber-js/min';

const E164 = /^\+[1-9]\d{6,14}$/;
const EMAIL = /^[^\s@]+@[^\s@]+$/;
const SHORT_CODE = /^\d{3,8}$/;

/** Parsing takes about 15 µs and many messages go to the same recipients, so results are cached. */
const CACHE_MAX = 20_000;
const isPossible = new Map<string, boolean>();

export function isPhoneNumber(text: string): boolean {
  const cached = isPossible.get(text);
  if (cached !== undefined) return cached;
  if (!E164.test(text)) return false;
  const possible = parsePhoneNumberFromString(text)?.isPossible() ?? false;
  if (isPossible.size >= CACHE_MAX) isPossible.clear();
  isPossible.set(text, possible);
  return possible;
}

/**
 * Parses a number as it is dialled in the country of the number `own` (E.164). Returns undefined for an impossible
 * number.
 */
export function parseNationalNumber(text: string, own: string): string | undefined {
  const country = parsePhoneNumberFromString(own)?.countryCallingCode;
  const parsed =
    country === undefined
      ? undefined
      : parsePhoneNumberFromString(text, { defaultCallingCode: country, extract: false });
  return parsed?.isPossible() ? parsed.number : undefined;
}

/**
 * Normalizes a handle: e-mail addresses to lower case, phone numbers and short codes without separators. Other text,
 * such as an alphanumeric sender, is only trimmed.
 */
export function normalizeHandle(raw: string): string {
  const text = raw.trim();
  if (EMAIL.test(text)) return text.toLowerCase();
  const bare = text.replace(/[\s().-]/g, '');
  return isPhoneNumber(bare) || SHORT_CODE.test(bare) ? bare : text;
}

export function isEmailAddress(text: string): boolean {
  return EMAIL.test(text);
}

/** True for a phone number, a short code or an e-mail address. */
export function isHandle(text: string): boolean {
  return isPhoneNumber(text) || SHORT_CODE.test(text) || EMAIL.test(text);
}

/** `+14155550100` → `+1415•••0100`, for logs and shared lists. */
export function maskHandle(handle: string): string {
  if (handle.includes('@')) return `${handle.slice(0, 1)}•••${handle.slice(handle.indexOf('@'))}`;
  return handle.length < 9 ? '•••' : `${handle.slice(0, 5)}•••${handle.slice(-4)}`;
}

/** Masks every phone number in a text. */
export function maskNumbers(text: string): string {
  return text.replace(/\+\d{7,15}/g, maskHandle);
}
