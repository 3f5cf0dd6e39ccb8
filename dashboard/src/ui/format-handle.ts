/** Formats phone numbers for reading: +1 415 555 0123. E-mail addresses and short codes are unchanged. */
import { parsePhoneNumberFromString } from 'libphonenumber-js/min';

const cache = new Map<string, string>();
const CACHE_MAX = 5_000;

export function formatHandle(handle: string): string {
  if (!handle.startsWith('+')) return handle;
  const known = cache.get(handle);
  if (known !== undefined) return known;
  const formatted = parsePhoneNumberFromString(handle)?.formatInternational() ?? handle;
  if (cache.size >= CACHE_MAX) cache.clear();
  cache.set(handle, formatted);
  return formatted;
}
