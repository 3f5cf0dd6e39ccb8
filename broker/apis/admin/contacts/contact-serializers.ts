/** Serializes contacts and opt-outs. */
import { formatId } from '../../../../shared/ids.ts';
import type { Contact } from '../../../core/model/contact.ts';
import { conversationId } from '../../../core/model/conversation.ts';
import { optKeywordOf, type Suppression } from '../../../core/model/suppression.ts';
import type { Queries } from '../../../core/ports/store.ts';
import type { ContactBody, ContactDetailBody, OptOutBody } from './contact-schemas.ts';

/** Reason of the opt-outs that the dashboard records without a note. */
export const DASHBOARD_REASON = 'dashboard';
/** Limits the conversations of an account with very many numbers. */
const NUMBERS_MAX = 200;

export function serializeContact(contact: Contact, isOptedOut: boolean): ContactBody {
  const { id, handle, name, email, customFields, createdAt, updatedAt } = contact;
  const fields = { ...customFields };
  return {
    id: formatId('con', id),
    handle,
    name,
    email,
    customFields: fields,
    isOptedOut,
    createdAt,
    updatedAt,
  };
}

export async function serializeContacts(
  tx: Queries,
  tenantId: number,
  contacts: readonly Contact[],
): Promise<ContactBody[]> {
  const handles = contacts.map(({ handle }) => handle);
  const optedOut = await tx.suppressions.filterSuppressed(tenantId, handles);
  return contacts.map((contact) => serializeContact(contact, optedOut.has(contact.handle)));
}

export async function serializeContactDetail(tx: Queries, contact: Contact): Promise<ContactDetailBody> {
  const { tenantId, handle } = contact;
  const suppression = await tx.suppressions.find(tenantId, handle);
  const conversations = [];
  for (const { id: numberId, phoneNumber } of (await tx.numbers.list(tenantId)).slice(0, NUMBERS_MAX)) {
    const id = conversationId({ numberId, recipient: handle });
    const found = await tx.conversations.find(tenantId, id);
    if (found === undefined) continue;
    conversations.push({
      id: formatId('conv', id),
      numberId: formatId('num', numberId),
      ownNumber: phoneNumber,
      totalCount: found.totalCount,
      unreadCount: found.unreadCount,
      updatedAt: found.updatedAt,
    });
  }
  return {
    ...serializeContact(contact, suppression !== undefined),
    optOut: suppression === undefined ? null : serializeOptOut(suppression, contact),
    isBlocked: await tx.senderRules.isBlocked(tenantId, handle),
    conversations,
  };
}

export function serializeOptOut(
  { handle, reason, createdAt }: Suppression,
  contact: Contact | undefined,
): OptOutBody {
  return {
    ...{ handle, reason, createdAt, origin: originOf(reason) },
    contactId: contact === undefined ? null : formatId('con', contact.id),
    contactName: contact?.name ?? null,
  };
}

function originOf(reason: string): OptOutBody['origin'] {
  if (reason === 'api') return 'api';
  if (reason === 'command line') return 'command_line';
  if (reason === DASHBOARD_REASON) return 'dashboard';
  // The keywords of other languages depend on the country of the number, but all are one word in capitals.
  const isKeyword = optKeywordOf(reason, '')?.isOut === true || /^\p{Lu}{2,20}$/u.test(reason);
  return isKeyword ? 'message' : 'note';
}
