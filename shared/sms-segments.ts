/**
 * How many SMS a text takes: 160 characters of GSM-7 in one, 153 in each of several; 70 and 67 where the text needs
 * UCS-2.
 */
import { split } from 'split-sms';

/** What most texts are; looking at each of their characters takes many times as long. */
const SHORT_AND_PLAIN = /^[\w \n\r!"#$%&'()*+,./:;<=>?@-]{0,160}$/;

export function countSegments(text: string): number {
  return SHORT_AND_PLAIN.test(text) ? 1 : split(text, { summary: true }).parts.length;
}
