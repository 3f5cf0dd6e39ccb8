/** Serializes domain values for the Texting Blue API. */

import type { z } from 'zod';
import type { Capability } from '../../../shared/capabilities.ts';
import { formatId } from '../../../shared/ids.ts';
import { type Wait, waitMessage } from '../../core/dispatch/waiting.ts';
import type { DryRun } from '../../core/messages/send-messages.ts';

import type { EventType, WebhookAttempt, WebhookDelivery } from '../../core/model/event.ts';
import type { GroupChat } from '../../core/model/group-chat.ts';
import type { Message } from '../../core/model/message.ts';
import type { MessageEdit } from '../../core/model/message-edit.ts';
import type { NumberOverview, OwnNumber } from '../../core/model/number.ts';
import type { Webhook } from '../../core/model/webhook.ts';
import type { NumberUsage, Slot } from '../../core/numbers/number-usage.ts';
import { formatTime, formatTimeOrNull } from '../../http/timestamps.ts';
import { serializeWait, waitingField } from '../../http/waiting.ts';
import { eventName } from './event-names.ts';
import type { MediaUrlOf } from './media-urls.ts';
import type { usageResponse } from './pace-schemas.ts';
import { richFields } from './rich-fields.ts';

/**
 * The status is always `queued`: a repeat by idempotency key returns the first response. `group`: the group of a group
 * message. `urls`: the URLs of the attachments in the request.
 */
export function serializeAccepted(
  message: Message,
  wait: Wait | undefined,
  urls: readonly string[],
  group: Pick<GroupChat, 'conversationId' | 'participants'> | undefined,
) {
  const { replyTo, effect, subject, isVoiceNote } = message;
  return {
    id: formatId('msg', message.id),
    status: 'queued',
    to: group === undefined ? message.handle : null,
    from: message.ownNumber,
    content: message.content,
    media_url: urls[0] ?? null,
    created_at: formatTime(message.createdAt),
    // JSON omits the fields that are undefined.
    send_at: message.sendAt === null ? undefined : formatTime(message.sendAt),
    metadata: message.metadata ?? undefined,
    waiting: wait === undefined ? undefined : serializeWait(wait),
    ...(group === undefined
      ? {}
      : {
          conversation_id: formatId('conv', group.conversationId),
          is_group: true,
          participants: group.participants,
        }),
    reply_to:
      replyTo?.messageId == null
        ? undefined
        : { message_id: formatId('msg', replyTo.messageId), part: replyTo.part },
    effect: effect ?? undefined,
    subject: subject ?? undefined,
    voice_note: isVoiceNote ? true : undefined,
    media_urls: urls.length > 1 ? urls : undefined,
  };
}

/** Optional fields, included only if the send request contained them. */
function requestedFields({ sendAt, metadata }: Message) {
  return {
    ...(sendAt === null ? {} : { send_at: formatTime(sendAt) }),
    ...(metadata === null ? {} : { metadata }),
  };
}

/** Returns sender and recipient, depending on the direction. The recipient of an outbound group message is null. */
export function addressesOf({ direction, ownNumber, handle, chat }: Message) {
  if (direction === 'inbound') return { to: ownNumber, from: handle };
  return { to: chat === null ? handle : null, from: ownNumber };
}

/** The state of a message beside its row. */
export interface MessageState {
  wait?: Wait | undefined;
  /** The group of a group message. */
  group?: Pick<GroupChat, 'participants'> | undefined;
}

/** The fields of the original API, with the later fields that are present only if they are set. */
function listedFields(message: Message, mediaUrlOf: MediaUrlOf) {
  return {
    id: formatId('msg', message.id),
    ...addressesOf(message),
    content: message.content,
    media_url: mediaUrlOf(message),
    status: message.status,
    direction: message.direction,
    created_at: formatTime(message.createdAt),
    delivered_at: formatTimeOrNull(message.deliveredAt),
    ...(message.readAt === null ? {} : { read_at: formatTime(message.readAt) }),
    ...(message.service === null ? {} : { service: message.service }),
    ...requestedFields(message),
  };
}

