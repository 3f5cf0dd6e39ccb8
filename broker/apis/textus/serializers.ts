/** Serializes all resources except messages for the TextUs API. */

import { type Contact, splitName } from '../../core/model/contact.ts';
import type { Conversation } from '../../core/model/conversation.ts';
import type { Message } from '../../core/model/message.ts';
import type { Tenant } from '../../core/model/tenant.ts';
import type { SavedReply, User } from '../../core/model/user.ts';
import type { Webhook } from '../../core/model/webhook.ts';
import type { WhatsappTemplate } from '../../core/model/whatsapp-template.ts';
import { formatTime } from '../../http/timestamps.ts';
import { switchesOf } from './integration-actions.ts';
import { accountIri, contextIri, formatIri } from './iris.ts';

function serializeTimes({ createdAt, updatedAt }: { createdAt: number; updatedAt: number }) {
  return { createdAt: formatTime(createdAt), updatedAt: formatTime(updatedAt) };
}

export function serializeAccount({ accountSlug: slug }: Pick<Tenant, 'accountSlug'>) {
  return {
    '@type': 'Account',
    '@context': contextIri('Account'),
    id: accountIri(slug),
    slug,
    conversations: `/${slug}/conversations`,
    contacts: `/${slug}/contacts`,
    users: `/${slug}/users`,
    whatsAppTemplates: `/${slug}/whatsapp_templates`,
    integrations: `/${slug}/integrations`,
  };
}

export function serializeConversation(
  conversation: Conversation,
  latest: Message,
  contactIds: ReadonlyMap<string, string>,
) {
  const id = formatIri('conversation', conversation.id);
  const contact = contactIds.get(conversation.recipient);
  return {
    '@type': 'Conversation',
    '@context': contextIri('Conversation'),
    id,
    phone: conversation.isGroup ? null : conversation.recipient,
    accountPhone: latest.ownNumber,
    contact: contact === undefined ? null : formatIri('contact', contact),
    isGroup: conversation.isGroup,
    participants: conversation.participants,
    messages: `${id}/messages`,
    latestMessage: formatIri('message', latest.id),
    totalCount: conversation.totalCount,
    unreadCount: conversation.unreadCount,
    ...serializeTimes(conversation),
  };
}

export function serializeUser({ id, name, email, customFields }: User) {
  return {
    '@type': 'User',
    '@context': contextIri('User'),
    id: formatIri('user', id),
    name,
    email,
    custom: customFields,
    savedReplies: `${formatIri('user', id)}/saved_replies`,
  };
}

export function serializeSavedReply(reply: SavedReply) {
  return {
    '@type': 'SavedReply',
    '@context': contextIri('SavedReply'),
    id: formatIri('savedReply', reply.id),
    user: formatIri('user', reply.userId),
    title: reply.title,
    body: reply.body,
    ...serializeTimes(reply),
  };
}

export function serializeContact(contact: Contact, isOptedOut: boolean) {
  return {
    '@type': 'Contact',
    '@context': contextIri('Contact'),
    id: formatIri('contact', contact.id),
    ...splitName(contact.name),
    name: contact.name,
    phone: contact.handle,
    email: contact.email,
    custom: contact.customFields,
    optedOut: isOptedOut,
    ...serializeTimes(contact),
  };
}

export function serializeTemplate(template: WhatsappTemplate) {
  const { title, language, status, quality, contentSid, contentType, body, quickReplies, category } =
    template;
  return {
    '@type': 'WhatsApp::Template',
    '@context': contextIri('WhatsApp::Template'),
    id: formatIri('template', template.id),
    title,
    language,
    status,
    quality,
    contentSid,
    contentType,
    content: { body, quickReplies },
    category,
    ...serializeTimes(template),
  };
}

export function serializeIntegration(webhook: Webhook) {
  return {
    '@type': 'Integration',
    '@context': contextIri('Integration'),
    id: formatIri('integration', webhook.id),
    provider: 'webhook',
    config: { baseUrl: webhook.url, webhookSecret: webhook.secret },
    settings: { actions: switchesOf(webhook.events) },
    ...serializeTimes(webhook),
  };
}
