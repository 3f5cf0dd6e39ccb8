/** Making, changing and removing webhooks, whichever API they belong to. */
import type { IdSource } from '../../../shared/ids.ts';
import { conflict, notFound } from '../errors.ts';
import type { Secrets } from '../secrets-port.ts';
import type { Queries } from '../store-port.ts';
import { newDelivery, type WebhookDelivery } from './events.ts';
import type { Webhook, WebhookDialect } from './webhooks.ts';

export interface WebhookMaker {
  now: () => number;
  ids: IdSource;
  secrets: Pick<Secrets, 'newWebhookSecret'>;
}

export async function createWebhook(
  tx: Queries,
  wanted: Pick<Webhook, 'worldId' | 'dialect' | 'numberId' | 'name' | 'url' | 'events'>,
  { now, ids, secrets }: WebhookMaker,
): Promise<Webhook> {
  await assertOnlyOne(tx, wanted);
  const at = now();
  const webhook: Webhook = {
    ...wanted,
    id: ids(),
    secret: secrets.newWebhookSecret(),
    isActive: true,
    createdAt: at,
    updatedAt: at,
  };
  await tx.webhooks.insert(webhook);
  return webhook;
}

async function assertOnlyOne(
  tx: Queries,
  { worldId, dialect, numberId, url }: Pick<Webhook, 'worldId' | 'dialect' | 'numberId' | 'url'>,
): Promise<void> {
  const known = await tx.webhooks.list(worldId, dialect);
  if (known.some((other) => other.url === url && other.numberId === numberId)) {
    throw conflict('There is a webhook with this URL already.', 'url');
  }
}

export async function updateWebhook(
  tx: Queries,
  worldId: number,
  dialect: WebhookDialect,
  id: string,
  change: Partial<Pick<Webhook, 'url' | 'events' | 'isActive' | 'name'>>,
  now: number,
): Promise<Webhook> {
  const webhook = await tx.webhooks.find(worldId, dialect, id);
  if (webhook === undefined) throw notFound('Webhook');
  const next = { ...webhook, ...change, updatedAt: now };
  if (next.url !== webhook.url) await assertOnlyOne(tx, next);
  await tx.webhooks.update(next);
  return next;
}

export async function removeWebhook(
  tx: Queries,
  worldId: number,
  dialect: WebhookDialect,
  id: string,
): Promise<void> {
  if (!(await tx.webhooks.remove(worldId, dialect, id))) throw notFound('Webhook');
}

/** Has an event delivered to a webhook once more, whatever became of it before. */
export async function replayEvent(
  tx: Queries,
  worldId: number,
  dialect: WebhookDialect,
  ids: { webhook: string; event: string },
  maker: Pick<WebhookMaker, 'now' | 'ids'>,
): Promise<WebhookDelivery> {
  const webhook = await tx.webhooks.find(worldId, dialect, ids.webhook);
  if (webhook === undefined) throw notFound('Webhook');
  const event = await tx.events.find(worldId, ids.event);
  if (event === undefined) throw notFound('Event');
  const delivery = newDelivery(maker.ids(), webhook.id, event.id, maker.now(), true);
  await tx.events.insertDelivery(delivery);
  return delivery;
}
