/** Loads the values of merge fields: the recipient's contact and the sending user. */

import { findUser } from '../../core/accounts/users.ts';
import type { CustomFields } from '../../core/model/contact.ts';
import type { Tenant } from '../../core/model/tenant.ts';
import { firstUserId } from '../../core/model/user.ts';
import type { Queries } from '../../core/ports/store.ts';
import { splitName } from './contact-fields.ts';

export async function mergeValues(
  tx: Queries,
  tenant: Tenant,
  recipient: string,
  now: number,
): Promise<Map<string, string>> {
  const contact = await tx.contacts.findByHandle(tenant.id, recipient);
  const user = await findUser(tx, tenant, firstUserId(tenant), now);
  const { firstName, lastName } = splitName(contact?.name ?? null);
  return new Map([
    ...customValues('contact', contact?.customFields ?? {}),
    ...customValues('user', user.customFields),
    ['contact.first_name', firstName ?? ''],
    ['contact.last_name', lastName ?? ''],
    ['contact.name', contact?.name ?? ''],
    ['contact.phone_number', recipient],
    ['contact.email', contact?.email ?? ''],
    ['user.name', user.name],
    ['user.email', user.email ?? ''],
  ]);
}

function customValues(owner: string, fields: CustomFields): Array<[string, string]> {
  return Object.entries(fields).map(([name, value]) => [`${owner}.custom.${name}`, String(value)]);
}
