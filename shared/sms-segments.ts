/**
 * How many SMS a text takes: 160 characters of GSM-7 in one, 153 in each of several; 70 and 67 where the text needs
 * UCS-2.
 */
import { SegmentedMessage } from 'sms-segments-calculator';

export function countSegments(text: string): number {
  return text === '' ? 1 : new SegmentedMessage(text).segmentsCount;
}
