/** Schemas of the sign-in. */
import { z } from 'zod';
import { ROLES } from '../../../core/model/member.ts';
import { anObject, isSendable, requiredText } from '../../../http/request-schemas.ts';

const EMAIL_MAX_CHARACTERS = 254;
const NAME_MAX_CHARACTERS = 100;
const PASSWORD_MIN_CHARACTERS = 10;
const PASSWORD_MAX_CHARACTERS = 200;

/** 32 bytes, base64url. */
const linkToken = requiredText('token').max(100, { error: "'token' must be the token of a sign-in link." });

const email = requiredText('email')
  .trim()
  .max(EMAIL_MAX_CHARACTERS, { error: `'email' must be at most ${EMAIL_MAX_CHARACTERS} characters.` })
  .pipe(z.email({ error: "'email' must be an e-mail address, such as robin@example.com." }));

export const memberName = requiredText('name')
  .trim()
  .min(1, { error: "'name' must not be empty." })
  .max(NAME_MAX_CHARACTERS, { error: `'name' must be at most ${NAME_MAX_CHARACTERS} characters.` })
  .refine(isSendable, { error: "'name' has a character that cannot be stored." });

export function newPassword(name: string) {
  return requiredText(name)
    .min(PASSWORD_MIN_CHARACTERS, {
      error: `'${name}' must be at least ${PASSWORD_MIN_CHARACTERS} characters.`,
    })
    .max(PASSWORD_MAX_CHARACTERS, {
      error: `'${name}' must be at most ${PASSWORD_MAX_CHARACTERS} characters.`,
    });
}

export function knownPassword(name: string) {
  return requiredText(name).max(PASSWORD_MAX_CHARACTERS, {
    error: `'${name}' must be at most ${PASSWORD_MAX_CHARACTERS} characters.`,
  });
}

export const signInBody = anObject({
  email: requiredText('email').max(EMAIL_MAX_CHARACTERS, {
    error: `'email' must be at most ${EMAIL_MAX_CHARACTERS} characters.`,
  }),
  password: knownPassword('password'),
});

export const linkBody = anObject({ token: linkToken });

export const useLinkBody = anObject({
  token: linkToken,
  name: memberName.optional(),
  email: email.optional(),
  password: newPassword('password').optional(),
});

export const linkInfo = z.object({
  /** Slug of the account. */
  account: z.string(),
  role: z.enum(ROLES),
  expiresAt: z.number(),
  /** Name and e-mail address of the member whom the link signs in; null: the link creates a member. */
  name: z.string().nullable(),
  email: z.string().nullable(),
  /** Whether the member has a password; a new member has to set one. */
  hasPassword: z.boolean(),
});
export type LinkInfo = z.infer<typeof linkInfo>;
