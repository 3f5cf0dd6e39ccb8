/** Schemas of the overview. */
import { z } from 'zod';
import { oneOf } from '../../../http/request-schemas.ts';
import { webhook } from '../developers/webhook-schemas.ts';

export const RANGES = ['24h', '7d', '30d'] as const;
export type OverviewRange = (typeof RANGES)[number];

export const overviewQuery = z.object({ range: oneOf('range', RANGES).default('24h') });

const counts = {
  sent: z.number(),
  delivered: z.number(),
  failed: z.number(),
  received: z.number(),
  /** Estimated time from acceptance (or the scheduled time) to delivery; null: nothing was delivered. */
  p50Ms: z.number().nullable(),
  p99Ms: z.number().nullable(),
};

export const overview = z.object({
  range: z.enum(RANGES),
  /** Start of the first and end of the last period. */
  from: z.number(),
  until: z.number(),
  /** Length of each period. */
  periodMs: z.number(),
  devices: z.object({ online: z.number(), total: z.number() }),
  queue: z.object({
    waiting: z.number(),
    /** Messages that wait for a limit, a schedule or quiet hours. */
    deferred: z.number(),
    /** Time at which the oldest waiting message was accepted. */
    oldestAt: z.number().nullable(),
  }),
  totals: z.object(counts),
  /** Maximum relative error of `p50Ms` and `p99Ms`. */
  precisionPercent: z.number(),
  periods: z.array(z.object({ at: z.number(), ...counts })),
  /** Most frequent first. */
  failures: z.array(z.object({ code: z.string(), message: z.string(), count: z.number() })),
  /** Webhooks that are failing or disabled. */
  webhooks: z.array(webhook),
  checklist: z.object({
    deviceIsPaired: z.boolean(),
    hasSentMessage: z.boolean(),
    hasCreatedKey: z.boolean(),
    hasWebhook: z.boolean(),
  }),
});
export type OverviewBody = z.infer<typeof overview>;
