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
  month: z.string().describe('Calendar month in UTC, such as 2026-11.'),
  messages: z
    .object({
      queued: z.number().int().describe('Number of messages that are queued or at a device.'),
      sent: z.number().int().describe('Number of messages that were sent, without a confirmed delivery.'),
      delivered: z.number().int().describe('Number of delivered messages.'),
      failed: z.number().int().describe('Number of failed messages.'),
    })
    .describe('Number of outbound messages by status.'),
  segments: z.number().int().describe('Number of SMS segments of all messages of the month.'),
  cost_cents: z.number().int().describe('Cost of the messages of the month, in cents.'),
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
export const spendLimitResponse = z.object({
  cents: z.number().int().nullable().describe('Maximum cost per month, in cents; null: no limit.'),
});
