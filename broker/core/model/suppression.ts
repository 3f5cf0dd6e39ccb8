/**
 * Defines suppressions: recipients that have opted out. A recipient opts out, or in again, with a message that consists
 * of one of the keywords that mobile carriers recognize, or of a keyword in a language of the number's country. A
 * suppression applies to all numbers of the tenant.
 */
import { optOutWordsOf } from './opt-out-words.ts';

export interface Suppression {
  tenantId: number;
  handle: string;
  /** The keyword of the message, or the origin of a suppression made by API. */
  reason: string;
  createdAt: number;
}

const OPT_OUT = new Set(['STOP', 'STOPALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT', 'REVOKE', 'OPTOUT']);
const OPT_IN = new Set(['START', 'UNSTOP']);
const KEYWORD_MAX_CHARACTERS = 20;

/**
 * Returns the keyword if the text contains nothing else. Ignores case, accents, and final full stops and exclamation marks.
 *
 * @param ownNumber the number that received the text: its country decides on the languages
 */
export function optKeywordOf(text: string, ownNumber: string): { word: string; isOut: boolean } | undefined {
  if (text.length > KEYWORD_MAX_CHARACTERS) return undefined;
  const word = text
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .trim()
    .replace(/[.!]+$/, '')
    .toUpperCase();
  if (OPT_OUT.has(word) || optOutWordsOf(ownNumber).has(word)) return { word, isOut: true };
  return OPT_IN.has(word) ? { word, isOut: false } : undefined;
}
