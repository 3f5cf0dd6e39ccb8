/** Fields of a request that mean the same in every API, refused in the same words. */
import { z } from 'zod';
import { isPhoneNumber } from '../../shared/phone-numbers.ts';
import { isSendable, isWithin } from './text-rules.ts';
import { callableUrlWords, isCallableUrl, URL_MAX_CHARACTERS, type UrlRules } from './url-rules.ts';

/** What can be said of phone numbers in a schema; which of them are possible is more. */
const E164 = '^\\+[1-9]\\d{6,14}$';

/** A `+` that was not escaped in the address arrives as a space. */
export const plusOf = (handle: string) => handle.replace(/^ (?=\d)/, '+');

export function anObject<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.object(shape, { error: 'The request body must be a JSON object.' });
}

export function requiredText(name: string) {
  return z.string({
    error: (issue) => (issue.input === undefined ? `'${name}' is required.` : `'${name}' must be a string.`),
  });
}

export function phoneNumber(name: string) {
  return requiredText(name)
    .refine(isPhoneNumber, {
      error: `'${name}' must be a phone number in E.164 format, such as +14155550100.`,
    })
    .meta({ pattern: E164, examples: ['+14155550100'] });
}

/** What a message says. */
export function messageText(name: string, maxCharacters: number) {
  return requiredText(name)
    .min(1, { error: `'${name}' must not be empty.` })
    .refine((given) => isWithin(given, maxCharacters), {
      error: `'${name}' must be at most ${maxCharacters} characters.`,
    })
    .refine(isSendable, {
      error: `'${name}' has a character that cannot be sent (NUL or half of a surrogate pair).`,
    })
    .meta({ maxLength: maxCharacters, description: 'The text.' });
}

export function callableUrl(name: string, rules: UrlRules) {
  return requiredText(name)
    .max(URL_MAX_CHARACTERS, { error: `'${name}' must be at most ${URL_MAX_CHARACTERS} characters.` })
    .refine((text) => isCallableUrl(text, rules), { error: `'${name}' must be ${callableUrlWords(rules)}.` })
    .meta({ format: 'uri' });
}

export function oneOf<const Values extends readonly [string, ...string[]]>(name: string, values: Values) {
  return z.enum(values, { error: `'${name}' must be one of: ${values.join(', ')}.` });
}
