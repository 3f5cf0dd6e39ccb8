/** What the webhooks of the Texting Blue API take and give. */
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

export function webhookBodyFor(context: UrlOptions) {
  return anObject({
    url: callableUrl('url', context),
    events,
    phone_number: phoneNumber('phone_number').nullish(),
  });
}

export function webhookUpdateBodyFor(context: UrlOptions) {
  return anObject({
    url: callableUrl('url', context).optional(),
    events: events.optional(),
    phone_number: phoneNumber('phone_number').nullish(),
    active: z.boolean({ error: "'active' must be true or false." }).optional(),
  });
}

const OVERLAP_HOURS_MAX = 168;
const OVERLAP_WORDS = `'overlap_hours' must be a whole number from 0 to ${OVERLAP_HOURS_MAX}.`;
export const rotateBody = anObject({
  overlap_hours: z
    .int({ error: OVERLAP_WORDS })
    .min(0, { error: OVERLAP_WORDS })
    .max(OVERLAP_HOURS_MAX, { error: OVERLAP_WORDS })
    .default(24),
});

export const replayBody = anObject({
  event_id: z
    .string({ error: "'event_id' must be a string." })
    .describe('The one event.')
    // An id that is none can't be known either.
    .transform((shown) => ({ id: parseId('evt', shown) }))
    .optional(),
  since: timeIn('since').describe('Instead of an event: everything from then on.').optional(),
  until: timeIn('until').describe('Until when; now unless said.').nullish(),
  undelivered_only: z
    .boolean({ error: "'undelivered_only' must be true or false." })
    .describe('Only what the webhook did not take.')
    .nullish(),
  cursor: cursorOf('evt', "'cursor' is not the id of an event.").nullish(),
}).superRefine(({ event_id, since, until }, context) => {
  const refuse = (path: string, message: string) =>
    context.addIssue({ code: 'custom', path: [path], message });
  if ((event_id === undefined) === (since === undefined)) {
    refuse('event_id', "Either 'event_id' or 'since' is required.");
  } else if (since !== undefined && until != null && until <= since) {
    refuse('until', "'until' must be after 'since'.");
  }
});
export type ReplayBody = z.infer<typeof replayBody>;

export const replayedRange = z.object({
  replayed: z.int(),
  cursor: z.string().nullable().describe('Where to go on, with the same range; null: that was all of it.'),
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
