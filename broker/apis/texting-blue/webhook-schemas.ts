/** Schemas of webhooks and deliveries: bodies, queries and responses. */
import { z } from 'zod';
import { parseId } from '../../../shared/ids.ts';
import { cursorOf, pageEnd, pageLimit } from '../../http/pagination.ts';
import type { UrlOptions } from '../../http/request-schemas.ts';
import { anObject, callableUrl, phoneNumber, timeIn } from '../../http/request-schemas.ts';
import { eventsAmong } from '../../http/webhook-schemas.ts';
import { EVENT_NAMES, eventTypeOf } from './event-names.ts';

const events = eventsAmong(EVENT_NAMES)
  .transform((names) => names.map(eventTypeOf))
  .describe('Types of the delivered events.');

export function webhookBodyFor(options: UrlOptions) {
  return anObject({
    url: callableUrl('url', options).describe('URL that receives the events by POST.'),
    events,
    phone_number: phoneNumber('phone_number')
      .nullish()
      .describe('Limits the webhook to the events of this number; null: all numbers.'),
  });
}

export function webhookUpdateBodyFor(options: UrlOptions) {
  return anObject({
    url: callableUrl('url', options).optional().describe('URL that receives the events by POST.'),
    events: events.optional(),
    phone_number: phoneNumber('phone_number')
      .nullish()
      .describe('Limits the webhook to the events of this number; null: all numbers.'),
    active: z
      .boolean({ error: "'active' must be true or false." })
      .optional()
      .describe('Whether the webhook receives events.'),
  });
}

const OVERLAP_HOURS_MAX = 168;
const OVERLAP_ERROR = `'overlap_hours' must be a whole number from 0 to ${OVERLAP_HOURS_MAX}.`;
export const rotateBody = anObject({
  overlap_hours: z
    .int({ error: OVERLAP_ERROR })
    .min(0, { error: OVERLAP_ERROR })
    .max(OVERLAP_HOURS_MAX, { error: OVERLAP_ERROR })
    .default(24)
    .describe('Time for which the previous secret also signs the deliveries, in hours.'),
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
  replayed: z.int().describe('Number of events that were queued again by this request.'),
  cursor: z
    .string()
    .nullable()
    .describe('Cursor of the next request with the same range; null: the range is complete.'),
  has_more: z
    .boolean()
    .describe('Whether the range has further events. If so, repeat the request with `cursor`.'),
});

export const deliveriesQuery = z.object({
  limit: pageLimit(100),
  cursor: cursorOf('dlv', "'cursor' is not the id of a delivery."),
});

const time = z.iso.datetime();

export const webhook = z.object({
  id: z.string().describe('Id of the webhook: `wh_` and 26 letters and digits.'),
  url: z.string().describe('URL that receives the events by POST.'),
  events: z.array(z.enum(EVENT_NAMES)).describe('Types of the delivered events.'),
  phone_number: z
    .string()
    .nullable()
    .describe('The number whose events the webhook receives; null: all numbers.'),
  active: z
    .boolean()
    .describe('Whether the webhook receives events. The broker disables a webhook after repeated failures.'),
  created_at: time.describe('Time at which the webhook was created.'),
});

export const webhookList = z.object({ webhooks: z.array(webhook).describe('All webhooks of the account.') });
export const callbackSecretResponse = z.object({
  secret: z.string().describe('Secret that signs the status callbacks: `whsec_` and base64.'),
});
export const newWebhook = webhook.extend({
  secret: z
    .string()
    .describe(
      'Secret that signs the deliveries: `whsec_` and base64. Store it: only a rotation returns a new secret.',
    ),
});

export const delivery = z.object({
  id: z.string().describe('Id of the delivery: `dlv_` and 26 letters and digits.'),
  event_id: z.string().describe('Id of the delivered event: `evt_` and 26 letters and digits.'),
  type: z.string().describe('Type of the event.'),
  status: z
    .enum(['pending', 'delivered', 'failed'])
    .describe('`pending`: not delivered yet; `failed`: all attempts failed.'),
  next_attempt_at: time.nullable().describe('Time of the next attempt; null: no further attempt.'),
  is_replay: z.boolean().describe('Whether the delivery was requested with a replay.'),
  created_at: time.describe('Time at which the delivery was queued.'),
  attempts: z
    .array(
      z.object({
        at: time.describe('Time of the attempt.'),
        duration_ms: z.int().describe('Time until the response or the failure, in milliseconds.'),
        status_code: z.number().nullable().describe('HTTP status of the response; null: no response.'),
        answer: z
          .string()
          .describe('The first 2 KB of the response body, or the reason for a missing response.'),
      }),
    )
    .describe('The attempts, oldest first.'),
});

export const deliveryList = z.object({
  deliveries: z.array(delivery).describe('The deliveries of this page.'),
  ...pageEnd,
});
