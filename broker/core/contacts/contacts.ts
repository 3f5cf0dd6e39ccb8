/** Creates, updates and removes contacts. A tenant has at most one contact per handle. */
import type { IdSource } from '../../../shared/ids.ts';
import type { Contact } from '../model/contact.ts';
import { conflict, notFound } from '../model/errors.ts';
import type { Queries } from '../ports/store.ts';

export interface ContactContext {
  now: () => number;
  ids: IdSource;
}

type ContactAttributes = Pick<Contact, 'tenantId' | 'handle' | 'name' | 'email' | 'customFields'>;

export async function createContact(
  tx: Queries,
  attributes: ContactAttributes,
  context: ContactContext,
): Promise<Contact> {
  if ((await tx.contacts.findByHandle(attributes.tenantId, attributes.handle)) !== undefined) {
    throw duplicate(attributes.handle);
  }
  const contact = newContact(attributes, context);
  await tx.contacts.insert(contact);
  return contact;
}

export function newContact(attributes: ContactAttributes, { now, ids }: ContactContext): Contact {
  const at = now();
  return { ...attributes, id: ids(), createdAt: at, updatedAt: at };
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
    if (other !== undefined) throw duplicate(next.handle);
  }
  await tx.contacts.update(next);
  return next;
}

export async function removeContact(tx: Queries, tenantId: number, id: string): Promise<void> {
  if (!(await tx.contacts.remove(tenantId, id))) throw notFound('Contact');
}

const duplicate = (handle: string) => conflict(`A contact with the handle ${handle} exists.`, 'phone_number');
