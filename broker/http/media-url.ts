/** The address that a customer gives for an attachment. What its name leads to is looked at when it is fetched. */
import { z } from 'zod';
import { addressIn, isPublicAddress } from '../../shared/public-addresses.ts';

const MEDIA_URL_MAX = 2_048;

export interface MediaUrlRules {
  /** Whether it may be http:// or private. */
  allowsPrivateUrls: boolean;
}

export function mediaUrl(name: string, rules: MediaUrlRules) {
  return z
    .string({ error: `'${name}' must be a string.` })
    .max(MEDIA_URL_MAX, { error: `'${name}' must be at most ${MEDIA_URL_MAX} characters.` })
    .refine((text) => isMediaUrl(text, rules), {
      error: rules.allowsPrivateUrls
        ? `'${name}' must be an http:// or https:// URL.`
        : `'${name}' must be a public https:// URL.`,
    });
}

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
