/** Schemas of the response types. The keys are in the order of the responses. */
import { z } from 'zod';
import { ACTION_NAMES } from './integration-actions.ts';

const time = z.iso.datetime();
const context = z.string();

const collectionHead = {
  '@context': context.describe('Path of the JSON-LD context.'),
  '@type': z.literal('hydra:Collection').describe('Type of the resource.'),
  id: z.string().describe('Path of the collection.'),
};

export const attachment = z
  .object({
    '@type': z.literal('Attachment').describe('Type of the resource.'),
    '@context': context.describe('Path of the JSON-LD context.'),
    id: z.string().describe('Path of the attachment.'),
    url: z
      .string()
      .nullable()
      .describe('Link to the file, valid for one hour; null: the file is not available yet.'),
    downloadUrl: z.string().nullable().describe('The same link as `url`.'),
    key: z.string().nullable().describe('Name of the stored file; null: the file is not available yet.'),
    contentType: z.string().nullable().describe('Media type of the file, such as image/png; null: unknown.'),
    size: z.number().int().nullable().describe('Size of the file in bytes; null: unknown.'),
    width: z
      .number()
      .int()
      .nullable()
      .describe('Width of the image in pixels; null: unknown, or not an image.'),
    height: z
      .number()
      .int()
      .nullable()
      .describe('Height of the image in pixels; null: unknown, or not an image.'),
    originalFilename: z.string().nullable().describe('Name of the file at the sender; null: unknown.'),
  })
  .meta({ title: 'Attachment' });

export const template = z
  .object({
    '@type': z.literal('WhatsApp::Template').describe('Type of the resource.'),
    '@context': context.describe('Path of the JSON-LD context.'),
    id: z.string().describe('Path of the template.'),
    title: z.string().describe('Name of the template.'),
    language: z.string().describe('Language code of the template, such as en.'),
    status: z.enum(['approved', 'pending', 'rejected']).describe('State of the approval by WhatsApp.'),
    quality: z.string().nullable().describe('Quality rating by WhatsApp; null: not rated.'),
    contentSid: z.string().describe('Id of the template at the provider.'),
    contentType: z.string().describe('Type of the template at the provider.'),
    content: z
      .object({
        body: z.string().describe('The text, with variables such as {{1}}.'),
        quickReplies: z.array(z.string()).describe('Labels of the reply buttons.'),
      })
      .describe('Content of the template.'),
    category: z.string().describe('Category of the template, such as UTILITY.'),
    createdAt: time.describe('Time at which the template was created.'),
    updatedAt: time.describe('Time of the last change.'),
  })
  .meta({ title: 'WhatsAppTemplate' });

export const message = z
  .object({
    '@type': z.literal('Message').describe('Type of the resource.'),
    id: z.string().describe('Path of the message.'),
    '@context': context.describe('Path of the JSON-LD context.'),
    direction: z.enum(['in', 'out']).describe('`in`: received; `out`: sent.'),
    body: z.string().describe('The text; empty for an attachment without a text.'),
    formattedBody: z.string().describe('The text as HTML, with links.'),
    displayTimestamp: time.describe(
      'Time of sending; before that, the time at which the broker stored the message.',
    ),
    timelinePosition: z
      .number()
      .int()
      .describe('Position in the conversation; later messages have larger values.'),
    deliveryState: z
      .enum(['pending', 'sending', 'sent', 'delivered', 'failed', 'received'])
      .describe('State of the message. `sending`: a device has the message.'),
    conversation: z.string().describe('Path of the conversation.'),
    sender: z
      .string()
      .nullable()
      .describe(
        'Path of the user who sent the message, or of the contact; null: the sender is not a saved contact.',
      ),
    attachments: z
      .object({
        '@context': context.describe('Path of the JSON-LD context.'),
        '@type': z.literal('hydra:Collection').describe('Type of the resource.'),
        id: z.string().describe('Path of the collection.'),
        members: z.array(attachment).describe('The attachments.'),
        totalItems: z.number().int().describe('Number of attachments.'),
      })
      .describe('The attachments of the message.'),
    friendlyStateDescription: z.string().describe('State of the message as text.'),
    retryAllowed: z
      .boolean()
      .describe('Whether the message failed for a temporary reason and can be sent again.'),
    retry: z.null().describe('Always null.'),
    latestEventAt: time.describe('Time of the last change of the message.'),
    flags: z.array(z.string()).describe('Always empty.'),
    source: z.string().describe('Always `textus`.'),
    channel: z.enum(['sms', 'whatsapp']).describe('Channel of the message. iMessage and SMS are `sms`.'),
    whatsAppTemplate: template
      .nullable()
      .describe('The WhatsApp template of the message; null: sent without a template.'),
    engagementScore: z.null().describe('Always null.'),
    engagementTemperature: z.null().describe('Always null.'),
    respondedToMessage: z.null().optional().describe('Always null; present if the message has a template.'),
  })
  .meta({ title: 'Message', description: 'A message.' });

