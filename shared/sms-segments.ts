/**
 * Counts the SMS segments of a text: 160 characters of GSM-7 in a single segment, 153 in each segment of a longer text;
 * 70 and 67 characters for UCS-2.
 */
import { split } from 'split-sms';

/** Fast path: most texts have one GSM-7 segment, and `split` is many times slower than this expression. */
const SHORT_AND_PLAIN = /^[\w \n\r!"#$%&'()*+,./:;<=>?@-]{0,160}$/;

/** Returns the encoding of a text in SMS. */
export function smsEncoding(text: string): 'GSM-7' | 'UCS-2' {
  if (SHORT_AND_PLAIN.test(text)) return 'GSM-7';
  return split(text, { summary: true }).characterSet === 'GSM' ? 'GSM-7' : 'UCS-2';
}

export function countSegments(text: string): number {
  return SHORT_AND_PLAIN.test(text) ? 1 : split(text, { summary: true }).parts.length;
}
