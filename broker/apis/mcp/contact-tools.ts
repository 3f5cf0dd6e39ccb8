/** Who somebody is: contacts, found by their number or their name. */
import { z } from 'zod';
import { formatId } from '../../../shared/ids.ts';
import type { Contact } from '../../core/model/contact.ts';
import { isSendable, phoneNumber, requiredText } from '../../http/request-schemas.ts';
import type { ToolContext } from './options.ts';
import { type AnyTool, LOOK_UP_TIMEOUT_MS, parameters, tool } from './tool.ts';

const NAME_MAX_CHARACTERS = 200;
/** Somebody who finds more should say more. */
const FOUND_MAX = 20;

const input = parameters({
  phone_number: phoneNumber('phone_number').describe('Their phone number, in E.164 format.').optional(),
  name: requiredText('name')
    .min(1, { error: "'name' must not be empty." })
    .max(NAME_MAX_CHARACTERS, { error: `'name' must be at most ${NAME_MAX_CHARACTERS} characters.` })
    .refine(isSendable, { error: "'name' has a character that no name has." })
    .describe('Their name, or a part of it.')
    .optional(),
}).refine(({ phone_number, name }) => (phone_number === undefined) !== (name === undefined), {
  error: "Give either 'phone_number' or 'name', and not both.",
  when: ({ value }) => typeof value === 'object' && value !== null,
});

const output = z.object({
  contacts: z.array(
    z.object({
      id: z.string(),
      phone_number: z.string().describe('Or the e-mail address by which they are written to.'),
      name: z.string().nullable(),
      email: z.string().nullable(),
      custom_fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
      opted_out: z.boolean().describe('They must not be written to.'),
    }),
  ),
});

export function contactTools({ store }: ToolContext): AnyTool[] {
  const find = async (
    tenantId: number,
    { phone_number, name }: z.infer<typeof input>,
  ): Promise<Contact[]> => {
    if (name !== undefined) return store.read.contacts.named(tenantId, name, FOUND_MAX);
    const contact = await store.read.contacts.findByHandle(tenantId, phone_number!);
    return contact === undefined ? [] : [contact];
  };

  return [
    tool({
      name: 'contacts.lookup',
      title: 'Look up a contact',
      description:
        `Finds contacts of this account by phone number, or by name or part of a name (at most ${FOUND_MAX}). ` +
        'Use it to learn the number of somebody who was named, or who a number belongs to. An empty list means that nobody is known by that.',
      input,
      output,
      scopes: [],
      timeoutMs: LOOK_UP_TIMEOUT_MS,
      isReadOnly: true,
      example: { phone_number: '+15005550010' },
      async run({ tenant }, params) {
        const found = await find(tenant.id, params);
        const handles = found.map(({ handle }) => handle);
        const out = await store.read.suppressions.filterSuppressed(tenant.id, handles);
        return { contacts: found.map((contact) => serializeContact(contact, out.has(contact.handle))) };
      },
    }),
  ];
}

function serializeContact({ id, handle, name, email, customFields }: Contact, isOptedOut: boolean) {
  return {
    id: formatId('con', id),
    phone_number: handle,
    name,
    email,
    custom_fields: customFields,
    opted_out: isOptedOut,
  };
}
