/** Schemas of the response types. The keys are in the order of the responses. */
import { z } from 'zod';
import { ACTION_NAMES } from './integration-actions.ts';

const time = z.iso.datetime();
const context = z.string();

const collectionHead = {
  '@context': context,
  '@type': z.literal('hydra:Collection'),
  id: z.string(),
};

export const attachment = z
  .object({
    '@type': z.literal('Attachment'),
    '@context': context,
    id: z.string(),
    url: z
      .string()
      .nullable()
      .describe('Link to the file, valid for one hour; null: the file is not available yet.'),
    downloadUrl: z.string().nullable(),
    key: z.string().nullable(),
    contentType: z.string().nullable(),
    size: z.number().int().nullable(),
    width: z.number().int().nullable(),
    height: z.number().int().nullable(),
    originalFilename: z.string().nullable(),
  })
  .meta({ title: 'Attachment' });

export const template = z
  .object({
    '@type': z.literal('WhatsApp::Template'),
    '@context': context,
    id: z.string(),
    title: z.string(),
    language: z.string(),
    status: z.enum(['approved', 'pending', 'rejected']),
    quality: z.string().nullable(),
    contentSid: z.string(),
    contentType: z.string(),
    content: z.object({ body: z.string(), quickReplies: z.array(z.string()) }),
    category: z.string(),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ title: 'WhatsAppTemplate' });

export const message = z
  .object({
    '@type': z.literal('Message'),
    id: z.string(),
    '@context': context,
    direction: z.enum(['in', 'out']),
    body: z.string(),
    formattedBody: z.string(),
    displayTimestamp: time,
    timelinePosition: z
      .number()
      .int()
      .describe('Position in the conversation; later messages have larger values.'),
    deliveryState: z.enum(['pending', 'sending', 'sent', 'delivered', 'failed', 'received']),
    conversation: z.string(),
    sender: z.string().nullable(),
    attachments: z.object({
      '@context': context,
      '@type': z.literal('hydra:Collection'),
      id: z.string(),
      members: z.array(attachment),
      totalItems: z.number().int(),
    }),
    friendlyStateDescription: z.string(),
    retryAllowed: z.boolean(),
    retry: z.null(),
    latestEventAt: time,
    flags: z.array(z.string()),
    source: z.string(),
    channel: z.enum(['sms', 'whatsapp']),
    whatsAppTemplate: template.nullable(),
    engagementScore: z.null(),
    engagementTemperature: z.null(),
    respondedToMessage: z.null().optional(),
  })
  .meta({ title: 'Message' });

export const conversation = z
  .object({
    '@type': z.literal('Conversation'),
    '@context': context,
    id: z.string(),
    phone: z.string(),
    accountPhone: z.string(),
    contact: z.string().nullable(),
    isGroup: z.boolean(),
    participants: z.array(z.string()),
    messages: z.string(),
    latestMessage: z.string(),
    totalCount: z.number().int(),
    unreadCount: z.number().int(),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ title: 'Conversation' });

const customFields = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

export const user = z
  .object({
    '@type': z.literal('User'),
    '@context': context,
    id: z.string(),
    name: z.string(),
    email: z.string().nullable(),
    custom: customFields,
    savedReplies: z.string(),
  })
  .meta({ title: 'User' });

export const savedReply = z
  .object({
    '@type': z.literal('SavedReply'),
    '@context': context,
    id: z.string(),
    user: z.string(),
    title: z.string(),
    body: z.string(),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ title: 'SavedReply' });

export const contact = z
  .object({
    '@type': z.literal('Contact'),
    '@context': context,
    id: z.string(),
    firstName: z.string().nullable(),
    lastName: z.string().nullable(),
    name: z.string().nullable(),
    phone: z.string(),
    email: z.string().nullable(),
    custom: customFields,
    optedOut: z.boolean(),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ title: 'Contact' });

export const account = z
  .object({
    '@type': z.literal('Account'),
    '@context': context,
    id: z.string(),
    slug: z.string(),
    conversations: z.string(),
    contacts: z.string(),
    users: z.string(),
    whatsAppTemplates: z.string(),
    integrations: z.string(),
  })
  .meta({ title: 'Account' });

export const integration = z
  .object({
    '@type': z.literal('Integration'),
    '@context': context,
    id: z.string(),
    provider: z.literal('webhook'),
    config: z.object({ baseUrl: z.string(), webhookSecret: z.string() }),
    settings: z.object({ actions: z.record(z.enum(ACTION_NAMES), z.boolean()) }),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ title: 'Integration' });

export function collectionOf(member: z.ZodType) {
  return z.object({
    ...collectionHead,
    members: z.array(member),
    totalItems: z.number().int(),
    view: z.object({
      '@type': z.literal('hydra:PartialCollectionView'),
      id: z.string(),
      next: z.string().nullable(),
    }),
    cursor: z.string().nullable().describe('Cursor of the next page; null on the last page.'),
  });
}

/** The definitions of the keys follow JSON-LD. */
export const contextFile = z.object({ '@context': z.record(z.string(), z.unknown()) });