export function serializeMessage(
  message: Message,
  mediaUrlOf: MediaUrlOf,
  { wait, group }: MessageState = {},
) {
  return {
    ...listedFields(message, mediaUrlOf),
    ...waitingField(wait),
    ...richFields(message, group, mediaUrlOf),
  };
}

/** `edits`: the versions of the text, oldest first. */
export function serializeMessageDetail(
  message: Message,
  mediaUrlOf: MediaUrlOf,
  { edits, ...state }: MessageState & { edits: readonly MessageEdit[] },
) {
  return {
    ...listedFields(message, mediaUrlOf),
    error_code: message.errorCode,
    error_message: message.errorMessage,
    ...(message.priority < 0 ? { priority: 'high' } : {}),
    ...(message.hasRequestedExpiry ? { expires_at: formatTime(message.expiresAt) } : {}),
    ...waitingField(state.wait),
    ...richFields(message, state.group, mediaUrlOf),
    edits: edits
      .filter(({ kind }) => kind !== 'unsent')
      .map(({ content, at }) => ({ content, at: formatTime(at) })),
  };
}

export function serializeDryRun({ message, wait }: DryRun, segments: number, urls: readonly string[]) {
  const { handle, ownNumber, content, costCents, chat } = message;
  return {
    dry_run: true,
    to: chat === null ? handle : null,
    from: ownNumber,
    content,
    media_url: urls[0] ?? null,
    segments,
    cost_cents: costCents,
    waiting: wait === undefined ? null : serializeWait(wait),
  };
}

export function serializeNumber(number: OwnNumber) {
  return {
    id: formatId('num', number.id),
    phone_number: number.phoneNumber,
    label: number.label,
    status: number.status,
    verified: number.verified,
  };
}

export function serializeNumberOverview(number: NumberOverview, capabilities: readonly Capability[]) {
  return {
    ...serializeNumber(number),
    device_name: number.deviceName,
    last_seen_at: formatTimeOrNull(number.lastSeenAt),
    messages_today: number.messagesToday,
    created_at: formatTime(number.createdAt),
    capabilities,
  };
}

export function serializeWebhook(webhook: Webhook, phoneNumber: string | null) {
  return {
    id: formatId('wh', webhook.id),
    url: webhook.url,
    events: webhook.events.map(eventName),
    phone_number: phoneNumber,
    active: webhook.isActive,
    created_at: formatTime(webhook.createdAt),
  };
}

export function serializeDelivery(
  delivery: WebhookDelivery & { type: EventType },
  attempts: readonly WebhookAttempt[],
) {
  return {
    id: formatId('dlv', delivery.id),
    event_id: formatId('evt', delivery.eventId),
    type: eventName(delivery.type),
    status: delivery.status,
    next_attempt_at: delivery.status === 'pending' ? formatTime(delivery.nextAttemptAt) : null,
    is_replay: delivery.isReplay,
    created_at: formatTime(delivery.createdAt),
    attempts: attempts.map(({ at, durationMs, statusCode, answer }) => ({
      at: formatTime(at),
      duration_ms: durationMs,
      status_code: statusCode,
      answer,
    })),
  };
}

export function serializeUsage(
  id: string,
  phoneNumber: string,
  usage: NumberUsage,
): z.infer<typeof usageResponse> {
  return {
    id,
    phone_number: phoneNumber,
    time_zone: usage.timeZone,
    limits: usage.limits.map(({ name, windowMs, used, limit: allowed }) => ({
      name,
      window_seconds: windowMs / 1_000,
      used,
      limit: allowed,
      remaining: allowed === null ? null : Math.max(0, allowed - used),
    })),
    ramp: usage.ramp === null ? null : { day: usage.ramp.day, ends_at: formatTime(usage.ramp.endsAt) },
    next_free_slot: serializeSlot(usage.nextMessage),
    next_new_contact: serializeSlot(usage.nextNewContact),
    queued: usage.queued,
  };
}

function serializeSlot({ at, reason }: Slot) {
  return { at: formatTimeOrNull(at), reason, message: reason === null ? null : waitMessage({ reason }) };
}
