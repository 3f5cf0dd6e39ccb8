/** What is asked and answered about webhooks and what is delivered to them. */
import { z } from 'zod';
import { readId } from '../../../shared/ids.ts';
import type { EventType } from '../../core/webhooks/events.ts';
import { anObject, callableUrl, requiredText } from '../../http/field-rules.ts';
import type { UrlRules } from '../../http/url-rules.ts';
import { pageEnd, pageQuery, time } from './schema-parts.ts';

export const TEXTREE_EVENTS = [
  'message.sent',
  'message.delivered',
  'message.failed',
  'message.received',
  'conversation.created',
  'conversation.updated',
  'opt_out.created',
] as const satisfies readonly EventType[];

const EVENTS_WORDS = `'events' must be a list of one or more of: ${TEXTREE_EVENTS.join(', ')}.`;
const events = z
  .array(z.enum(TEXTREE_EVENTS, { error: EVENTS_WORDS }), { error: EVENTS_WORDS })
  .min(1, { error: EVENTS_WORDS })
  .transform((names) => [...new Set(names)])
  .describe('What it is told of.');

export function webhookBodyFor(rules: UrlRules) {
  return anObject({ url: callableUrl('url', rules).describe('What is called.'), events });
}

export function webhookUpdateBodyFor(rules: UrlRules) {
  return anObject({
    url: callableUrl('url', rules).optional(),
    events: events.optional(),
    active: z.boolean({ error: "'active' must be true or false." }).optional(),
  });
}

/** An id that is none can't be known either, which is for the operation to say. */
export const replayBody = anObject({
  event_id: requiredText('event_id').transform((shown) => readId('evt', shown)),
});

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
export const webhookAnswer = z.object({ webhook });
export const newWebhookAnswer = z.object({
  webhook: webhook.extend({ secret: z.string().describe('What deliveries are signed with.') }),
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

export const deliveryAnswer = z.object({ delivery });
export const deliveryList = z.object({ deliveries: z.array(delivery), ...pageEnd });
