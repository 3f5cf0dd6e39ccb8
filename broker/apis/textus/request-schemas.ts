/** Schemas of the bodies that create and update contacts, users, saved replies and integrations. */
import { z } from 'zod';
import { CONTENT_MAX_CHARACTERS } from '../../core/model/message.ts';
import type { UrlOptions } from '../../http/request-schemas.ts';
import {
  anObject,
  callableUrl,
  isSendable,
  isWithin,
  oneOf,
  phoneNumber,
  requiredText,
} from '../../http/request-schemas.ts';
import { ACTION_NAMES } from './integration-actions.ts';

const NAME_MAX = 200;
const EMAIL_MAX = 254;
const CUSTOM_VALUE_MAX = 1_000;
export const CUSTOM_FIELDS_MAX = 100;

/** Allowed in the merge field `{{contact.custom.…}}`. */
const CUSTOM_KEY = /^[\p{L}\p{N}_-]{1,64}$/u;

function storedText(name: string, max: number) {
  return requiredText(name)
    .refine((text) => isWithin(text, max), { error: `'${name}' must be at most ${max} characters.` })
    .refine(isSendable, { error: `'${name}' has a character that cannot be stored.` })
    .meta({ maxLength: max });
}

function filledText(name: string, max: number) {
  return storedText(name, max).refine((text) => text.trim() !== '', {
    error: `'${name}' must not be empty.`,
  });
}

const name = (field: string) => storedText(field, NAME_MAX).transform((text) => text.trim());

const email = storedText('email', EMAIL_MAX).refine((text) => /^[^\s@]+@[^\s@]+$/.test(text), {
  error: "'email' must be an e-mail address.",
});

const custom = z
  .record(
    z
      .string()
      .refine((key) => CUSTOM_KEY.test(key), {
        error: "A key of 'custom' must be 1 to 64 letters, digits, dashes or underscores.",
      })
      // Validators without the flag `u` reject the pattern.
      .meta({ minLength: 1, maxLength: 64 }),
    storedText('custom', CUSTOM_VALUE_MAX).nullable(),
    { error: "'custom' must be an object of strings." },
  )
  .describe('Custom fields. Null deletes a field; omitted fields stay unchanged.');

const contactFields = {
  firstName: name('firstName').nullish().describe('First name. Instead of `name`.'),
  lastName: name('lastName').nullish().describe('Last name. Instead of `name`.'),
  name: name('name').nullish().describe('Complete name; takes precedence over `firstName` and `lastName`.'),
  email: email.nullish().describe('E-mail address; null removes the address.'),
  custom: custom.optional(),
};

export const contactBody = anObject({
  ...contactFields,
  phone: phoneNumber('phone').describe('Phone number in E.164 format.'),
});
export const contactChange = anObject({
  ...contactFields,
  phone: phoneNumber('phone').describe('Phone number in E.164 format.').optional(),
});

export const userChange = anObject({
  name: filledText('name', NAME_MAX).optional().describe('Name of the user.'),
  email: email.nullish().describe('E-mail address; null removes the address.'),
  custom: custom.optional(),
});

export const savedReplyBody = anObject({
  title: filledText('title', NAME_MAX).describe('Name of the saved reply.'),
  body: filledText('body', CONTENT_MAX_CHARACTERS).describe('The text.'),
});

const settings = z.object(
  {
    actions: z
      .partialRecord(
        z.enum(ACTION_NAMES),
        z
          .boolean({
            error: `The value of an action must be true or false. Actions: ${ACTION_NAMES.join(', ')}.`,
          })
          .describe('Whether the events of this action are delivered.'),
        { error: `'actions' must be an object with these keys: ${ACTION_NAMES.join(', ')}.` },
      )
      .optional()
      .describe('The actions and whether their events are delivered; omitted actions stay unchanged.'),
  },
  { error: "'settings' must be an object." },
);

const configError = { error: "'config' must be an object with baseUrl." };

const baseUrl = (options: UrlOptions) =>
  callableUrl('baseUrl', options).describe('URL that receives the events by POST.');

export function integrationBodyFor(options: UrlOptions) {
  return anObject({
    provider: oneOf('provider', ['webhook']).describe('Kind of the integration.'),
    config: z.object({ baseUrl: baseUrl(options) }, configError).describe('Address of the integration.'),
    settings: settings.optional().describe('Settings of the integration.'),
  });
}

export function integrationChangeFor(options: UrlOptions) {
  return anObject({
    config: z
      .object({ baseUrl: baseUrl(options).optional() }, configError)
      .describe('Address of the integration.')
      .optional(),
    settings: settings.optional().describe('Settings of the integration.'),
  });
}
