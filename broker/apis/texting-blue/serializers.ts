/** Serializes domain values for the Texting Blue API. */

import type { z } from 'zod';
import { formatId } from '../../../shared/ids.ts';
import { type Wait, waitMessage } from '../../core/dispatch/waiting.ts';
import type { DryRun } from '../../core/messages/send-messages.ts';
import type { EventType, WebhookAttempt, WebhookDelivery } from '../../core/model/event.ts';
import type { Message } from '../../core/model/message.ts';
import type { NumberOverview, OwnNumber } from '../../core/model/number.ts';
import type { Webhook } from '../../core/model/webhook.ts';
import type { NumberUsage, Slot } from '../../core/numbers/number-usage.ts';
import { formatTime, formatTimeOrNull } from '../../http/timestamps.ts';
import { serializeWait, waitingField } from '../../http/waiting.ts';
import type { usageResponse } from './pace-schemas.ts';

/** The status is always `queued`: a repeat by idempotency key returns the first response. */
export function serializeAccepted(message: Message, wait: Wait | undefined) {
  return {
    id: formatId('msg', message.id),
    status: 'queued',
    to: message.handle,
    from: message.ownNumber,
    content: message.content,
    media_url: message.media[0]?.sourceUrl ?? null,
    created_at: formatTime(message.createdAt),
    // JSON omits the fields that are undefined.
    send_at: message.sendAt === null ? undefined : formatTime(message.sendAt),
    metadata: message.metadata ?? undefined,
    waiting: wait === undefined ? undefined : serializeWait(wait),
  };
}

/** Optional fields, included only if the send request contained them. */
function requestedFields({ sendAt, metadata }: Message) {
  return {
    ...(sendAt === null ? {} : { send_at: formatTime(sendAt) }),
    ...(metadata === null ? {} : { metadata }),
  };
}

/** Returns the URL of the first attachment: the sender's URL if outbound, an expiring link if inbound. */
export type MediaUrlOf = (message: Message) => string | null;

/** Lifetime of a link to an attachment. */
const LINK_MS = 60 * 60 * 1000;

export function mediaUrls(linkTo: (mediaId: string, until: number) => string, now: () => number): MediaUrlOf {
  return ({ direction, media: [first] }) => {
    if (first === undefined) return null;
    // A provider's URL of inbound media needs the provider's key, so the broker serves the file.
    if (direction === 'outbound' && first.sourceUrl !== null) return first.sourceUrl;
    return first.sha256 === null && first.sourceUrl === null ? null : linkTo(first.id, now() + LINK_MS);
  };
}

/** Returns sender and recipient, depending on the direction. */
export function addressesOf({ direction, ownNumber, handle }: Message): { to: string; from: string } {
  return direction === 'inbound' ? { to: ownNumber, from: handle } : { to: handle, from: ownNumber };
}

export function serializeMessage(message: Message, mediaUrlOf: MediaUrlOf, wait?: Wait | undefined) {
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
    ...waitingField(wait),
  };
}

export function serializeMessageDetail(message: Message, mediaUrlOf: MediaUrlOf, wait?: Wait | undefined) {
  return {
    ...serializeMessage(message, mediaUrlOf),
    error_code: message.errorCode,
    error_message: message.errorMessage,
    ...(message.priority < 0 ? { priority: 'high' } : {}),
    ...(message.hasRequestedExpiry ? { expires_at: formatTime(message.expiresAt) } : {}),
    ...waitingField(wait),
  };
}

export function serializeDryRun({ message, wait }: DryRun, segments: number) {
  const { handle, ownNumber, content, media, costCents } = message;
  return {
    dry_run: true,
    to: handle,
    from: ownNumber,
    content,
    media_url: media[0]?.sourceUrl ?? null,
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

export function serializeNumberOverview(number: NumberOverview) {
  return {
    ...serializeNumber(number),
    device_name: number.deviceName,
    last_seen_at: formatTimeOrNull(number.lastSeenAt),
    messages_today: number.messagesToday,
    created_at: formatTime(number.createdAt),
  };
}

export function serializeWebhook(webhook: Webhook, phoneNumber: string | null) {
  return {
    id: formatId('wh', webhook.id),
    url: webhook.url,
    events: webhook.events,
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
    type: delivery.type,
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
