/** Domain values as the Texting Blue API shows them. */
import { showId } from '../../../shared/ids.ts';
import type { Wait } from '../../core/dispatch/waiting.ts';
import type { DryRun } from '../../core/messages/send-messages.ts';
import type { EventType, WebhookAttempt, WebhookDelivery } from '../../core/model/event.ts';
import type { Message } from '../../core/model/message.ts';
import type { NumberOverview, OwnNumber } from '../../core/model/number.ts';
import type { Webhook } from '../../core/model/webhook.ts';
import { showTime, showTimeOrNull } from '../../http/timestamps.ts';
import { showWait } from './pace-schemas.ts';

/** The answer to a send. A repeat by idempotency key gets the first answer, so the status is that of then. */
export function showAccepted(message: Message) {
  return {
    id: showId('msg', message.id),
    status: 'queued',
    to: message.remote,
    from: message.ownNumber,
    content: message.content,
    media_url: message.media[0]?.sourceUrl ?? null,
    created_at: showTime(message.createdAt),
    ...asked(message),
  };
}

/** What only some senders ask for, so only they are told of it. */
function asked({ sendAt, metadata }: Message) {
  return {
    ...(sendAt === null ? {} : { send_at: showTime(sendAt) }),
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
export function sidesOf({ direction, ownNumber, remote }: Message): { to: string; from: string } {
  return direction === 'inbound' ? { to: ownNumber, from: remote } : { to: remote, from: ownNumber };
}

export function showMessage(message: Message, mediaUrlOf: MediaUrlOf) {
  return {
    id: showId('msg', message.id),
    ...sidesOf(message),
    content: message.content,
    media_url: mediaUrlOf(message),
    status: message.status,
    direction: message.direction,
    created_at: showTime(message.createdAt),
    delivered_at: showTimeOrNull(message.deliveredAt),
    ...asked(message),
  };
}

export function showMessageDetail(message: Message, mediaUrlOf: MediaUrlOf, wait?: Wait | undefined) {
  return {
    ...showMessage(message, mediaUrlOf),
    error_code: message.errorCode,
    error_message: message.errorMessage,
    ...(message.priority < 0 ? { priority: 'high' } : {}),
    ...(message.hasOwnExpiry ? { expires_at: showTime(message.expiresAt) } : {}),
    ...(wait === undefined ? {} : { waiting: showWait(wait) }),
  };
}

export function showDryRun({ message, wait }: DryRun, segments: number) {
  const { remote, ownNumber, content, media, costCents } = message;
  return {
    dry_run: true,
    to: remote,
    from: ownNumber,
    content,
    media_url: media[0]?.sourceUrl ?? null,
    segments,
    cost_cents: costCents,
    waiting: wait === undefined ? null : showWait(wait),
  };
}

export function showNumber(number: OwnNumber) {
  return {
    id: showId('num', number.id),
    phone_number: number.phoneNumber,
    label: number.label,
    status: number.status,
    verified: number.verified,
  };
}

export function showNumberOverview(number: NumberOverview) {
  return {
    ...showNumber(number),
    device_name: number.deviceName,
    last_seen_at: showTimeOrNull(number.lastSeenAt),
    messages_today: number.messagesToday,
    created_at: showTime(number.createdAt),
  };
}

export function showWebhook(webhook: Webhook, phoneNumber: string | null) {
  return {
    id: showId('wh', webhook.id),
    url: webhook.url,
    events: webhook.events,
    phone_number: phoneNumber,
    active: webhook.isActive,
    created_at: showTime(webhook.createdAt),
  };
}

export function showDelivery(
  delivery: WebhookDelivery & { type: EventType },
  attempts: readonly WebhookAttempt[],
) {
  return {
    id: showId('dlv', delivery.id),
    event_id: showId('evt', delivery.eventId),
    type: delivery.type,
    status: delivery.status,
    next_attempt_at: delivery.status === 'pending' ? showTime(delivery.nextAttemptAt) : null,
    is_replay: delivery.isReplay,
    created_at: showTime(delivery.createdAt),
    attempts: attempts.map(({ at, durationMs, statusCode, answer }) => ({
      at: showTime(at),
      duration_ms: durationMs,
      status_code: statusCode,
      answer,
    })),
  };
}
