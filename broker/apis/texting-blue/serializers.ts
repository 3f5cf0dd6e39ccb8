/** Domain values as the Texting Blue API shows them. */
import { formatId } from '../../../shared/ids.ts';
import type { Wait } from '../../core/dispatch/waiting.ts';
import type { DryRun } from '../../core/messages/send-messages.ts';
import type { EventType, WebhookAttempt, WebhookDelivery } from '../../core/model/event.ts';
import type { Message } from '../../core/model/message.ts';
import type { NumberOverview, OwnNumber } from '../../core/model/number.ts';
import type { Webhook } from '../../core/model/webhook.ts';
import { formatTime, formatTimeOrNull } from '../../http/timestamps.ts';
import { serializeWait } from './pace-schemas.ts';

/** The answer to a send. A repeat by idempotency key gets the first answer, so the status is that of then. */
export function serializeAccepted(message: Message) {
  return {
    id: formatId('msg', message.id),
    status: 'queued',
    to: message.handle,
    from: message.ownNumber,
    content: message.content,
    media_url: message.media[0]?.sourceUrl ?? null,
    created_at: formatTime(message.createdAt),
    ...asked(message),
  };
}

/** What only some senders ask for, so only they are told of it. */
function asked({ sendAt, metadata }: Message) {
  return {
    ...(sendAt === null ? {} : { send_at: formatTime(sendAt) }),
    ...(metadata === null ? {} : { metadata }),
  };
}

/** Where the first attachment is: as its sender gave it, or behind a link of ours where it came in. */
export type MediaUrlOf = (message: Message) => string | null;

/** How long a link to an attachment works. */
const LINK_MS = 60 * 60 * 1000;

export function mediaUrls(linkTo: (mediaId: string, until: number) => string, now: () => number): MediaUrlOf {
  return ({ direction, media: [first] }) => {
    if (first === undefined) return null;
    // What a provider took in is behind its own key, so it is given out by a link of ours.
    if (direction === 'outbound' && first.sourceUrl !== null) return first.sourceUrl;
    return first.sha256 === null && first.sourceUrl === null ? null : linkTo(first.id, now() + LINK_MS);
  };
}

/** Who a message is to and from, whichever way it goes. */
export function sidesOf({ direction, ownNumber, handle }: Message): { to: string; from: string } {
  return direction === 'inbound' ? { to: ownNumber, from: handle } : { to: handle, from: ownNumber };
}

export function serializeMessage(message: Message, mediaUrlOf: MediaUrlOf) {
  return {
    id: formatId('msg', message.id),
    ...sidesOf(message),
    content: message.content,
    media_url: mediaUrlOf(message),
    status: message.status,
    direction: message.direction,
    created_at: formatTime(message.createdAt),
    delivered_at: formatTimeOrNull(message.deliveredAt),
    ...asked(message),
  };
}

export function serializeMessageDetail(message: Message, mediaUrlOf: MediaUrlOf, wait?: Wait | undefined) {
  return {
    ...serializeMessage(message, mediaUrlOf),
    error_code: message.errorCode,
    error_message: message.errorMessage,
    ...(message.priority < 0 ? { priority: 'high' } : {}),
    ...(message.hasRequestedExpiry ? { expires_at: formatTime(message.expiresAt) } : {}),
    ...(wait === undefined ? {} : { waiting: serializeWait(wait) }),
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
