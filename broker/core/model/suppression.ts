/**
 * Who does not want to be written to. A correspondent opts out by a text that is nothing but one of the words that
 * carriers know, and in again likewise; a suppression holds for the whole account, whichever number was written to.
 */

export interface Suppression {
  tenantId: number;
  handle: string;
  /** The word that was written, or who put it there. */
  reason: string;
  createdAt: number;
}

const OPT_OUT = new Set(['STOP', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT']);
const OPT_IN = new Set(['START', 'UNSTOP']);
const LONGEST = 20;

/** What a text says of opting out or in, when that is all that it says: in any case, with a full stop or without. */
export function optKeywordOf(text: string): { word: string; isOut: boolean } | undefined {
  if (text.length > LONGEST) return undefined;
  const word = text
    .trim()
    .replace(/[.!]+$/, '')
    .toUpperCase();
  if (OPT_OUT.has(word)) return { word, isOut: true };
  return OPT_IN.has(word) ? { word, isOut: false } : undefined;
}
