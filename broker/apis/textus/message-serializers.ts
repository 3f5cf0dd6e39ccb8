/** Serializes messages and attachments for the TextUs API. */

import { conversationId, conversationOf } from '../../core/model/conversation.ts';
import type { Media } from '../../core/model/media.ts';
import type { Message, MessageStatus } from '../../core/model/message.ts';
import { firstUserId } from '../../core/model/user.ts';
import type { WhatsappTemplate } from '../../core/model/whatsapp-template.ts';
import type { Queries } from '../../core/ports/store.ts';
import { formatTime } from '../../http/timestamps.ts';
import { extensionOf } from './attachment-types.ts';
import { formattedBody } from './formatted-body.ts';
import { contextIri, formatIri } from './iris.ts';
import type { TextusOptions } from './options.ts';
import { serializeTemplate } from './serializers.ts';

const DELIVERY_STATES = {
  queued: 'pending',
  polling: 'sending',
  sent: 'sent',
  delivered: 'delivered',
  failed: 'failed',
  received: 'received',
} as const satisfies Record<MessageStatus, string>;

/** Lifetime of a link to an attachment. */
export const LINK_MS = 60 * 60 * 1000;

/** Data that the serialization of messages needs in addition to the messages. */
export interface SerializerContext {
  templates: ReadonlyMap<string, WhatsappTemplate>;
  /** Contact ids by handle. */
  contacts: ReadonlyMap<string, string>;
  /** Returns an expiring link to an attachment, usable without an API key. */
  linkTo(mediaId: string): string;
}

export async function loadSerializerContext(
  tx: Queries,
  tenantId: number,
  messages: readonly Message[],
  linkTo: (mediaId: string) => string,
): Promise<SerializerContext> {
  const hasTemplates = messages.some(({ template }) => template !== null);
  const templates = hasTemplates ? await tx.whatsappTemplates.list(tenantId) : [];
  const contacts = new Map<string, string>();
  const senders = messages.filter(({ direction }) => direction === 'inbound').map(({ handle }) => handle);
  for (const handle of new Set(senders)) {
    const contact = await tx.contacts.findByHandle(tenantId, handle);
    if (contact !== undefined) contacts.set(handle, contact.id);
  }
  return { templates: new Map(templates.map((template) => [template.id, template])), contacts, linkTo };
}

export async function serializeMessages(
  options: TextusOptions,
  tenantId: number,
  messages: readonly Message[],
): Promise<unknown[]> {
  const context = await loadSerializerContext(options.store.read, tenantId, messages, linksOf(options));
  return messages.map((message) => serializeMessage(message, context));
}

export function linksOf({ linkTo, context }: TextusOptions): (mediaId: string) => string {
  return (mediaId) => linkTo(mediaId, context.now() + LINK_MS);
}

export function serializeMessage(message: Message, context: SerializerContext) {
  const state = DELIVERY_STATES[message.status];
  const template = context.templates.get(message.template?.id ?? '');
  return {
    '@type': 'Message',
    id: formatIri('message', message.id),
    '@context': contextIri('Message'),
    direction: message.direction === 'inbound' ? 'in' : 'out',
    body: message.content,
    formattedBody: formattedBody(message.content),
    displayTimestamp: formatTime(message.sentAt ?? message.createdAt),
    timelinePosition: message.createdAt,
    deliveryState: state,
    conversation: formatIri('conversation', conversationId(conversationOf(message))),
    sender: senderOf(message, context),
    attachments: {
      '@context': contextIri('hydra:Collection'),
      '@type': 'hydra:Collection',
      id: `${formatIri('message', message.id)}/attachments`,
      members: message.media.map((media) => serializeAttachment(media, context)),
      totalItems: message.media.length,
    },
    friendlyStateDescription: `Message ${state.charAt(0).toUpperCase()}${state.slice(1)}`,
    retryAllowed: message.status === 'failed' && message.errorRetryable,
    retry: null,
    latestEventAt: formatTime(latestEventAt(message)),
    flags: [],
    source: 'textus',
    channel: message.requestedService === 'whatsapp' || message.service === 'whatsapp' ? 'whatsapp' : 'sms',
    whatsAppTemplate: template === undefined ? null : serializeTemplate(template),
    engagementScore: null,
    engagementTemperature: null,
    ...(message.template === null ? {} : { respondedToMessage: null }),
  };
}

export function serializeAttachment(media: Media, { linkTo }: Pick<SerializerContext, 'linkTo'>) {
  const isAvailable = media.sha256 !== null || media.sourceUrl !== null;
  const url = isAvailable ? linkTo(media.id) : null;
  return {
    '@type': 'Attachment',
    '@context': contextIri('Attachment'),
    id: formatIri('attachment', media.id),
    url,
    downloadUrl: url,
    key: media.sha256 === null ? null : `${media.sha256}.${fileExtensionOf(media)}`,
    contentType: media.contentType,
    size: media.size,
    width: media.width,
    height: media.height,
    originalFilename: media.name,
  };
}

/** Inbound files can have types that TextUs does not allow for outbound files. */
function fileExtensionOf({ contentType, name }: Media): string {
  return (
    extensionOf(contentType ?? '') ?? /\.([a-z0-9]{1,8})$/i.exec(name ?? '')?.[1]?.toLowerCase() ?? 'bin'
  );
}

function senderOf({ direction, tenantId, handle }: Message, { contacts }: SerializerContext): string | null {
  if (direction === 'outbound') return formatIri('user', firstUserId({ id: tenantId }));
  const contact = contacts.get(handle);
  return contact === undefined ? null : formatIri('contact', contact);
}

function latestEventAt(message: Message): number {
  const { createdAt, sentAt, deliveredAt, readAt, failedAt, editedAt, retractedAt } = message;
  return Math.max(createdAt, ...[sentAt, deliveredAt, readAt, failedAt, editedAt, retractedAt].map(Number));
}
