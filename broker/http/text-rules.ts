/** Text from customers, as every API that takes some checks it. */
import { z } from 'zod';
import { isPhoneNumber } from '../../shared/phone-numbers.ts';

/** Text that can be stored and sent whole: no NUL, no half of a surrogate pair. */
export function isSendable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** Code points, but counted only where the answer is not plain from the length. */
export function isWithin(text: string, max: number): boolean {
  return text.length <= max || (text.length <= max * 2 && [...text].length <= max);
}

export function requiredText(name: string) {
  return z.string({
    error: (issue) => (issue.input === undefined ? `'${name}' is required.` : `'${name}' must be a string.`),
  });
}

export function phoneNumber(name: string) {
  return requiredText(name).refine(isPhoneNumber, {
    error: `'${name}' must be a phone number in E.164 format, such as +14155550100.`,
  });
}
