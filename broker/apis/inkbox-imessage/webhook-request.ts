/** Serializes events for webhooks of the Inkbox iMessage API: headers and body. */
import { createHmac } from 'node:crypto';
import { formatId, formatUuid } from '../../../shared/ids.ts';
import { conversationId, conversationOf } from '../../core/model/conversation.ts';
import type { HomingEvent, MessageSubject } from '../../core/model/event.ts';
import type { Webhook } from '../../core/model/webhook.ts';
import type { Queries } from '../../core/ports/store.ts';
import { formatTime } from '../../http/timestamps.ts';
import { LINK_MS } from '../inkbox/serializers.ts';
import { eventNameOf } from './event-types.ts';
import { serializeMessage, serializeReaction } from './serializers.ts';

export interface EventContext {
  read: Queries;
  linkTo(mediaId: string, until: number): string;
  /** Time of the attempt (epoch ms). */
  now: number;
}

export async function eventRequest(event: HomingEvent, webhook: Webhook, context: EventContext) {
  const body = JSON.stringify(await serializeEvent(event, webhook, context));
  const requestId = formatUuid(event.id);
  const timestamp = String(Math.floor(context.now / 1_000));
  return {
    headers: {
      'x-inkbox-request-id': requestId,
      'x-inkbox-timestamp': timestamp,
      'x-inkbox-signature': `sha256=${sign(`${requestId}.${timestamp}.${body}`, webhook.secret)}`,
    },
    body,
  };
}

/** The key is the secret as text, without its `whsec_`. */
function sign(signed: string, secret: string): string {
  return createHmac('sha256', secret.replace(/^whsec_/, ''))
    .update(signed)
    .digest('hex');
}

export async function serializeEvent(
  { id, type, tenantId, createdAt, subject }: HomingEvent,
  webhook: Pick<Webhook, 'numberId'>,
  context: EventContext,
) {
  const data =
    'message' in subject
      ? await serializeSubject(tenantId, subject, context)
      : { message: null, reaction: null, contacts: [] };
  return {
    id: formatId('evt', id),
    event_type: eventNameOf(type, webhook) ?? type,
    timestamp: formatTime(createdAt),
    data: { ...data, agent_identities: [] },
  };
}

async function serializeSubject(
  tenantId: number,
  { message, group, reaction }: MessageSubject,
  { read, linkTo, now }: EventContext,
) {
  const handles = reaction === undefined ? (group?.participants ?? [message.handle]) : [reaction.handle];
  const contacts = await read.contacts.findByHandles(tenantId, handles);
  const shown = contacts.map(({ id, name }) => ({ id: formatUuid(id), name }));
  if (reaction !== undefined) {
    return { message: null, reaction: reactionRow({ message, reaction }), contacts: shown };
  }
  const isSent = group !== undefined && message.direction === 'outbound';
  const receipts = isSent ? await read.receipts.ofMessages([message.id]) : undefined;
  const state = {
    ...{ group, receipts: receipts?.get(message.id) ?? [] },
    urlOf: ({ id }: { id: string }) => linkTo(id, now + LINK_MS),
  };
  return { message: serializeMessage(message, state), reaction: null, contacts: shown };
}

function reactionRow({ message, reaction }: Required<Pick<MessageSubject, 'message' | 'reaction'>>) {
  const { id, direction, remote_number, part_index, created_at, ...name } = serializeReaction(
    reaction,
    message,
  );
  return {
    id,
    conversation_id: formatUuid(conversationId(conversationOf(message))),
    assignment_id: null,
    target_message_id: formatUuid(message.id),
    direction,
    ...name,
    ...{ remote_number, part_index, created_at, updated_at: created_at },
  };
}
