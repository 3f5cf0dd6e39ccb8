/** Reads pages of the deliveries of all webhook subscriptions, by offset and with filters. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { z } from 'zod';
import type { EventType, WebhookDelivery } from '../../core/model/event.ts';
import type { Webhook } from '../../core/model/webhook.ts';
import type { Queries } from '../../core/ports/store.ts';
import { eventTypeOf, isTextEvent } from './event-types.ts';
import { DIALECT } from './webhook-operations.ts';
import type { deliveriesQuery } from './webhook-schemas.ts';

/** Maximum number of steps with a filter. Each step examines up to 2,000 deliveries of a subscription. */
const STEPS_MAX = 5;

export interface Delivered {
  webhook: Webhook;
  delivery: WebhookDelivery & { type: EventType };
}

type Filter = z.output<typeof deliveriesQuery>;

/** Newest first. */
export async function deliveriesAt(read: Queries, tenantId: number, filter: Filter): Promise<Delivered[]> {
  const { limit, offset, event_type, subscription_id } = filter;
  const end = offset + limit;
  let newest: Delivered[] = [];
  for (const webhook of await read.webhooks.list(tenantId, DIALECT)) {
    if (subscription_id !== undefined && webhook.id !== subscription_id) continue;
    if (event_type !== undefined && isTextEvent(event_type) !== (webhook.numberId !== null)) continue;
    const found = await deliveriesOf(read, webhook.id, filter, end);
    const both = [...newest, ...found.map((delivery) => ({ webhook, delivery }))];
    newest = both.sort((a, b) => (a.delivery.id < b.delivery.id ? 1 : -1)).slice(0, end);
    await nextTurn();
  }
  return newest.slice(offset);
}

/** Returns up to `wanted` deliveries, newest first; with a filter, those among the newest 10,000. */
async function deliveriesOf(
  read: Queries,
  webhookId: string,
  { success: isSuccess, event_type }: Filter,
  wanted: number,
): Promise<Delivered['delivery'][]> {
  if (isSuccess === undefined && event_type === undefined) {
    return read.deliveries.of(webhookId, { limit: wanted });
  }
  const type = event_type && eventTypeOf(event_type);
  const found: Delivered['delivery'][] = [];
  let before: string | undefined;
  for (let step = 0; step < STEPS_MAX && found.length < wanted; step += 1) {
    const { deliveries, next } = await read.deliveries.matching(webhookId, { isSuccess, type }, { before });
    found.push(...deliveries);
    if (next === undefined) break;
    before = next;
    await nextTurn();
  }
  return found;
}
