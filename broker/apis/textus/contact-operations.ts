/** Lists, creates, returns and updates contacts. */

import { type Caller, changeAs } from '../../core/accounts/caller.ts';
import { createContact, updateContact } from '../../core/contacts/contacts.ts';
import { type Contact, splitName } from '../../core/model/contact.ts';
import { notFound } from '../../core/model/errors.ts';
import type { Queries } from '../../core/ports/store.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { changeCustomFields, joinName } from './contact-fields.ts';
import { errorResponse, validationErrorResponse } from './errors.ts';
import { hydraCreated, hydraResponse } from './hydra.ts';
import { pathId } from './iris.ts';
import type { TextusOptions } from './options.ts';
import { pageQuery, pageResponse } from './pagination.ts';
import { contactBody, contactChange } from './request-schemas.ts';
import * as schemas from './response-schemas.ts';
import { serializeContact } from './serializers.ts';

interface NameFields {
  firstName?: string | null | undefined;
  lastName?: string | null | undefined;
  name?: string | null | undefined;
}

export function contactOperations(options: TextusOptions): Operation<Caller>[] {
  const { store, context } = options;
  const example = { firstName: 'Ada', lastName: 'Lovelace', phone: '+14155550101' };
  const response = { description: 'The contact.', schema: schemas.contact };
  return [
    operation({
      id: 'listContacts',
      method: 'GET',
      path: '/:account/contacts',
      summary: 'List contacts, oldest first',
      permission: 'messages:read',
      query: pageQuery,
      responses: {
        200: { description: 'A page of contacts.', schema: schemas.collectionOf(schemas.contact) },
        404: errorResponse,
        422: validationErrorResponse,
      },
      example: { params: { account: 'default' } },
      async handle(request) {
        const { id: tenantId } = request.caller.credential.tenant;
        const { cursor: after, limit } = request.query;
        return pageResponse(request, {
          items: await store.read.contacts.list(tenantId, { after, limit: limit + 1 }),
          totalItems: await store.read.contacts.count(tenantId),
          idOf: ({ id }) => id,
          serialize: (contacts) => serializeContacts(store.read, tenantId, contacts),
        });
      },
    }),
    operation({
      id: 'createContact',
      method: 'POST',
      path: '/:account/contacts',
      summary: 'Create a contact',
      permission: 'messages:send',
      body: contactBody,
      responses: {
        201: response,
        404: errorResponse,
        409: { ...errorResponse, description: 'A contact with this phone number exists.' },
        422: validationErrorResponse,
      },
      example: { params: { account: 'default' }, body: example },
      async handle({ caller, body }) {
        const { id: tenantId } = caller.credential.tenant;
        const input = {
          tenantId,
          handle: body.phone,
          name: resolveName(body, null),
          email: body.email ?? null,
          customFields: changeCustomFields({}, body.custom),
        };
        const contact = await changeAs(options.store, caller, (tx) => createContact(tx, input, context));
        const [serialized] = await serializeContacts(store.read, tenantId, [contact]);
        return hydraCreated(serialized);
      },
    }),
    operation({
      id: 'getContact',
      method: 'GET',
      path: '/contacts/:id',
      summary: 'Get a contact',
      permission: 'messages:read',
      responses: { 200: response, 404: errorResponse },
      example: { params: { id: '01m7ypkdxffkmb6tyeck3vccad' } },
      async handle({ caller, params }) {
        const { id: tenantId } = caller.credential.tenant;
        const contact = await store.read.contacts.find(tenantId, pathId(params, 'Contact'));
        if (contact === undefined) throw notFound('Contact');
        const [serialized] = await serializeContacts(store.read, tenantId, [contact]);
        return hydraResponse(200, serialized);
      },
    }),
    operation({
      id: 'updateContact',
      method: 'PATCH',
      path: '/contacts/:id',
      summary: 'Update a contact; null deletes a custom field',
      permission: 'messages:send',
      body: contactChange,
      responses: {
        200: response,
        404: errorResponse,
        409: { ...errorResponse, description: 'A contact with this phone number exists.' },
        422: validationErrorResponse,
      },
      example: { params: { id: '01m7ypkdxffkmb6tyeck3vccad' }, body: { custom: { plan: 'gold' } } },
      async handle({ caller, params, body }) {
        const { id: tenantId } = caller.credential.tenant;
        const id = pathId(params, 'Contact');
        const contact = await changeAs(options.store, caller, async (tx) => {
          const before = await tx.contacts.find(tenantId, id);
          if (before === undefined) throw notFound('Contact');
          const change = {
            handle: body.phone ?? before.handle,
            name: resolveName(body, before.name),
            email: body.email === undefined ? before.email : body.email,
            customFields: changeCustomFields(before.customFields, body.custom),
          };
          return updateContact(tx, tenantId, id, change, context.now());
        });
        const [serialized] = await serializeContacts(store.read, tenantId, [contact]);
        return hydraResponse(200, serialized);
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

/** `name` takes precedence over its parts. An omitted part stays unchanged. */
function resolveName({ firstName, lastName, name }: NameFields, before: string | null): string | null {
  if (name !== undefined) return name || null;
  if (firstName === undefined && lastName === undefined) return before;
  const current = splitName(before);
  return joinName(
    firstName === undefined ? current.firstName : firstName,
    lastName === undefined ? current.lastName : lastName,
  );
}
