/** Schemas of usage and the spend limit. */
import { z } from 'zod';
import { anObject } from '../../http/request-schemas.ts';
import { cents } from './schemas.ts';

export const usageQuery = z.object({
  month: z
    .string({ error: "'month' must be given once." })
    .regex(/^\d{4}-(0[1-9]|1[0-2])$/, { error: "'month' must be a month such as 2026-11." })
    .optional()
    .describe('Calendar month in UTC, such as 2026-11.'),
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
    .describe(
      'Amount that counts against the limit: per message the cost or the estimate, whichever is higher.',
    ),
  limit: z.number().int().nullable().describe('Spend limit in cents; null: no limit.'),
});

export const spendLimitBody = anObject({
  cents: cents('cents').nullable().describe('Maximum cost per month, in cents; null: no limit.'),
});
export const spendLimitResponse = z.object({ cents: z.number().int().nullable() });
