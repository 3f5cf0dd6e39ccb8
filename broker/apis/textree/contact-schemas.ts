/** Schemas of contacts. */
import { z } from 'zod';
import { pageEnd } from '../../http/pagination.ts';
import { anObject, isSendable, isWithin, phoneNumber } from '../../http/request-schemas.ts';
import { pageQuery, time } from './schemas.ts';

const NAME_MAX_CHARACTERS = 200;
const EMAIL_MAX_CHARACTERS = 320;
const VALUE_MAX_CHARACTERS = 1_000;
export const CUSTOM_FIELDS_MAX = 50;
const FIELD_NAME = /^\w{1,64}$/;

const name = z
  .string({ error: "'name' must be a string." })
  .refine((text) => isWithin(text, NAME_MAX_CHARACTERS), {
    error: `'name' must be at most ${NAME_MAX_CHARACTERS} characters.`,
  })
  .refine(isSendable, { error: "'name' has a character that cannot be stored." })
  .meta({ maxLength: NAME_MAX_CHARACTERS, description: 'Name of the contact; null: no name.' });

const email = z
  .string({ error: "'email' must be a string." })
  .max(EMAIL_MAX_CHARACTERS, { error: `'email' must be at most ${EMAIL_MAX_CHARACTERS} characters.` })
  .regex(z.regexes.email, { error: "'email' must be an e-mail address." })
  .meta({ format: 'email', description: 'E-mail address of the contact; null: no address.' });

const VALUE_ERROR = `The values of 'custom_fields' must be strings of at most ${VALUE_MAX_CHARACTERS} characters, numbers, true or false.`;
const value = z.union(
  [
    z
      .string()
      .refine((text) => isWithin(text, VALUE_MAX_CHARACTERS) && isSendable(text), { error: VALUE_ERROR }),
    z.number(),
    z.boolean(),
  ],
  { error: VALUE_ERROR },
);

const VALUE_TYPES = ['string', 'number', 'boolean'];

function customFields<Value extends z.ZodType>(valueSchema: Value, types: readonly string[]) {
  return z
    .unknown()
    .refine(hasPlainNames, {
      error: "'custom_fields' must be a JSON object with names of 1 to 64 letters, digits or underscores.",
    })
    .pipe(z.record(z.string(), valueSchema))
    .refine((fields) => Object.keys(fields).length <= CUSTOM_FIELDS_MAX, {
      error: `'custom_fields' must have at most ${CUSTOM_FIELDS_MAX} fields.`,
    })
    .meta({
      type: 'object',
      propertyNames: { pattern: FIELD_NAME.source },
      additionalProperties: { type: types },
      maxProperties: CUSTOM_FIELDS_MAX,
      description:
        'Your own fields of the contact, by name. An update changes only the given fields; null deletes a field.',
    });
}

function hasPlainNames(fields: unknown): boolean {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return false;
  return Object.keys(fields).every((key) => FIELD_NAME.test(key) && key !== '__proto__');
}

const optedOut = z
  .boolean({ error: "'opted_out' must be true or false." })
  .describe('Whether the contact has opted out of messages.');

export const contactBody = anObject({
  phone_number: phoneNumber('phone_number').describe('Phone number of the contact, in E.164 format.'),
  name: name.nullish(),
  email: email.nullish().describe('E-mail address of the contact; null: no address.'),
  custom_fields: customFields(value, VALUE_TYPES).optional(),
  opted_out: optedOut.optional(),
});

/** Null deletes a custom field. Omitted custom fields stay unchanged. */
export const contactUpdateBody = anObject({
  phone_number: phoneNumber('phone_number')
    .optional()
    .describe('Phone number of the contact, in E.164 format.'),
  name: name.nullish(),
  email: email.nullish().describe('E-mail address of the contact; null: no address.'),
  custom_fields: customFields(value.nullable(), [...VALUE_TYPES, 'null']).optional(),
  opted_out: optedOut.optional(),
});

export const contactListQuery = pageQuery('con', 'contact');

const contact = z
  .object({
    id: z.string().describe('Id of the contact: `con_` and 26 letters and digits.'),
    phone_number: z
      .string()
      .describe(
        'Phone number of the contact in E.164 format, or the e-mail address of its iMessage account.',
      ),
    name: z.string().nullable().describe('Name of the contact; null: no name.'),
    email: z.string().nullable().describe('E-mail address of the contact; null: no address.'),
    custom_fields: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
      .describe('Your own fields of the contact, by name.'),
    opted_out: z.boolean().describe('Whether the contact has opted out of messages.'),
    created_at: time.describe('Time at which the contact was created.'),
    updated_at: time.describe('Time of the last change.'),
  })
  .meta({ title: 'Contact', description: 'A saved contact.' });

export const contactResponse = z.object({ contact });
export const contactList = z.object({
  contacts: z.array(contact).describe('The contacts of this page.'),
  ...pageEnd,
});
