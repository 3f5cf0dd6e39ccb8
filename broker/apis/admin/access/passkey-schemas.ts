/** Schemas of passkeys. */
import { z } from 'zod';
import { anObject, isSendable, requiredText } from '../../../http/request-schemas.ts';

const NAME_MAX_CHARACTERS = 100;
const BASE64_URL = /^[\w-]+$/;

/** The package that verifies the response checks the content of these fields. */
const bytes = (name: string) =>
  requiredText(name).regex(BASE64_URL, { error: `'${name}' must be base64url.` });

/** The result of `navigator.credentials`, as JSON. Browsers add fields, which are ignored. */
const credential = {
  id: bytes('id'),
  rawId: bytes('rawId'),
  type: z.literal('public-key', { error: "'type' must be 'public-key'." }),
  clientExtensionResults: z.looseObject({}).default({}),
};

export const registration = z.looseObject(
  {
    ...credential,
    response: z.looseObject({
      clientDataJSON: bytes('clientDataJSON'),
      attestationObject: bytes('attestationObject'),
      transports: z.array(z.string().max(20)).max(10).default([]),
    }),
  },
  { error: "'response' must be the result of navigator.credentials.create()." },
);

export const assertion = z.looseObject(
  {
    ...credential,
    response: z.looseObject({
      clientDataJSON: bytes('clientDataJSON'),
      authenticatorData: bytes('authenticatorData'),
      signature: bytes('signature'),
    }),
  },
  { error: "'response' must be the result of navigator.credentials.get()." },
);

export const passkeyBody = anObject({
  name: requiredText('name')
    .trim()
    .min(1, { error: "'name' must not be empty." })
    .max(NAME_MAX_CHARACTERS, { error: `'name' must be at most ${NAME_MAX_CHARACTERS} characters.` })
    .refine(isSendable, { error: "'name' has a character that cannot be stored." }),
  response: registration,
});

export const assertionBody = anObject({ response: assertion });

/** Options for `navigator.credentials`, as JSON. */
export const passkeyOptions = z.looseObject({ challenge: z.string() });

export const passkey = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: z.number(),
  lastUsedAt: z.number().nullable(),
});
export type PasskeyBody = z.infer<typeof passkey>;

export const passkeyList = z.object({ passkeys: z.array(passkey) });
export type PasskeyList = z.infer<typeof passkeyList>;
