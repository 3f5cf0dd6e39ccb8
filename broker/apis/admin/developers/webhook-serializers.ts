/** Serializes webhooks and deliveries. */
import { formatId } from '../../../../shared/ids.ts';
import type { EventType, WebhookAttempt, WebhookDelivery } from '../../../core/model/event.ts';
import type { Webhook } from '../../../core/model/webhook.ts';
import type { Queries } from '../../../core/ports/store.ts';
import type { DeliveryBody, DeliveryDetailBody, WebhookBody } from './webhook-schemas.ts';

export async function serializeWebhook(tx: Queries, webhook: Webhook, now: number): Promise<WebhookBody> {
  const { id, tenantId, numberId, previousSecretUntil } = webhook;
  const number = numberId === null ? undefined : await tx.numbers.find(tenantId, numberId);
  const isOverlap = previousSecretUntil !== null && previousSecretUntil > now;
  return {
    id: formatId('wh', id),
    dialect: webhook.dialect,
    name: webhook.name,
    url: webhook.url,
    events: [...webhook.events],
    numberId: numberId === null ? null : formatId('num', numberId),
    phoneNumber: number?.phoneNumber ?? null,
    isActive: webhook.isActive,
    consecutiveFailures: webhook.consecutiveFailures,
    previousSecretUntil: isOverlap ? previousSecretUntil : null,
    createdAt: webhook.createdAt,
    updatedAt: webhook.updatedAt,
    problem: problemOf(webhook),
  };
}

function problemOf({ isActive, consecutiveFailures }: Webhook): WebhookBody['problem'] {
  if (consecutiveFailures === 0) return null;
  const events = `${consecutiveFailures} ${consecutiveFailures === 1 ? 'event was' : 'events in a row were'} not delivered.`;
  if (isActive) {
    return { code: 'failing', message: events, fix: 'Open the latest failed delivery to see the response.' };
  }
  return {
    code: 'disabled',
    message: `The broker disabled the webhook: ${events}`,
    fix: 'Repair the receiver, send a test event, enable the webhook and replay the missed events.',
  };
}

export function serializeDelivery(
  one: WebhookDelivery & { type: EventType },
  latest: WebhookAttempt | undefined,
): DeliveryBody {
  return {
    id: formatId('dlv', one.id),
    eventId: formatId('evt', one.eventId),
    type: one.type,
    messageId: one.messageId === null ? null : formatId('msg', one.messageId),
    status: one.status,
    isReplay: one.isReplay,
    attempts: one.attempts,
    nextAttemptAt: one.status === 'pending' ? one.nextAttemptAt : null,
    createdAt: one.createdAt,
    latestAttempt: latest === undefined ? null : serializeAttempt(latest),
  };
}

export function serializeAttempt({ at, durationMs, statusCode, answer }: WebhookAttempt) {
  return { at, durationMs, statusCode, answer };
}

const SIGNATURE = /signature/i;

/** Masks the signatures: they prove the secret to anyone who reads the page. */
export function serializeRequest(
  url: string,
  { headers, body }: { headers: Readonly<Record<string, string>>; body: string },
): NonNullable<DeliveryDetailBody['request']> {
  const shown = Object.entries(headers).map(([name, value]) => [name, SIGNATURE.test(name) ? '…' : value]);
  return { method: 'POST', url, headers: Object.fromEntries(shown), body };
}
