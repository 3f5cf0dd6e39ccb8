/** Finds contacts by phone number or name. */
import { z } from 'zod';
import type { Contact } from '../../core/model/contact.ts';
import { isSendable, phoneNumber, requiredText } from '../../http/request-schemas.ts';
import type { ToolOptions } from './options.ts';
import { contactSchema } from './schemas.ts';
import { serializeContact } from './serializers.ts';
import { type AnyTool, LOOK_UP_TIMEOUT_MS, parameters, tool } from './tool.ts';

const NAME_MAX_CHARACTERS = 200;
const CONTACTS_MAX = 20;

const input = parameters({
  phone_number: phoneNumber('phone_number')
    .describe('Phone number of the contact, in E.164 format.')
    .optional(),
  name: requiredText('name')
    .min(1, { error: "'name' must not be empty." })
    .max(NAME_MAX_CHARACTERS, { error: `'name' must be at most ${NAME_MAX_CHARACTERS} characters.` })
    .refine(isSendable, { error: "'name' has a character that cannot be stored." })
    .describe('Name of the contact, or a part of it.')
    .optional(),
}).refine(({ phone_number, name }) => (phone_number === undefined) !== (name === undefined), {
  error: "Either 'phone_number' or 'name' is required, not both.",
  when: ({ value }) => typeof value === 'object' && value !== null,
});

export function contactTools({ store }: ToolOptions): AnyTool[] {
  const find = async (
    tenantId: number,
    { phone_number = '', name }: z.infer<typeof input>,
  ): Promise<Contact[]> => {
    if (name !== undefined) return store.read.contacts.named(tenantId, name, CONTACTS_MAX);
    const contact = await store.read.contacts.findByHandle(tenantId, phone_number);
    return contact === undefined ? [] : [contact];
  };

  return [
    tool({
      name: 'contacts.lookup',
      title: 'Look up a contact',
      description:
        `Finds contacts of this account by phone number, or by name or part of a name (at most ${CONTACTS_MAX} contacts). ` +
        'Use it to find the phone number of a contact by name, or the name by phone number. An empty list means that no contact matches.',
      input,
      output: z.object({ contacts: z.array(contactSchema).describe('The matching contacts.') }),
      scopes: ['messages:read'],
      timeoutMs: LOOK_UP_TIMEOUT_MS,
      isReadOnly: true,
      example: { phone_number: '+15005550010' },
      async run({ tenant }, params) {
        const found = await find(tenant.id, params);
        const handles = found.map(({ handle }) => handle);
        const optedOut = await store.read.suppressions.filterSuppressed(tenant.id, handles);
        return { contacts: found.map((contact) => serializeContact(contact, optedOut.has(contact.handle))) };
      },
    }),
  ];
}
