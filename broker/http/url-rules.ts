/** Which addresses a customer may give the broker to call. */
import { addressIn, isPublicAddress } from '../../shared/public-addresses.ts';
import { isSendable } from './text-rules.ts';

export interface UrlRules {
  /** Whether it may be http:// or private. */
  allowsPrivateUrls: boolean;
}

export const URL_MAX_CHARACTERS = 2_048;

/** What a name leads to is looked at when it is called. */
export function isCallableUrl(text: string, { allowsPrivateUrls }: UrlRules): boolean {
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
export function callableUrlWords({ allowsPrivateUrls }: UrlRules): string {
  return allowsPrivateUrls ? 'an http:// or https:// URL' : 'a public https:// URL';
}
