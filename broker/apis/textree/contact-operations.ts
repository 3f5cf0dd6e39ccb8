/** Manages contacts and their opt-outs. */

import { type Caller, changeAs } from '../../core/accounts/caller.ts';
import { createContact, removeContact, updateContact } from '../../core/contacts/contacts.ts';
import { suppress, unsuppress } from '../../core/contacts/opt-out.ts';
import type { Contact, CustomFields } from '../../core/model/contact.ts';
import { invalidRequest, notFound } from '../../core/model/errors.ts';
import type { Queries } from '../../core/ports/store.ts';
import { locationBelow } from '../../http/location.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { cutPage } from '../../http/pagination.ts';
import { idInPath } from '../../http/request-schemas.ts';
import {
  CUSTOM_FIELDS_MAX,
  contactBody,
  contactList,
  contactListQuery,
  contactResponse,
  contactUpdateBody,
} from './contact-schemas.ts';
import { errorResponse } from './errors.ts';
import type { ContactOptions } from './options.ts';
import { serializeContact } from './serializers.ts';

export function contactOperations({ store, keyContext }: ContactOptions): Operation<Caller>[] {
  const serialize = async (tx: Queries, contact: Contact) =>
    serializeContact(contact, await tx.suppressions.has(contact.tenantId, contact.handle));
  /** Applies the requested opt-out or opt-in, then serializes the contact. */
  const applyOptOut = async (tx: Queries, contact: Contact, isOptedOut: boolean | undefined) => {
    const { tenantId, handle } = contact;
    const at = { now: keyContext.now(), ids: keyContext.ids };
    if (isOptedOut === true) await suppress(tx, tenantId, handle, SUPPRESSION_REASON, at);
    if (isOptedOut === false) await unsuppress(tx, tenantId, handle, SUPPRESSION_REASON, at);
    return serialize(tx, contact);
  };
  const one = { description: 'The contact.', schema: contactResponse };
  const example = { params: { id: 'con_01m7ypkdxffkmb6tyeck3vccad' } };

  return [
    operation({
      id: 'listContacts',
      method: 'GET',
      path: '/api/v1/contacts',
      summary: 'List contacts, oldest first',
      permission: 'messages:read',
      query: contactListQuery,
      responses: { 200: { description: 'A page of contacts.', schema: contactList }, 422: errorResponse },
      example: { query: { limit: '20' } },
      async handle({ caller, query: { limit, cursor } }) {
        const tenantId = caller.credential.tenant.id;
        const found = await store.read.contacts.list(tenantId, { limit: limit + 1, after: cursor });
        const { rows, end } = cutPage('con', found, limit);
        const optedOut = await store.read.suppressions.filterSuppressed(
          tenantId,
          rows.map(({ handle }) => handle),
        );
        const contacts = rows.map((contact) => serializeContact(contact, optedOut.has(contact.handle)));
        return { status: 200, body: { contacts, ...end } };
      },
    }),
    operation({
      id: 'createContact',
      method: 'POST',
      path: '/api/v1/contacts',
      summary: 'Create a contact',
      permission: 'messages:write',
      body: contactBody,
      responses: {
        201: one,
        409: { ...errorResponse, description: 'A contact with this phone number exists.' },
        422: errorResponse,
      },
      example: { body: { phone_number: '+14155550100', name: 'Ada', custom_fields: { plan: 'gold' } } },
      async handle({ caller, body, request }) {
        const input = {
          tenantId: caller.credential.tenant.id,
          handle: body.phone_number,
          name: body.name ?? null,
          email: body.email ?? null,
          customFields: body.custom_fields ?? {},
        };
        const contact = await changeAs(store, caller, async (tx) =>
          applyOptOut(tx, await createContact(tx, input, keyContext), body.opted_out),
        );
        return { status: 201, body: { contact }, headers: locationBelow(request, contact.id) };
      },
    }),
    operation({
      id: 'getContact',
      method: 'GET',
      path: '/api/v1/contacts/:id',
      summary: 'Get a contact',
      permission: 'messages:read',
      responses: { 200: one, 404: errorResponse },
      example,
      async handle({ caller, params }) {
        const contact = await store.read.contacts.find(caller.credential.tenant.id, contactId(params.id));
        if (contact === undefined) throw notFound('Contact');
        return { status: 200, body: { contact: await serialize(store.read, contact) } };
      },
    }),
    operation({
      id: 'updateContact',
      method: 'PATCH',
      path: '/api/v1/contacts/:id',
      summary: 'Update a contact; omitted fields stay unchanged',
      permission: 'messages:write',
      body: contactUpdateBody,
      responses: {
        200: one,
        404: errorResponse,
        409: { ...errorResponse, description: 'A contact with this phone number exists.' },
        422: errorResponse,
      },
      example: { ...example, body: { opted_out: true, custom_fields: { plan: null } } },
      async handle({ caller, params, body }) {
        const tenantId = caller.credential.tenant.id;
        const id = contactId(params.id);
        const contact = await changeAs(store, caller, async (tx) => {
          const known = await tx.contacts.find(tenantId, id);
          if (known === undefined) throw notFound('Contact');
          const change = {
            ...(body.phone_number === undefined ? {} : { handle: body.phone_number }),
            ...(body.name === undefined ? {} : { name: body.name }),
            ...(body.email === undefined ? {} : { email: body.email }),
            ...(body.custom_fields === undefined
              ? {}
              : { customFields: mergeCustomFields(known.customFields, body.custom_fields) }),
          };
          return applyOptOut(
            tx,
            await updateContact(tx, tenantId, id, change, keyContext.now()),
            body.opted_out,
          );
        });
        return { status: 200, body: { contact } };
      },
    }),
    operation({
      id: 'deleteContact',
      method: 'DELETE',
      path: '/api/v1/contacts/:id',
      summary: 'Delete a contact; its messages and its opt-out remain',
      permission: 'messages:write',
      responses: { 204: { description: 'Deleted.' }, 404: errorResponse },
      example,
      async handle({ caller, params }) {
        const id = contactId(params.id);
        await changeAs(store, caller, (tx) => removeContact(tx, caller.credential.tenant.id, id));
        return { status: 204 };
      },
    }),
  ];
}

const SUPPRESSION_REASON = 'api';

const contactId = (id: string | undefined) => idInPath('con', id, 'Contact');

function mergeCustomFields(
  known: CustomFields,
  change: Readonly<Record<string, string | number | boolean | null>>,
): CustomFields {
  const fields: Record<string, string | number | boolean> = { ...known };
  for (const [name, value] of Object.entries(change)) {
    if (value === null) delete fields[name];
    else fields[name] = value;
  }
  if (Object.keys(fields).length > CUSTOM_FIELDS_MAX) {
    throw invalidRequest(
      `'custom_fields' must have at most ${CUSTOM_FIELDS_MAX} fields in total.`,
      'custom_fields',
    );
  }
  return fields;
}
