/** Making, changing and removing contacts: one for each correspondent. */
import type { IdSource } from '../../../shared/ids.ts';
import type { Contact } from '../model/contact.ts';
import { conflict, notFound } from '../model/errors.ts';
import type { Queries } from '../ports/store.ts';

export interface ContactContext {
  now: () => number;
  ids: IdSource;
}

export async function createContact(
  tx: Queries,
  wanted: Pick<Contact, 'tenantId' | 'handle' | 'name' | 'email' | 'customFields'>,
  { now, ids }: ContactContext,
): Promise<Contact> {
  if ((await tx.contacts.findByHandle(wanted.tenantId, wanted.handle)) !== undefined) {
    throw conflict(`There is a contact with ${wanted.handle} already.`, 'phone_number');
  }
  const at = now();
  const contact: Contact = { ...wanted, id: ids(), createdAt: at, updatedAt: at };
  await tx.contacts.insert(contact);
  return contact;
}

export async function updateContact(
  tx: Queries,
  tenantId: number,
  id: string,
  change: Partial<Pick<Contact, 'handle' | 'name' | 'email' | 'customFields'>>,
  now: number,
): Promise<Contact> {
  const contact = await tx.contacts.find(tenantId, id);
  if (contact === undefined) throw notFound('Contact');
  const next = { ...contact, ...change, updatedAt: now };
  if (next.handle !== contact.handle) {
    const other = await tx.contacts.findByHandle(tenantId, next.handle);
    if (other !== undefined)
      throw conflict(`There is a contact with ${next.handle} already.`, 'phone_number');
  }
  await tx.contacts.update(next);
  return next;
}

export async function removeContact(tx: Queries, tenantId: number, id: string): Promise<void> {
  if (!(await tx.contacts.remove(tenantId, id))) throw notFound('Contact');
}
