/** The account's contacts. */

import { type Caller, changeAs } from '../../core/accounts/caller.ts';
import { createContact, updateContact } from '../../core/contacts/contacts.ts';
import type { Contact } from '../../core/model/contact.ts';
import { notFound } from '../../core/model/errors.ts';
import type { Queries } from '../../core/ports/store.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { fullName, givenNames } from './contact-names.ts';
import { changeCustomFields } from './custom-fields.ts';
import { contactBody, contactChange } from './field-schemas.ts';
import { hydraResponse } from './hydra.ts';
import { idIn } from './names.ts';
import { errorResponse, invalid, type TextusContext } from './options.ts';
import { pageQuery, pageResponse } from './pagination.ts';
import * as schemas from './response-schemas.ts';
import { serializeContact } from './serializers.ts';

interface NamesGiven {
  firstName?: string | null | undefined;
  lastName?: string | null | undefined;
  name?: string | null | undefined;
}

export function contactOperations(options: TextusContext): Operation<Caller>[] {
  const { store, context } = options;
  const example = { firstName: 'Ada', lastName: 'Lovelace', phone: '+14155550101' };
  const shown = { description: 'The contact.', schema: schemas.contact };
  return [
    operation({
      id: 'listContacts',
      method: 'GET',
      path: '/:account/contacts',
      summary: 'List contacts, oldest first',
      permission: 'messages:read',
      query: pageQuery,
      responses: {
        200: { description: 'One page.', schema: schemas.collectionOf(schemas.contact) },
        404: errorResponse,
        422: invalid,
      },
      example: { params: { account: 'default' } },
      async handle(call) {
        const { id: tenantId } = call.caller.credential.tenant;
        const { cursor: after, limit } = call.query;
        return pageResponse(call, {
          items: await store.read.contacts.list(tenantId, { after, limit: limit + 1 }),
          totalItems: await store.read.contacts.count(tenantId),
          idOf: ({ id }) => id,
          show: (contacts) => serializeContacts(store.read, tenantId, contacts),
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
      responses: { 201: shown, 404: errorResponse, 409: errorResponse, 422: invalid },
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
        const contact = await changeAs(options.store, caller, (tx) => createContact(tx, wanted, context));
        const [answer] = await serializeContacts(store.read, tenantId, [contact]);
        return hydraResponse(201, answer);
      },
    }),
    operation({
      id: 'getContact',
      method: 'GET',
      path: '/contacts/:id',
      summary: 'Get a contact',
      permission: 'messages:read',
      responses: { 200: shown, 404: errorResponse },
      example: { params: { id: '01m7ypkdxffkmb6tyeck3vccad' } },
      async handle({ caller, params }) {
        const { id: tenantId } = caller.credential.tenant;
        const contact = await store.read.contacts.find(tenantId, idIn(params, 'Contact'));
        if (contact === undefined) throw notFound('Contact');
        const [answer] = await serializeContacts(store.read, tenantId, [contact]);
        return hydraResponse(200, answer);
      },
    }),
    operation({
      id: 'updateContact',
      method: 'PATCH',
      path: '/contacts/:id',
      summary: 'Change a contact; a custom field that is set to null goes away',
      permission: 'messages:send',
      body: contactChange,
      responses: { 200: shown, 404: errorResponse, 409: errorResponse, 422: invalid },
      example: { params: { id: '01m7ypkdxffkmb6tyeck3vccad' }, body: { custom: { plan: 'gold' } } },
      async handle({ caller, params, body }) {
        const { id: tenantId } = caller.credential.tenant;
        const id = idIn(params, 'Contact');
        const contact = await changeAs(options.store, caller, async (tx) => {
          const before = await tx.contacts.find(tenantId, id);
          if (before === undefined) throw notFound('Contact');
          const change = {
            handle: body.phone ?? before.handle,
            name: nameFrom(body, before.name),
            email: body.email === undefined ? before.email : body.email,
            customFields: changeCustomFields(before.customFields, body.custom),
          };
          return updateContact(tx, tenantId, id, change, context.now());
        });
        const [answer] = await serializeContacts(store.read, tenantId, [contact]);
        return hydraResponse(200, answer);
      },
    }),
  ];
}

async function serializeContacts(tx: Queries, tenantId: number, contacts: readonly Contact[]) {
  const optedOut = await tx.suppressions.filterSuppressed(
    tenantId,
    contacts.map(({ handle }) => handle),
  );
  return contacts.map((contact) => serializeContact(contact, optedOut.has(contact.handle)));
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
