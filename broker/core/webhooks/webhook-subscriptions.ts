/** Creates, updates, removes, tests and replays webhooks of all APIs. */
import type { IdSource } from '../../../shared/ids.ts';
import { startTask, TASK_STEP, type TaskStep } from '../lifecycle/background-tasks.ts';
import { conflict, notFound, planLimitExceeded } from '../model/errors.ts';
import { type EventContext, type EventType, newDelivery, type WebhookDelivery } from '../model/event.ts';
import { type Message, NEW_MESSAGE_DEFAULTS } from '../model/message.ts';
import type { Plan } from '../model/plan.ts';
import type { Webhook, WebhookDialect } from '../model/webhook.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Queries } from '../ports/store.ts';

export interface WebhookContext {
  now: () => number;
  ids: IdSource;
  secrets: Pick<Secrets, 'newWebhookSecret'>;
}

/** Delivery reports are part of the plan feature `media`. @throws HomingError */
export function assertEventsInPlan({ media }: Plan, events: readonly EventType[]): void {
  if (media || !events.includes('message.delivered')) return;
  throw planLimitExceeded('Your plan does not include the event message.delivered.', 'events');
}

export async function createWebhook(
  tx: Queries,
  attributes: Pick<Webhook, 'tenantId' | 'dialect' | 'numberId' | 'name' | 'url' | 'events'>,
  { now, ids, secrets }: WebhookContext,
): Promise<Webhook> {
  await assertUnique(tx, attributes);
  const at = now();
  const webhook: Webhook = {
    ...attributes,
    id: ids(),
    secret: secrets.newWebhookSecret(),
    previousSecret: null,
    previousSecretUntil: null,
    isActive: true,
    consecutiveFailures: 0,
    createdAt: at,
    updatedAt: at,
  };
  await tx.webhooks.insert(webhook);
  return webhook;
}

async function assertUnique(
  tx: Queries,
  { tenantId, dialect, numberId, url }: Pick<Webhook, 'tenantId' | 'dialect' | 'numberId' | 'url'>,
): Promise<void> {
  const existing = await tx.webhooks.list(tenantId, dialect);
  if (existing.some((other) => other.url === url && other.numberId === numberId)) {
    throw conflict('A webhook with this URL exists.', 'url');
  }
}

export async function updateWebhook(
  tx: Queries,
  tenantId: number,
  dialect: WebhookDialect,
  id: string,
  change: Partial<Pick<Webhook, 'url' | 'events' | 'isActive' | 'name' | 'numberId'>>,
  now: number,
): Promise<Webhook> {
  const webhook = await tx.webhooks.find(tenantId, dialect, id);
  if (webhook === undefined) throw notFound('Webhook');
  // Activation resets the count of failures.
  const consecutiveFailures = change.isActive === true ? 0 : webhook.consecutiveFailures;
  const next = { ...webhook, ...change, consecutiveFailures, updatedAt: now };
  if (next.url !== webhook.url) await assertUnique(tx, next);
  await tx.webhooks.update(next);
  return next;
}

/** Removes a webhook. Its deliveries are deleted in the background. */
export async function removeWebhook(
  tx: Queries,
  tenantId: number,
  dialect: WebhookDialect,
  id: string,
  { now, ids }: Pick<WebhookContext, 'now' | 'ids'>,
): Promise<void> {
  const context = { now: now(), ids };
  if (!(await tx.webhooks.markRemoved(tenantId, dialect, id, context.now))) throw notFound('Webhook');
  const task = { kind: 'remove_webhook', subject: id, beforeId: '' } as const;
  await startTask(tx, task, deletionOfRemovedWebhook, context);
}

export const deletionOfRemovedWebhook: TaskStep = async (tx, { subject: webhookId }) => {
  if ((await tx.deliveries.removeOf(webhookId, TASK_STEP)) === TASK_STEP) return '';
  await tx.webhooks.remove(webhookId);
  return undefined;
};

/** Sets the pending deliveries of a webhook that became inactive to failed, in the background. */
export async function failPendingDeliveries(
  tx: Queries,
  webhookId: string,
  context: EventContext,
): Promise<void> {
  const task = { kind: 'fail_deliveries', subject: webhookId, beforeId: context.ids() } as const;
  await startTask(tx, task, failureOfPendingDeliveries, context);
}

/** True while the pending deliveries of the webhook are being set to failed. */
export async function isGivingUp(read: Queries, webhookId: string): Promise<boolean> {
  return (await read.tasks.find({ kind: 'fail_deliveries', subject: webhookId })) !== undefined;
}

export const failureOfPendingDeliveries: TaskStep = async (tx, { subject: webhookId, beforeId }) =>
  (await tx.deliveries.failPending(webhookId, beforeId, TASK_STEP)) === TASK_STEP ? '' : undefined;

/** Creates a delivery of a stored event, independent of earlier deliveries. */
export async function replayEvent(
  tx: Queries,
  tenantId: number,
  dialect: WebhookDialect,
  ids: { webhook: string; event: string },
  context: Pick<WebhookContext, 'now' | 'ids'>,
): Promise<WebhookDelivery & { type: EventType }> {
  const webhook = await tx.webhooks.find(tenantId, dialect, ids.webhook);
  if (webhook === undefined) throw notFound('Webhook');
  const event = await tx.events.find(tenantId, ids.event);
  if (event === undefined) throw notFound('Event');
  const delivery = newDelivery(context.ids(), webhook.id, event, context.now(), true);
  await tx.deliveries.insert(delivery);
  return { ...delivery, type: event.type };
}

/** Replaces the secret. The previous secret also signs for `overlapMs`. */
export async function rotateSecret(
  tx: Queries,
  webhook: Webhook,
  overlapMs: number,
  { now, secrets }: Omit<WebhookContext, 'ids'>,
): Promise<Webhook> {
  const next: Webhook = {
    ...webhook,
    secret: secrets.newWebhookSecret(),
    previousSecret: overlapMs > 0 ? webhook.secret : null,
    previousSecretUntil: overlapMs > 0 ? now() + overlapMs : null,
    updatedAt: now(),
  };
  await tx.webhooks.update(next);
  return next;
}

/** Creates a delivery with a sample message, for tests of the receiver. */
export async function testWebhook(
  tx: Queries,
  { id, tenantId }: Webhook,
  { now, ids }: Omit<WebhookContext, 'secrets'>,
): Promise<WebhookDelivery & { type: EventType }> {
  const at = now();
  const message: Message = {
    ...NEW_MESSAGE_DEFAULTS,
    id: ids(),
    tenantId,
    numberId: '',
    direction: 'inbound',
    status: 'received',
    ownNumber: '+15005550006',
    handle: '+15005550014',
    content: 'This is a test of your webhook.',
    media: [],
    chat: null,
    requestedService: 'auto',
    service: 'imessage',
    expiresAt: at,
    createdAt: at,
    sentAt: at,
  };
  const type = 'message.received';
  const event = { id: ids(), tenantId, type, messageId: null, subject: { message }, createdAt: at } as const;
  await tx.events.insert(event);
  const delivery = newDelivery(ids(), id, event, at);
  await tx.deliveries.insert(delivery);
  return { ...delivery, type };
}
