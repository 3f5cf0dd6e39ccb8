/** What is asked and answered about costs. */
import { z } from 'zod';
import { anObject } from '../../http/request-schemas.ts';
import { cents } from './schema-parts.ts';

export const usageQuery = z.object({
  month: z
    .string({ error: "'month' must be given once." })
    .regex(/^\d{4}-(0[1-9]|1[0-2])$/, { error: "'month' must be a month such as 2026-11." })
    .optional()
    .describe('Such as 2026-11; in UTC.'),
});

export const usageResponse = z.object({
  month: z.string(),
  messages: z.object({
    queued: z.number().int(),
    sent: z.number().int(),
    delivered: z.number().int(),
    failed: z.number().int(),
  }),
  segments: z.number().int(),
  cost_cents: z.number().int(),
  committed_cents: z
    .number()
    .int()
    .describe('What counts against the limit: the cost, or what was estimated where that is more.'),
  limit: z.number().int().nullable().describe('In cents; null: there is none.'),
});

/** Without a limit it is null. */
export const spendLimitBody = anObject({
  cents: cents('cents').nullable().describe('The most that a month may cost; null: no limit.'),
});
export const spendLimitResponse = z.object({ cents: z.number().int().nullable() });
