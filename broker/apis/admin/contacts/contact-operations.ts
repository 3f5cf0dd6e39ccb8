/** Lists, creates, changes and deletes contacts. */

import { formatId } from '../../../../shared/ids.ts';
import { createContact, removeContact, updateContact } from '../../../core/contacts/contacts.ts';
import type { AuditedChange } from '../../../core/members/audit.ts';
import type { Contact, CustomFields } from '../../../core/model/contact.ts';
import { conflict, HomingError, invalidRequest, notFound } from '../../../core/model/errors.ts';
import { idInPath } from '../../../http/request-schemas.ts';
import { type AdminOperation, adminOperation } from '../admin-operation.ts';
import { changeAsMember } from '../caller.ts';
import { errorResponse } from '../errors.ts';
import type { ContactOptions } from '../management-options.ts';
import {
  type ContactFieldsBody,
  type ContactListBody,
  CUSTOM_FIELDS_MAX,
  contactChange,
  contactDetail,
  contactFields,
  contactList,
  contactQuery,
  contactRequest,
  cursorOfPlace,
} from './contact-schemas.ts';
import { serializeContactDetail, serializeContacts } from './contact-serializers.ts';

const PATH = '/dashboard/api/:environment/contacts';
const FIELD_NAMES_MAX = 500;

export function contactOperations({ store, context }: ContactOptions): AdminOperation[] {
  const detail = { description: 'The contact.', schema: contactDetail };
  const audited =
    (action: 'created' | 'changed') =>
    (contact: Contact): AuditedChange => ({
      action: `contact.${action}`,
      target: formatId('con', contact.id),
    });

  return [
    adminOperation({
      id: 'listContacts',
      method: 'GET',
      path: PATH,
      summary: 'List or search contacts, by name',
      permission: 'viewer',
      query: contactQuery,
      responses: { 200: { description: 'A page of contacts.', schema: contactList }, 400: errorResponse },
      async handle({ caller: { tenant }, query: { search, limit, cursor: after } }) {
        const { contacts, next } = await store.read.contacts.byName(tenant.id, { search, limit, after });
        const body: ContactListBody = {
          contacts: await serializeContacts(store.read, tenant.id, contacts),
          next: next === undefined ? null : cursorOfPlace(next),
        };
        return { status: 200, body };
      },
    }),
    adminOperation({
      id: 'listContactFields',
      method: 'GET',
      path: '/dashboard/api/:environment/contact-fields',
      summary: 'List the names of the custom fields',
      permission: 'viewer',
      responses: { 200: { description: 'The names, in order.', schema: contactFields } },
      async handle({ caller: { tenant } }) {
        const fields = await store.read.contacts.fieldNames(tenant.id, FIELD_NAMES_MAX);
        const body: ContactFieldsBody = { fields };
        return { status: 200, body };
      },
    }),
    adminOperation({
      id: 'createContact',
      method: 'POST',
      path: PATH,
      summary: 'Create a contact',
      permission: 'member',
      body: contactRequest,
      responses: { 201: detail, 400: errorResponse, 409: errorResponse },
      changes: ['contacts', 'conversations', 'audit'],
      async handle({ caller, body: { handle, name = null, email = null, customFields = {} } }) {
        const fields = changedFields({}, customFields);
        const input = { tenantId: caller.tenant.id, handle, name, email, customFields: fields };
        const created = await changeAsMember(store, caller, audited('created'), context, (tx) =>
          createContact(tx, input, context).catch(namingHandle),
        );
        return { status: 201, body: await serializeContactDetail(store.read, created) };
      },
    }),
    adminOperation({
      id: 'getContact',
      method: 'GET',
      path: `${PATH}/:id`,
      summary: 'Get a contact with its opt-out and conversations',
      permission: 'viewer',
      responses: { 200: detail, 404: errorResponse },
      async handle({ caller, params }) {
        const found = await store.read.contacts.find(caller.tenant.id, contactId(params.id));
        if (found === undefined) throw notFound('Contact');
        return { status: 200, body: await serializeContactDetail(store.read, found) };
      },
    }),
    adminOperation({
      id: 'updateContact',
      method: 'PATCH',
      path: `${PATH}/:id`,
      summary: 'Change a contact; omitted fields stay unchanged',
      permission: 'member',
      body: contactChange,
      responses: { 200: detail, 400: errorResponse, 404: errorResponse, 409: errorResponse },
      changes: ['contacts', 'conversations', 'audit'],
      async handle({ caller, params, body: { handle, name, email, customFields } }) {
        const tenantId = caller.tenant.id;
        const id = contactId(params.id);
        const changed = await changeAsMember(store, caller, audited('changed'), context, async (tx) => {
          const known = await tx.contacts.find(tenantId, id);
          if (known === undefined) throw notFound('Contact');
          const change = {
            ...(handle === undefined ? {} : { handle }),
            ...(name === undefined ? {} : { name }),
            ...(email === undefined ? {} : { email }),
            ...(customFields === undefined
              ? {}
              : { customFields: changedFields(known.customFields, customFields) }),
          };
          return updateContact(tx, tenantId, id, change, context.now()).catch(namingHandle);
        });
        return { status: 200, body: await serializeContactDetail(store.read, changed) };
      },
    }),
    adminOperation({
      id: 'deleteContact',
      method: 'DELETE',
      path: `${PATH}/:id`,
      summary: 'Delete a contact; its messages and its opt-out remain',
      permission: 'member',
      responses: { 204: { description: 'Deleted.' }, 404: errorResponse },
      changes: ['contacts', 'conversations', 'audit'],
      async handle({ caller, params }) {
        const id = contactId(params.id);
        const change: AuditedChange = { action: 'contact.deleted', target: formatId('con', id) };
        await changeAsMember(store, caller, change, context, (tx) => removeContact(tx, caller.tenant.id, id));
        return { status: 204 };
      },
    }),
  ];
}

export const contactId = (id: string | undefined) => idInPath('con', id, 'Contact');

/** Null deletes a field. */
function changedFields(
  known: CustomFields,
  changes: Readonly<Record<string, string | number | boolean | null>>,
): CustomFields {
  const fields: Record<string, string | number | boolean> = { ...known };
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) delete fields[name];
    else fields[name] = value;
  }
  if (Object.keys(fields).length > CUSTOM_FIELDS_MAX) {
    throw invalidRequest(
      `'customFields' must have at most ${CUSTOM_FIELDS_MAX} fields in total.`,
      'customFields',
    );
  }
  return fields;
}

/** The core names the field of the customer APIs. */
function namingHandle(error: unknown): never {
  if (error instanceof HomingError && error.code === 'conflict') throw conflict(error.message, 'handle');
  throw error;
}
