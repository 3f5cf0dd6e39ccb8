/**
 * Defines suppressions: recipients that have opted out. A recipient opts out, or in again, with a message that consists
 * of one of the keywords that mobile carriers recognize. A suppression applies to all numbers of the tenant.
 */
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

/** Returns the keyword if the text contains nothing else. Ignores case and final full stops and exclamation marks. */
export function optKeywordOf(text: string): { word: string; isOut: boolean } | undefined {
  if (text.length > KEYWORD_MAX_CHARACTERS) return undefined;
  const word = text
    .trim()
    .replace(/[.!]+$/, '')
    .toUpperCase();
  if (OPT_OUT.has(word)) return { word, isOut: true };
  return OPT_IN.has(word) ? { word, isOut: false } : undefined;
}
