/** Schemas of webhooks and deliveries. */
import { z } from 'zod';
import { DIALECT_EVENTS } from '../../core/model/webhook.ts';
import { pageEnd } from '../../http/pagination.ts';
import type { UrlOptions } from '../../http/request-schemas.ts';
import { anObject, callableUrl } from '../../http/request-schemas.ts';
import { eventsAmong } from '../../http/webhook-schemas.ts';
import { pageQuery, time } from './schemas.ts';

export const TEXTREE_EVENTS = DIALECT_EVENTS.textree;

const events = eventsAmong(TEXTREE_EVENTS).describe('Types of the delivered events.');

export function webhookBodyFor(options: UrlOptions) {
  return anObject({ url: callableUrl('url', options).describe('URL that receives the events.'), events });
}

export function webhookUpdateBodyFor(options: UrlOptions) {
  return anObject({
    url: callableUrl('url', options).optional().describe('URL that receives the events by POST.'),
    events: events.optional(),
    active: z
      .boolean({ error: "'active' must be true or false." })
      .optional()
      .describe('Whether the webhook receives events.'),
  });
}

export const deliveriesQuery = pageQuery('dlv', 'delivery');

const webhook = z
  .object({
    id: z.string().describe('Id of the webhook: `wh_` and 26 letters and digits.'),
    url: z.string().describe('URL that receives the events by POST.'),
    events: z.array(z.enum(TEXTREE_EVENTS)).describe('Types of the delivered events.'),
    number_id: z
      .string()
      .nullable()
      .describe('Id of the number whose events the webhook receives; null: all numbers.'),
    active: z
      .boolean()
      .describe(
        'Whether the webhook receives events. The broker disables a webhook after repeated failures.',
      ),
    created_at: time.describe('Time at which the webhook was created.'),
    updated_at: time.describe('Time of the last change.'),
  })
  .meta({ title: 'Webhook', description: 'A webhook.' });

export const webhookList = z.object({ webhooks: z.array(webhook).describe('All webhooks of the account.') });
export const webhookResponse = z.object({ webhook });
export const newWebhookResponse = z.object({
  webhook: webhook
    .extend({ secret: z.string().describe('Secret that signs the deliveries.') })
    .describe('The created webhook.'),
});

const delivery = z
  .object({
    id: z.string().describe('Id of the delivery: `dlv_` and 26 letters and digits.'),
    event_id: z.string().describe('Id of the delivered event: `evt_` and 26 letters and digits.'),
    type: z.enum(TEXTREE_EVENTS).describe('Type of the event.'),
    status: z
      .enum(['pending', 'delivered', 'failed'])
      .describe('`pending`: not delivered yet; `failed`: all attempts failed.'),
    attempts: z.number().int().describe('Number of attempts until now.'),
    next_attempt_at: time.nullable().describe('Time of the next attempt; null: no further attempt.'),
    is_replay: z.boolean().describe('Whether the delivery was requested with a replay.'),
    created_at: time.describe('Time at which the delivery was queued.'),
  })
  .meta({ title: 'Delivery', description: 'The delivery of an event to a webhook.' });

export const deliveryResponse = z.object({ delivery });
export const deliveryList = z.object({
  deliveries: z.array(delivery).describe('The deliveries of this page.'),
  ...pageEnd,
});
