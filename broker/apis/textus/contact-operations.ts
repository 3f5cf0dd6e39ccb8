/** The account's contacts. */

import { type Customer, changeAs } from '../../core/accounts/caller.ts';
import { createContact, updateContact } from '../../core/contacts/contacts.ts';
import type { Contact } from '../../core/model/contact.ts';
import { notFound } from '../../core/model/errors.ts';
import type { Queries } from '../../core/ports/store.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { fullName, givenNames } from './contact-names.ts';
import { changeCustomFields } from './custom-fields.ts';
import { contactBody, contactChange } from './field-schemas.ts';
import { hydraAnswer } from './hydra.ts';
import { idIn } from './names.ts';
import { invalid, refused, type TextusServices } from './options.ts';
import { pageAnswer, pageQuery } from './pagination.ts';
import * as shapes from './response-schemas.ts';
import { showContact } from './serializers.ts';

interface NamesGiven {
  firstName?: string | null | undefined;
  lastName?: string | null | undefined;
  name?: string | null | undefined;
}

export function contactOperations(services: TextusServices): Operation<Customer>[] {
  const { store, rules } = services;
  const example = { firstName: 'Ada', lastName: 'Lovelace', phone: '+14155550101' };
  const shown = { description: 'The contact.', schema: shapes.contact };
  return [
    operation({
      id: 'listContacts',
      method: 'GET',
      path: '/:account/contacts',
      summary: 'List contacts, oldest first',
      permission: 'messages:read',
      query: pageQuery,
      answers: {
        200: { description: 'One page.', schema: shapes.collectionOf(shapes.contact) },
        404: refused,
        422: invalid,
      },
      example: { params: { account: 'default' } },
      async handle(call) {
        const { id: tenantId } = call.caller.credential.tenant;
        const { cursor: after, limit } = call.query;
        return pageAnswer(call, {
          items: await store.read.contacts.list(tenantId, { after, limit: limit + 1 }),
          totalItems: await store.read.contacts.count(tenantId),
          idOf: ({ id }) => id,
          show: (contacts) => showContacts(store.read, tenantId, contacts),
        });
      },
    }),
    operation({
      id: 'createContact',
      method: 'POST',
      path: '/:account/contacts',
      summary: 'Add a contact',
      permission: 'messages:send',
      body: contactBody,
      answers: { 201: shown, 404: refused, 409: refused, 422: invalid },
      example: { params: { account: 'default' }, body: example },
      async handle({ caller, body }) {
        const { id: tenantId } = caller.credential.tenant;
        const wanted = {
          tenantId,
          handle: body.phone,
          name: nameFrom(body, null),
          email: body.email ?? null,
          customFields: changeCustomFields({}, body.custom),
        };
        const contact = await changeAs(services.store, caller, (tx) => createContact(tx, wanted, rules));
        const [answer] = await showContacts(store.read, tenantId, [contact]);
        return hydraAnswer(201, answer);
      },
    }),
    operation({
      id: 'getContact',
      method: 'GET',
      path: '/contacts/:id',
      summary: 'Get a contact',
      permission: 'messages:read',
      answers: { 200: shown, 404: refused },
      example: { params: { id: '01m7ypkdxffkmb6tyeck3vccad' } },
      async handle({ caller, params }) {
        const { id: tenantId } = caller.credential.tenant;
        const contact = await store.read.contacts.find(tenantId, idIn(params, 'Contact'));
        if (contact === undefined) throw notFound('Contact');
        const [answer] = await showContacts(store.read, tenantId, [contact]);
        return hydraAnswer(200, answer);
      },
    }),
    operation({
      id: 'updateContact',
      method: 'PATCH',
      path: '/contacts/:id',
      summary: 'Change a contact; a custom field that is set to null goes away',
      permission: 'messages:send',
      body: contactChange,
      answers: { 200: shown, 404: refused, 409: refused, 422: invalid },
      example: { params: { id: '01m7ypkdxffkmb6tyeck3vccad' }, body: { custom: { plan: 'gold' } } },
      async handle({ caller, params, body }) {
        const { id: tenantId } = caller.credential.tenant;
        const id = idIn(params, 'Contact');
        const contact = await changeAs(services.store, caller, async (tx) => {
          const before = await tx.contacts.find(tenantId, id);
          if (before === undefined) throw notFound('Contact');
          const change = {
            handle: body.phone ?? before.handle,
            name: nameFrom(body, before.name),
            email: body.email === undefined ? before.email : body.email,
            customFields: changeCustomFields(before.customFields, body.custom),
          };
          return updateContact(tx, tenantId, id, change, rules.now());
        });
        const [answer] = await showContacts(store.read, tenantId, [contact]);
        return hydraAnswer(200, answer);
      },
    }),
  ];
}

async function showContacts(tx: Queries, tenantId: number, contacts: readonly Contact[]) {
  const optedOut = await tx.suppressions.among(
    tenantId,
    contacts.map(({ handle }) => handle),
  );
  return contacts.map((contact) => showContact(contact, optedOut.has(contact.handle)));
}

/** The whole name wins over its parts; a part that is not named stays. */
function nameFrom({ firstName, lastName, name }: NamesGiven, before: string | null): string | null {
  if (name !== undefined) return name || null;
  if (firstName === undefined && lastName === undefined) return before;
  const known = givenNames(before);
  return fullName(
    firstName === undefined ? known.firstName : firstName,
    lastName === undefined ? known.lastName : lastName,
  );
}
