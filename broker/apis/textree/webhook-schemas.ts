/** Schemas of webhooks and deliveries. */
import { z } from 'zod';
import type { EventType } from '../../core/model/event.ts';
import { pageEnd } from '../../http/pagination.ts';
import type { UrlOptions } from '../../http/request-schemas.ts';
import { anObject, callableUrl } from '../../http/request-schemas.ts';
import { eventsAmong } from '../../http/webhook-schemas.ts';
import { pageQuery, time } from './schemas.ts';

export const TEXTREE_EVENTS = [
  'message.sent',
  'message.delivered',
  'message.failed',
  'message.received',
  'conversation.created',
  'conversation.updated',
  'opt_out.created',
] as const satisfies readonly EventType[];

const events = eventsAmong(TEXTREE_EVENTS).describe('Types of the delivered events.');

export function webhookBodyFor(options: UrlOptions) {
  return anObject({ url: callableUrl('url', options).describe('URL that receives the events.'), events });
}

export function webhookUpdateBodyFor(options: UrlOptions) {
  return anObject({
    url: callableUrl('url', options).optional(),
    events: events.optional(),
    active: z.boolean({ error: "'active' must be true or false." }).optional(),
  });
}

export const deliveriesQuery = pageQuery('dlv', 'delivery');

const webhook = z
  .object({
    id: z.string(),
    url: z.string(),
    events: z.array(z.enum(TEXTREE_EVENTS)),
    number_id: z.string().nullable(),
    active: z.boolean(),
    created_at: time,
    updated_at: time,
  })
  .meta({ title: 'Webhook' });

export const webhookList = z.object({ webhooks: z.array(webhook) });
export const webhookResponse = z.object({ webhook });
export const newWebhookResponse = z.object({
  webhook: webhook.extend({ secret: z.string().describe('Secret that signs the deliveries.') }),
});

const delivery = z
  .object({
    id: z.string(),
    event_id: z.string(),
    type: z.enum(TEXTREE_EVENTS),
    status: z.enum(['pending', 'delivered', 'failed']),
    attempts: z.number().int(),
    next_attempt_at: time.nullable(),
    is_replay: z.boolean(),
    created_at: time,
  })
  .meta({ title: 'Delivery' });

export const deliveryResponse = z.object({ delivery });
export const deliveryList = z.object({ deliveries: z.array(delivery), ...pageEnd });