export const conversation = z
  .object({
    '@type': z.literal('Conversation').describe('Type of the resource.'),
    '@context': context.describe('Path of the JSON-LD context.'),
    id: z.string().describe('Path of the conversation.'),
    phone: z
      .string()
      .nullable()
      .describe('The other participant: phone number in E.164 format, or e-mail address; null for a group.'),
    accountPhone: z.string().describe('Your number in the conversation.'),
    contact: z.string().nullable().describe('Path of the contact; null: not a saved contact.'),
    isGroup: z.boolean().describe('Whether the conversation has several participants.'),
    participants: z.array(z.string()).describe('Addresses of all participants except your number.'),
    messages: z.string().describe('Path of the messages.'),
    latestMessage: z.string().describe('Path of the latest message.'),
    totalCount: z.number().int().describe('Number of messages.'),
    unreadCount: z.number().int().describe('Number of unread inbound messages.'),
    createdAt: time.describe('Time of the first message.'),
    updatedAt: time.describe('Time of the last change.'),
  })
  .meta({ title: 'Conversation' });

const customFields = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

export const user = z
  .object({
    '@type': z.literal('User').describe('Type of the resource.'),
    '@context': context.describe('Path of the JSON-LD context.'),
    id: z.string().describe('Path of the user.'),
    name: z.string().describe('Name of the user.'),
    email: z.string().nullable().describe('E-mail address of the user; null: no address.'),
    custom: customFields.describe('Your own fields of the user, by name.'),
    savedReplies: z.string().describe('Path of the saved replies.'),
  })
  .meta({ title: 'User' });

export const savedReply = z
  .object({
    '@type': z.literal('SavedReply').describe('Type of the resource.'),
    '@context': context.describe('Path of the JSON-LD context.'),
    id: z.string().describe('Path of the saved reply.'),
    user: z.string().describe('Path of the user.'),
    title: z.string().describe('Name of the saved reply.'),
    body: z.string().describe('The text.'),
    createdAt: time.describe('Time at which the saved reply was created.'),
    updatedAt: time.describe('Time of the last change.'),
  })
  .meta({ title: 'SavedReply' });

export const contact = z
  .object({
    '@type': z.literal('Contact').describe('Type of the resource.'),
    '@context': context.describe('Path of the JSON-LD context.'),
    id: z.string().describe('Path of the contact.'),
    firstName: z.string().nullable().describe('First word of the name; null: no name.'),
    lastName: z.string().nullable().describe('The name without its first word; null: no further word.'),
    name: z.string().nullable().describe('Name of the contact; null: no name.'),
    phone: z
      .string()
      .describe(
        'Phone number of the contact in E.164 format, or the e-mail address of its iMessage account.',
      ),
    email: z.string().nullable().describe('E-mail address of the contact; null: no address.'),
    custom: customFields.describe('Your own fields of the contact, by name.'),
    optedOut: z.boolean().describe('Whether the contact has opted out of messages.'),
    createdAt: time.describe('Time at which the contact was created.'),
    updatedAt: time.describe('Time of the last change.'),
  })
  .meta({ title: 'Contact' });

export const account = z
  .object({
    '@type': z.literal('Account').describe('Type of the resource.'),
    '@context': context.describe('Path of the JSON-LD context.'),
    id: z.string().describe('Path of the account.'),
    slug: z.string().describe('Name of the account in paths.'),
    conversations: z.string().describe('Path of the conversations.'),
    contacts: z.string().describe('Path of the contacts.'),
    users: z.string().describe('Path of the users.'),
    whatsAppTemplates: z.string().describe('Path of the WhatsApp templates.'),
    integrations: z.string().describe('Path of the integrations.'),
  })
  .meta({ title: 'Account' });

export const integration = z
  .object({
    '@type': z.literal('Integration').describe('Type of the resource.'),
    '@context': context.describe('Path of the JSON-LD context.'),
    id: z.string().describe('Path of the integration.'),
    provider: z.literal('webhook').describe('Always `webhook`.'),
    config: z
      .object({
        baseUrl: z.string().describe('URL that receives the events by POST.'),
        webhookSecret: z.string().describe('Secret that signs the deliveries: `whsec_` and base64.'),
      })
      .describe('Address and secret.'),
    settings: z
      .object({
        actions: z
          .record(
            z.enum(ACTION_NAMES),
            z.boolean().describe('Whether the events of this action are delivered.'),
          )
          .describe('The actions and whether their events are delivered.'),
      })
      .describe('Settings of the integration.'),
    createdAt: time.describe('Time at which the integration was created.'),
    updatedAt: time.describe('Time of the last change.'),
  })
  .meta({ title: 'Integration' });

export function collectionOf(member: z.ZodType) {
  return z.object({
    ...collectionHead,
    members: z.array(member).describe('The resources of this page.'),
    totalItems: z.number().int().describe('Number of resources in all pages.'),
    view: z
      .object({
        '@type': z.literal('hydra:PartialCollectionView').describe('Type of the resource.'),
        id: z.string().describe('Path of this page, with its query.'),
        next: z.string().nullable().describe('Path of the next page; null on the last page.'),
      })
      .describe('This page.'),
    cursor: z.string().nullable().describe('Cursor of the next page; null on the last page.'),
  });
}

/** The definitions of the keys follow JSON-LD. */
export const contextFile = z.object({
  '@context': z.record(z.string(), z.unknown()).describe('Definitions of the fields, by name.'),
});
