/** Schemas of webhooks, their deliveries and replays. */
import { z } from 'zod';
import { EVENT_TYPES } from '../../../core/model/event.ts';
import { DIALECT_EVENTS } from '../../../core/model/webhook.ts';
import { cursorOf, pageLimit } from '../../../http/pagination.ts';
import { anObject, callableUrl, oneOf, type UrlOptions } from '../../../http/request-schemas.ts';
import { eventsAmong } from '../../../http/webhook-schemas.ts';

export const DIALECT = 'texting-blue';

const numberId = z.string({ error: "'numberId' must be the id of a number, or null." }).nullish();

export function webhookRequestFor(options: UrlOptions) {
  return anObject({
    url: callableUrl('url', options),
    events: eventsAmong(DIALECT_EVENTS[DIALECT]),
    /** Limits the webhook to the events of this number; null: all numbers. */
    numberId,
  });
}

export function webhookChangeFor(options: UrlOptions) {
  return anObject({
    url: callableUrl('url', options).optional(),
    /** The API of the webhook determines the types that it can receive. */
    events: eventsAmong(EVENT_TYPES).optional(),
    numberId,
    isActive: z.boolean({ error: "'isActive' must be true or false." }).optional(),
  });
}

const OVERLAP_HOURS_MAX = 168;
const OVERLAP_ERROR = `'overlapHours' must be a whole number from 0 to ${OVERLAP_HOURS_MAX}.`;
export const rotateRequest = anObject({
  /** Time for which the previous secret also signs. */
  overlapHours: z
    .int({ error: OVERLAP_ERROR })
    .min(0, { error: OVERLAP_ERROR })
    .max(OVERLAP_HOURS_MAX, { error: OVERLAP_ERROR })
    .default(24),
});

const timeMs = (name: string) => {
  const error = `'${name}' must be a time in milliseconds since 1970.`;
  return z.int({ error }).min(0, { error }).max(8.64e15, { error });
};

export const replayRequest = anObject({
  since: timeMs('since'),
  until: timeMs('until').nullish(),
  undeliveredOnly: z.boolean({ error: "'undeliveredOnly' must be true or false." }).default(true),
  cursor: cursorOf('evt', "'cursor' is not the id of an event.").nullish(),
}).refine(({ since, until }) => until == null || until > since, {
  error: "'until' must be after 'since'.",
  path: ['until'],
});

export const deliveryQuery = z.object({
  status: oneOf('status', ['pending', 'delivered', 'failed']).optional(),
  limit: pageLimit(100),
  cursor: cursorOf('dlv', "'cursor' is not the id of a delivery."),
});

export const webhook = z.object({
  id: z.string(),
  /** The API that created the webhook; determines the format of the requests. */
  dialect: z.enum(['texting-blue', 'textree', 'textus', 'inkbox']),
  name: z.string().nullable(),
  url: z.string(),
  events: z.array(z.enum(EVENT_TYPES)),
  numberId: z.string().nullable(),
  phoneNumber: z.string().nullable(),
  isActive: z.boolean(),
  /** Consecutive events without a successful attempt. */
  consecutiveFailures: z.number(),
  /** End of the overlap after a rotation; null: only the current secret signs. */
  previousSecretUntil: z.number().nullable(),
  createdAt: z.number(),
  updatedAt: z.number(),
  problem: z
    .object({ code: z.enum(['disabled', 'failing']), message: z.string(), fix: z.string() })
    .nullable(),
});
export type WebhookBody = z.infer<typeof webhook>;

export const webhookList = z.object({
  webhooks: z.array(webhook),
  /** The types that the webhooks of each API can receive. */
  events: z.record(z.string(), z.array(z.enum(EVENT_TYPES))),
});
export type WebhookListBody = z.infer<typeof webhookList>;

/** The secret is returned only here. */
export const newWebhook = webhook.extend({ secret: z.string() });
export type NewWebhookBody = z.infer<typeof newWebhook>;

export const attempt = z.object({
  at: z.number(),
  durationMs: z.number(),
  /** Null: no response. */
  statusCode: z.number().nullable(),
  /** The first 2 KB of the response body, or the reason for a missing response. */
  answer: z.string(),
});

export const delivery = z.object({
  id: z.string(),
  eventId: z.string(),
  type: z.enum(EVENT_TYPES),
  messageId: z.string().nullable(),
  status: z.enum(['pending', 'delivered', 'failed']),
  isReplay: z.boolean(),
  attempts: z.number(),
  nextAttemptAt: z.number().nullable(),
  createdAt: z.number(),
  latestAttempt: attempt.nullable(),
});
export type DeliveryBody = z.infer<typeof delivery>;

export const deliveryList = z.object({
  /** With a status, a page may have fewer rows than the limit and still have a next page. */
  deliveries: z.array(delivery),
  next: z.string().nullable(),
});
export type DeliveryListBody = z.infer<typeof deliveryList>;

export const deliveryRequest = z.object({
  method: z.literal('POST'),
  url: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
});

export const deliveryDetail = z.object({
  delivery,
  /** Oldest first. */
  history: z.array(attempt),
  /** The request as it would be sent now, with masked signatures; null: its event was deleted. */
  request: deliveryRequest.nullable(),
});
export type DeliveryDetailBody = z.infer<typeof deliveryDetail>;

export const replayResult = z.object({
  replayed: z.number(),
  /** Cursor of the next request with the same range; null: the range is complete. */
  next: z.string().nullable(),
});
export type ReplayResultBody = z.infer<typeof replayResult>;
