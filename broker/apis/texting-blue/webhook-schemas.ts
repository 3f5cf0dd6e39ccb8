/** What the webhooks of the Texting Blue API take and give. */
import { z } from 'zod';
import { readId } from '../../../shared/ids.ts';
import type { EventType } from '../../core/webhooks/events.ts';
import { anObject, callableUrl, phoneNumber, requiredText } from '../../http/field-rules.ts';
import type { UrlRules } from '../../http/url-rules.ts';

const EVENTS = [
  'message.received',
  'message.sent',
  'message.delivered',
  'message.failed',
] as const satisfies readonly EventType[];

const EVENTS_WORDS = `'events' must be a list of one or more of: ${EVENTS.join(', ')}.`;
const events = z
  .array(z.enum(EVENTS, { error: EVENTS_WORDS }), { error: EVENTS_WORDS })
  .min(1, { error: EVENTS_WORDS })
  .transform((names) => [...new Set(names)]);

export function webhookBodyFor(rules: UrlRules) {
  return anObject({
    url: callableUrl('url', rules),
    events,
    phone_number: phoneNumber('phone_number').nullish(),
  });
}

export function webhookUpdateBodyFor(rules: UrlRules) {
  return anObject({
    url: callableUrl('url', rules).optional(),
    events: events.optional(),
    phone_number: phoneNumber('phone_number').nullish(),
    active: z.boolean({ error: "'active' must be true or false." }).optional(),
  });
}

/** An id that is none can't be known either, which is for the operation to say. */
export const replayBody = anObject({
  event_id: requiredText('event_id').transform((shown) => readId('evt', shown)),
});

const OVERLAP_HOURS_MAX = 168;
const OVERLAP_WORDS = `'overlap_hours' must be a whole number from 0 to ${OVERLAP_HOURS_MAX}.`;
export const rotateBody = anObject({
  overlap_hours: z
    .int({ error: OVERLAP_WORDS })
    .min(0, { error: OVERLAP_WORDS })
    .max(OVERLAP_HOURS_MAX, { error: OVERLAP_WORDS })
    .default(24),
});

const LIMIT_WORDS = "'limit' must be a whole number from 1 to 100.";
export const deliveriesQuery = z.object({
  limit: z
    .string({ error: "'limit' must be given once." })
    .regex(/^\d{1,3}$/, { error: LIMIT_WORDS })
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= 100, { error: LIMIT_WORDS })
    .default(50)
    .meta({ type: 'integer', minimum: 1, maximum: 100, default: 50, description: 'How many at most.' }),
  cursor: z
    .string({ error: "'cursor' must be given once." })
    .transform((shown, context) => {
      const id = readId('dlv', shown);
      if (id !== undefined) return id;
      context.addIssue({ code: 'custom', message: "'cursor' is not the id of a delivery." });
      return z.NEVER;
    })
    .optional()
    .describe('The cursor of the page before.'),
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
  cursor: z.string().nullable(),
  has_more: z.boolean(),
});
