/** Schemas of webhooks and deliveries: bodies, queries and responses. */
import { z } from 'zod';
import { parseId } from '../../../shared/ids.ts';
import type { EventType } from '../../core/model/event.ts';
import { cursorOf, pageEnd, pageLimit } from '../../http/pagination.ts';
import type { UrlOptions } from '../../http/request-schemas.ts';
import { anObject, callableUrl, phoneNumber, timeIn } from '../../http/request-schemas.ts';
import { eventsAmong } from '../../http/webhook-schemas.ts';

const EVENTS = [
  'message.received',
  'message.sent',
  'message.delivered',
  'message.failed',
] as const satisfies readonly EventType[];

const events = eventsAmong(EVENTS);

export function webhookBodyFor(options: UrlOptions) {
  return anObject({
    url: callableUrl('url', options),
    events,
    phone_number: phoneNumber('phone_number').nullish(),
  });
}

export function webhookUpdateBodyFor(options: UrlOptions) {
  return anObject({
    url: callableUrl('url', options).optional(),
    events: events.optional(),
    phone_number: phoneNumber('phone_number').nullish(),
    active: z.boolean({ error: "'active' must be true or false." }).optional(),
  });
}

const OVERLAP_HOURS_MAX = 168;
const OVERLAP_ERROR = `'overlap_hours' must be a whole number from 0 to ${OVERLAP_HOURS_MAX}.`;
export const rotateBody = anObject({
  overlap_hours: z
    .int({ error: OVERLAP_ERROR })
    .min(0, { error: OVERLAP_ERROR })
    .max(OVERLAP_HOURS_MAX, { error: OVERLAP_ERROR })
    .default(24),
});

export const replayBody = anObject({
  event_id: z
    .string({ error: "'event_id' must be a string." })
    .describe('Id of one event.')
    // A malformed id is handled like an unknown id (404).
    .transform((text) => ({ id: parseId('evt', text) }))
    .optional(),
  since: timeIn('since').describe('Start of a time range, instead of `event_id`.').optional(),
  until: timeIn('until').describe('End of the time range; default: now.').nullish(),
  undelivered_only: z
    .boolean({ error: "'undelivered_only' must be true or false." })
    .describe('Only events that were not delivered to the webhook.')
    .nullish(),
  cursor: cursorOf('evt', "'cursor' is not the id of an event.").nullish(),
}).superRefine(({ event_id, since, until }, context) => {
  const addIssue = (path: string, message: string) =>
    context.addIssue({ code: 'custom', path: [path], message });
  if ((event_id === undefined) === (since === undefined)) {
    addIssue('event_id', "Either 'event_id' or 'since' is required.");
  } else if (since !== undefined && until != null && until <= since) {
    addIssue('until', "'until' must be after 'since'.");
  }
});
export type ReplayBody = z.infer<typeof replayBody>;

export const replayedRange = z.object({
  replayed: z.int(),
  cursor: z
    .string()
    .nullable()
    .describe('Cursor of the next request with the same range; null: the range is complete.'),
  has_more: z.boolean(),
});

export const deliveriesQuery = z.object({
  limit: pageLimit(100),
  cursor: cursorOf('dlv', "'cursor' is not the id of a delivery."),
});

const time = z.iso.datetime();

export const webhook = z.object({
  id: z.string(),
  url: z.string(),
  events: z.array(z.enum(EVENTS)),
  phone_number: z.string().nullable(),
  active: z.boolean(),
  created_at: time,
});

export const webhookList = z.object({ webhooks: z.array(webhook) });
export const callbackSecretResponse = z.object({ secret: z.string() });
export const newWebhook = webhook.extend({ secret: z.string() });

export const delivery = z.object({
  id: z.string(),
  event_id: z.string(),
  type: z.string(),
  status: z.enum(['pending', 'delivered', 'failed']),
  next_attempt_at: time.nullable(),
  is_replay: z.boolean(),
  created_at: time,
  attempts: z.array(
    z.object({
      at: time,
      duration_ms: z.int(),
      status_code: z.number().nullable(),
      answer: z.string(),
    }),
  ),
});

export const deliveryList = z.object({
  deliveries: z.array(delivery),
  ...pageEnd,
});
