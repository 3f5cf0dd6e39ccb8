/**
 * Phone numbers and handles. A phone number is strict E.164 text (`+`, 7 to 15 digits) that libphonenumber
 * calls possible; *possible*, not *valid*, so that fictional numbers such as +14155551234 pass. A handle is
 * whatever Messages names a correspondent by: a phone number, a short code or an e-mail address.
 */
import { parsePhoneNumberFromString } from 'libphonenumber-js/min';

const E164 = /^\+[1-9]\d{6,14}$/;
const EMAIL = /^[^\s@]+@[^\s@]+$/;
const SHORT_CODE = /^\d{3,8}$/;

/** Parsing takes about 15 µs and senders write to the same people again, so the last answers are kept. */
const REMEMBERED = 20_000;
const remembered = new Map<string, boolean>();

export function isPhoneNumber(text: string): boolean {
  const known = remembered.get(text);
  if (known !== undefined) return known;
  if (!E164.test(text)) return false;
  const possible = parsePhoneNumberFromString(text)?.isPossible() ?? false;
  if (remembered.size >= REMEMBERED) remembered.clear();
  remembered.set(text, possible);
  return possible;
}

/** A number as it is dialled in the country of another (E.164) one, or undefined where it is none there. */
export function phoneNumberAbroad(text: string, own: string): string | undefined {
  const country = parsePhoneNumberFromString(own)?.countryCallingCode;
  const parsed =
    country === undefined
      ? undefined
      : parsePhoneNumberFromString(text, { defaultCallingCode: country, extract: false });
  return parsed?.isPossible() ? parsed.number : undefined;
}

/**
 * A handle as it is kept: e-mail addresses in lower case, numbers without the spaces and dashes that people
 * write; anything else (an alphanumeric sender, say) is left as it came.
 */
export function normalizeHandle(raw: string): string {
  const text = raw.trim();
  if (EMAIL.test(text)) return text.toLowerCase();
  const bare = text.replace(/[\s().-]/g, '');
  return isPhoneNumber(bare) || SHORT_CODE.test(bare) ? bare : text;
}

/** `+14155550100` → `+1415•••0100`, for logs and lists that others may see. */
export function maskHandle(handle: string): string {
  if (handle.includes('@')) return `${handle.slice(0, 1)}•••${handle.slice(handle.indexOf('@'))}`;
  return handle.length < 9 ? '•••' : `${handle.slice(0, 5)}•••${handle.slice(-4)}`;
}

/** Masks every phone number in a text. */
export function maskNumbers(text: string): string {
  return text.replace(/\+\d{7,15}/g, maskHandle);
}
