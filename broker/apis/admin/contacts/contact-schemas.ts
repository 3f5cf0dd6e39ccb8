/** Schemas of contacts and opt-outs. */
import { z } from 'zod';
import { isHandle, normalizeHandle } from '../../../../shared/phone-numbers.ts';
import type { ContactPlace } from '../../../core/ports/contacts.ts';
import { pageLimit } from '../../../http/pagination.ts';
import { anObject, isSendable, isWithin, requiredText } from '../../../http/request-schemas.ts';

const NAME_MAX_CHARACTERS = 200;
const EMAIL_MAX_CHARACTERS = 320;
const VALUE_MAX_CHARACTERS = 1_000;
const REASON_MAX_CHARACTERS = 200;
export const CUSTOM_FIELDS_MAX = 50;
export const FIELD_NAME = /^\w{1,64}$/;

/** Schema of the handle of a contact: normalized, then checked. */
export const contactHandle = requiredText('handle')
  .max(320, { error: "'handle' must be at most 320 characters." })
  .transform(normalizeHandle)
  .refine(isHandle, {
    error: "'handle' must be a phone number such as +14155550100, a short code or an e-mail address.",
  });

/** An empty field of a form counts as null. */
const emptyAsNull = (text: string) => (text === '' ? null : text);

export const contactName = z
  .string({ error: "'name' must be a string." })
  .transform((text) => text.trim())
  .refine((text) => isWithin(text, NAME_MAX_CHARACTERS), {
    error: `'name' must be at most ${NAME_MAX_CHARACTERS} characters.`,
  })
  .refine(isSendable, { error: "'name' has a character that cannot be stored." })
  .transform(emptyAsNull);

export const contactEmail = z
  .string({ error: "'email' must be a string." })
  .max(EMAIL_MAX_CHARACTERS, { error: `'email' must be at most ${EMAIL_MAX_CHARACTERS} characters.` })
  .transform((text) => text.trim())
  .refine((text) => text === '' || z.regexes.email.test(text), {
    error: "'email' must be an e-mail address.",
  })
  .transform(emptyAsNull);

const VALUE_ERROR = `The values of 'customFields' must be strings of at most ${VALUE_MAX_CHARACTERS} characters, numbers, true or false.`;
const FIELDS_ERROR =
  "'customFields' must be a JSON object with names of 1 to 64 letters, digits or underscores.";

export const fieldText = z
  .string()
  .refine((text) => isWithin(text, VALUE_MAX_CHARACTERS) && isSendable(text));

const fieldValue = z.union([fieldText, z.number(), z.boolean()], { error: VALUE_ERROR });

/** An update changes only the given fields; null deletes a field. */
const fieldChanges = z
  .record(z.string(), fieldValue.nullable(), { error: FIELDS_ERROR })
  .refine((fields) => Object.keys(fields).every((key) => FIELD_NAME.test(key) && key !== '__proto__'), {
    error: FIELDS_ERROR,
  })
  .refine((fields) => Object.keys(fields).length <= CUSTOM_FIELDS_MAX, {
    error: `'customFields' must have at most ${CUSTOM_FIELDS_MAX} fields.`,
  });

export const contactRequest = anObject({
  handle: contactHandle,
  name: contactName.nullish(),
  email: contactEmail.nullish(),
  customFields: fieldChanges.optional(),
});

export const contactChange = anObject({
  handle: contactHandle.optional(),
  name: contactName.nullish(),
  email: contactEmail.nullish(),
  customFields: fieldChanges.optional(),
});

/** Schema of a cursor that names a place in the list of contacts. */
const contactCursor = z
  .string({ error: "'cursor' must be given once." })
  .max(2_000, { error: "'cursor' is too long." })
  .transform((shown, context) => {
    const place = placeIn(shown);
    if (place !== undefined) return place;
    context.addIssue({ code: 'custom', message: "'cursor' is not a place in this list." });
    return z.NEVER;
  })
  .optional();

export function cursorOfPlace({ key, id }: ContactPlace): string {
  return Buffer.from(JSON.stringify([key, id])).toString('base64url');
}

