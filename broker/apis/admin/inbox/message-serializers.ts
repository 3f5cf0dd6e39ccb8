/** Serializes messages for the dashboard. */
import { formatId } from '../../../../shared/ids.ts';
import { type Wait, type WaitContext, Waits, waitMessage } from '../../../core/dispatch/waiting.ts';
import { conversationId, conversationOf } from '../../../core/model/conversation.ts';
import type { Media } from '../../../core/model/media.ts';
import type { Message } from '../../../core/model/message.ts';
import type { Environment, Tenant } from '../../../core/model/tenant.ts';
import type { Store } from '../../../core/ports/store.ts';
import type { MediaBody, MessageBody, WaitBody } from './message-schemas.ts';
import { NO_SURROUNDINGS, readSurroundings, richFields, type Surroundings } from './rich-fields.ts';

export function serializeWait(wait: Wait): WaitBody {
  return { reason: wait.reason, message: waitMessage(wait), until: wait.until };
}

export function serializeMedia(
  { id, contentType, size, width, height, name }: Media,
  environment: Environment,
): MediaBody {
  const shown = formatId('med', id);
  const url = `/dashboard/api/${environment}/media/${shown}`;
  return { id: shown, url, contentType, size, width, height, name };
}

interface MessageState {
  wait?: Wait | undefined;
  surroundings?: Surroundings;
}

export function serializeMessage(
  message: Message,
  { environment }: Pick<Tenant, 'environment'>,
  { wait, surroundings = NO_SURROUNDINGS }: MessageState = {},
): MessageBody {
  const { errorCode, errorMessage, errorRetryable } = message;
  return {
    id: formatId('msg', message.id),
    conversationId: formatId('conv', conversationId(conversationOf(message))),
    numberId: formatId('num', message.numberId),
    ownNumber: message.ownNumber,
    handle: message.handle,
    direction: message.direction,
    status: message.status,
    service: message.service,
    content: message.content,
    media: message.media.map((one) => serializeMedia(one, environment)),
    isGroup: message.chat !== null,
    ...richFields(message, surroundings),
    createdAt: message.createdAt,
    sentAt: message.sentAt,
    deliveredAt: message.deliveredAt,
    readAt: message.readAt,
    failedAt: message.failedAt,
    editedAt: message.editedAt,
    retractedAt: message.retractedAt,
    sendAt: message.sendAt,
    expiresAt: message.expiresAt,
    error:
      errorCode === null
        ? null
        : { code: errorCode, message: errorMessage ?? errorCode, isRetryable: errorRetryable },
    wait: wait === undefined ? null : serializeWait(wait),
    cancelRequestedAt: message.cancelRequestedAt,
    costCents: message.costCents,
    isUnread: message.isUnread,
    priority: message.priority < 0 ? 'high' : 'normal',
  };
}

export interface WaitOptions {
  store: Store;
  waitContext: () => WaitContext;
}

/** Serializes messages of one tenant with their waits, groups, replies and the names of contacts. */
export async function serializeMessages(
  { store, waitContext }: WaitOptions,
  tenant: Tenant,
  messages: readonly Message[],
): Promise<MessageBody[]> {
  const waits = new Waits(store.read, waitContext());
  const surroundings = await readSurroundings(store.read, tenant.id, messages);
  const bodies: MessageBody[] = [];
  for (const message of messages) {
    const wait = message.status === 'queued' ? await waits.of(message) : undefined;
    bodies.push(serializeMessage(message, tenant, { wait, surroundings }));
  }
  return bodies;
}
