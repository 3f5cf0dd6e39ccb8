/** A message and its attachments as TextUs shows them. */

import { conversationId, conversationOf } from '../../core/model/conversation.ts';
import type { Media } from '../../core/model/media.ts';
import type { Message, MessageStatus } from '../../core/model/message.ts';
import { firstUserId } from '../../core/model/user.ts';
import type { WhatsappTemplate } from '../../core/model/whatsapp-template.ts';
import type { Queries } from '../../core/ports/store.ts';
import { formatTime } from '../../http/timestamps.ts';
import { extensionOf } from './attachment-types.ts';
import { formattedBody } from './formatted-body.ts';
import { contextName, nameOf } from './names.ts';
import { serializeTemplate } from './serializers.ts';

const DELIVERY_STATES = {
  queued: 'pending',
  polling: 'sending',
  sent: 'sent',
  delivered: 'delivered',
  failed: 'failed',
  received: 'received',
} as const satisfies Record<MessageStatus, string>;

/** What messages name beside themselves. */
export interface SerializerContext {
  templates: ReadonlyMap<string, WhatsappTemplate>;
  /** The ids of contacts, by handle. */
  contacts: ReadonlyMap<string, string>;
  /** A link at which the attachment can be fetched without a key, for a while. */
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

export function serializeMessage(message: Message, around: SerializerContext) {
  const state = DELIVERY_STATES[message.status];
  const template = around.templates.get(message.template?.id ?? '');
  return {
    '@type': 'Message',
    id: nameOf('message', message.id),
    '@context': contextName('Message'),
    direction: message.direction === 'inbound' ? 'in' : 'out',
    body: message.content,
    formattedBody: formattedBody(message.content),
    displayTimestamp: formatTime(message.sentAt ?? message.createdAt),
    timelinePosition: message.createdAt,
    deliveryState: state,
    conversation: nameOf('conversation', conversationId(conversationOf(message))),
    sender: senderOf(message, around),
    attachments: {
      '@context': contextName('hydra:Collection'),
      '@type': 'hydra:Collection',
      id: `${nameOf('message', message.id)}/attachments`,
      members: message.media.map((media) => serializeAttachment(media, around)),
      totalItems: message.media.length,
    },
    friendlyStateDescription: `Message ${state[0]!.toUpperCase()}${state.slice(1)}`,
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
  const isThere = media.sha256 !== null || media.sourceUrl !== null;
  const url = isThere ? linkTo(media.id) : null;
  return {
    '@type': 'Attachment',
    '@context': contextName('Attachment'),
    id: nameOf('attachment', media.id),
    url,
    downloadUrl: url,
    key: media.sha256 === null ? null : `${media.sha256}.${extensionOfMedia(media)}`,
    contentType: media.contentType,
    size: media.size,
    width: media.width,
    height: media.height,
    originalFilename: media.name,
  };
}

/** Devices also take in files of types that TextUs does not send. */
function extensionOfMedia({ contentType, name }: Media): string {
  return (
    extensionOf(contentType ?? '') ?? /\.([a-z0-9]{1,8})$/i.exec(name ?? '')?.[1]?.toLowerCase() ?? 'bin'
  );
}

function senderOf({ direction, tenantId, handle }: Message, { contacts }: SerializerContext): string | null {
  if (direction === 'outbound') return nameOf('user', firstUserId({ id: tenantId }));
  const contact = contacts.get(handle);
  return contact === undefined ? null : nameOf('contact', contact);
}

function latestEventAt(message: Message): number {
  const { createdAt, sentAt, deliveredAt, readAt, failedAt, editedAt, retractedAt } = message;
  return Math.max(createdAt, ...[sentAt, deliveredAt, readAt, failedAt, editedAt, retractedAt].map(Number));
}