function placeIn(cursor: string): ContactPlace | undefined {
  try {
    const parsed = z
      .tuple([z.string(), z.string()])
      .safeParse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    return parsed.data && { key: parsed.data[0], id: parsed.data[1] };
  } catch {
    return undefined;
  }
}

const search = z
  .string({ error: "'search' must be given once." })
  .max(200, { error: "'search' must be at most 200 characters." })
  .transform((text) => text.trim() || undefined)
  .optional();

export const contactQuery = z.object({ search, limit: pageLimit(200), cursor: contactCursor });

export const contact = z.object({
  id: z.string(),
  handle: z.string(),
  name: z.string().nullable(),
  email: z.string().nullable(),
  customFields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  isOptedOut: z.boolean(),
  createdAt: z.number(),
  updatedAt: z.number(),
});
export type ContactBody = z.infer<typeof contact>;

export const contactList = z.object({
  /** By name. With a search, a page may have fewer rows than the limit and still have a next page. */
  contacts: z.array(contact),
  next: z.string().nullable(),
});
export type ContactListBody = z.infer<typeof contactList>;

const optOutOrigin = z.enum(['message', 'api', 'command_line', 'dashboard', 'note']);

export const optOut = z.object({
  handle: z.string(),
  /** The keyword of the message, the origin, or a note. */
  reason: z.string(),
  origin: optOutOrigin,
  contactId: z.string().nullable(),
  contactName: z.string().nullable(),
  createdAt: z.number(),
});
export type OptOutBody = z.infer<typeof optOut>;

export const contactDetail = contact.extend({
  optOut: optOut.nullable(),
  /** Messages of the contact are not in the inbox. */
  isBlocked: z.boolean(),
  /** The conversations with the contact, one for each number. */
  conversations: z.array(
    z.object({
      id: z.string(),
      numberId: z.string(),
      ownNumber: z.string(),
      totalCount: z.number(),
      unreadCount: z.number(),
      updatedAt: z.number(),
    }),
  ),
});
export type ContactDetailBody = z.infer<typeof contactDetail>;

const skippedRows = {
  /** The first 1,000 skipped rows. */
  skipped: z.array(z.object({ line: z.number(), reason: z.string() })),
  skippedCount: z.number(),
};

export const contactImport = z.object({
  created: z.number(),
  updated: z.number(),
  unchanged: z.number(),
  ...skippedRows,
});
export type ContactImportBody = z.infer<typeof contactImport>;

export const contactImportPreview = z.object({
  columns: z.array(
    z.object({
      /** As in the first line of the file. */
      name: z.string(),
      use: z.enum([
        ...(['handle', 'name', 'firstName', 'lastName', 'email', 'optedOut'] as const),
        ...(['customField', 'ignored'] as const),
      ]),
      /** Name of the custom field. */
      field: z.string().nullable(),
    }),
  ),
  /** Cells of the first five rows. */
  firstRows: z.array(z.array(z.string())),
  /** Number of rows that an import does not skip. */
  contactCount: z.number(),
  ...skippedRows,
});
export type ContactImportPreviewBody = z.infer<typeof contactImportPreview>;

export const contactFields = z.object({ fields: z.array(z.string()) });
export type ContactFieldsBody = z.infer<typeof contactFields>;

export const optOutQuery = z.object({
  limit: pageLimit(200),
  /** The last handle of the previous page. */
  cursor: z
    .string({ error: "'cursor' must be given once." })
    .max(320, { error: "'cursor' is too long." })
    .optional(),
});

export const optOutRequest = anObject({
  handle: contactHandle,
  reason: z
    .string({ error: "'reason' must be a string." })
    .refine((text) => isWithin(text, REASON_MAX_CHARACTERS) && isSendable(text), {
      error: `'reason' must be at most ${REASON_MAX_CHARACTERS} characters.`,
    })
    .transform((text) => text.trim() || undefined)
    .optional(),
});

export const optOutList = z.object({ optOuts: z.array(optOut), next: z.string().nullable() });
export type OptOutListBody = z.infer<typeof optOutList>;
