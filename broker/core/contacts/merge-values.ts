/** Returns the values of merge fields: of the recipient's contact and of the sending user. */
import { findUser } from '../accounts/users.ts';
import { type CustomFields, splitName } from '../model/contact.ts';
import type { Tenant } from '../model/tenant.ts';
import { firstUserId, type User } from '../model/user.ts';
import type { Queries } from '../ports/store.ts';

/** `sender` replaces the name and the address of the first user. */
export async function mergeValues(
  tx: Queries,
  tenant: Tenant,
  recipient: string,
  now: number,
  sender?: Pick<User, 'name' | 'email'>,
): Promise<Map<string, string>> {
  const contact = await tx.contacts.findByHandle(tenant.id, recipient);
  const user = await findUser(tx, tenant, firstUserId(tenant), now);
  const { firstName, lastName } = splitName(contact?.name ?? null);
  const { name, email } = sender ?? user;
  return new Map([
    ...customValues('contact', contact?.customFields ?? {}),
    ...customValues('user', user.customFields),
    ['contact.first_name', firstName ?? ''],
    ['contact.last_name', lastName ?? ''],
    ['contact.name', contact?.name ?? ''],
    ['contact.phone_number', recipient],
    ['contact.email', contact?.email ?? ''],
    ['user.name', name],
    ['user.email', email ?? ''],
  ]);
}

function customValues(owner: string, fields: CustomFields): Array<[string, string]> {
  return Object.entries(fields).map(([name, value]) => [`${owner}.custom.${name}`, String(value)]);
}
