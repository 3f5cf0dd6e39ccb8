/** Everything but messages, as TextUs shows it. */

import type { Contact } from '../../core/model/contact.ts';
import type { Conversation } from '../../core/model/conversation.ts';
import type { Message } from '../../core/model/message.ts';
import type { Tenant } from '../../core/model/tenant.ts';
import type { SavedReply, User } from '../../core/model/user.ts';
import type { Webhook } from '../../core/model/webhook.ts';
import type { WhatsappTemplate } from '../../core/model/whatsapp-template.ts';
import { formatTime } from '../../http/timestamps.ts';
import { givenNames } from './contact-names.ts';
import { switchesOf } from './integration-actions.ts';
import { accountName, contextName, nameOf } from './names.ts';

function times({ createdAt, updatedAt }: { createdAt: number; updatedAt: number }) {
  return { createdAt: formatTime(createdAt), updatedAt: formatTime(updatedAt) };
}

export function serializeAccount({ accountSlug: slug }: Pick<Tenant, 'accountSlug'>) {
  return {
    '@type': 'Account',
    '@context': contextName('Account'),
    id: accountName(slug),
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
  contactOf: ReadonlyMap<string, string>,
) {
  const id = nameOf('conversation', conversation.id);
  const contact = contactOf.get(conversation.recipient);
  return {
    '@type': 'Conversation',
    '@context': contextName('Conversation'),
    id,
    phone: conversation.recipient,
    accountPhone: latest.ownNumber,
    contact: contact === undefined ? null : nameOf('contact', contact),
    isGroup: conversation.isGroup,
    participants: conversation.participants,
    messages: `${id}/messages`,
    latestMessage: nameOf('message', latest.id),
    totalCount: conversation.totalCount,
    unreadCount: conversation.unreadCount,
    ...times(conversation),
  };
}

export function serializeUser({ id, name, email, customFields }: User) {
  return {
    '@type': 'User',
    '@context': contextName('User'),
    id: nameOf('user', id),
    name,
    email,
    custom: customFields,
    savedReplies: `${nameOf('user', id)}/saved_replies`,
  };
}

export function serializeSavedReply(reply: SavedReply) {
  return {
    '@type': 'SavedReply',
    '@context': contextName('SavedReply'),
    id: nameOf('savedReply', reply.id),
    user: nameOf('user', reply.userId),
    title: reply.title,
    body: reply.body,
    ...times(reply),
  };
}

export function serializeContact(contact: Contact, isOptedOut: boolean) {
  return {
    '@type': 'Contact',
    '@context': contextName('Contact'),
    id: nameOf('contact', contact.id),
    ...givenNames(contact.name),
    name: contact.name,
    phone: contact.handle,
    email: contact.email,
    custom: contact.customFields,
    optedOut: isOptedOut,
    ...times(contact),
  };
}

export function serializeTemplate(template: WhatsappTemplate) {
  const { title, language, status, quality, contentSid, contentType, body, quickReplies, category } =
    template;
  return {
    '@type': 'WhatsApp::Template',
    '@context': contextName('WhatsApp::Template'),
    id: nameOf('template', template.id),
    title,
    language,
    status,
    quality,
    contentSid,
    contentType,
    content: { body, quickReplies },
    category,
    ...times(template),
  };
}

export function serializeIntegration(webhook: Webhook) {
  return {
    '@type': 'Integration',
    '@context': contextName('Integration'),
    id: nameOf('integration', webhook.id),
    provider: 'webhook',
    config: { baseUrl: webhook.url, webhookSecret: webhook.secret },
    settings: { actions: switchesOf(webhook.events) },
    ...times(webhook),
  };
}
