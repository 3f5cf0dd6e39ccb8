/** Schemas of the account, its usage, the retention, the backups and the broker. */
import { z } from 'zod';

const plan = z.object({
  name: z.string(),
  apiRequestsPerMinute: z.number(),
  messagesPerMinute: z.number(),
  /** Null: unlimited. */
  messagesPerMonth: z.number().nullable(),
  numbers: z.number().nullable(),
  /** Allows media messages and the event message.delivered. */
  media: z.boolean(),
});

/** A limit of 0 bytes means unlimited. */
const retention = z.object({
  /** Null: messages are kept forever. */
  messageDays: z.number().nullable(),
  eventDays: z.number(),
  toolCallDays: z.number(),
  /** Time of the daily deletion, in the time zone of the broker. */
  at: z.string(),
  mediaQuotaBytes: z.number(),
  databaseMaxBytes: z.number(),
});

export const account = z.object({
  slug: z.string(),
  createdAt: z.number(),
  plan,
  retention,
  /** Whether this account manages the backups: it is the only one of the broker, and the database is SQLite. */
  hasBackups: z.boolean(),
  /** Command that backs up the database instead, for the only account of a broker with PostgreSQL. */
  backupCommand: z.string().nullable(),
});
export type AccountBody = z.infer<typeof account>;

export const usageQuery = z.object({
  /** Calendar month in UTC; default: the current one. */
  month: z
    .string({ error: "'month' must be given once." })
    .regex(/^\d{4}-(0[1-9]|1[0-2])$/, { error: "'month' must be a month such as 2026-11." })
    .optional(),
});

export const usage = z.object({
  month: z.string(),
  messages: z.object({
    queued: z.number(),
    sent: z.number(),
    delivered: z.number(),
    failed: z.number(),
  }),
  /** Accepted messages, which the plan limits. */
  accepted: z.number(),
  segments: z.number(),
  costCents: z.number(),
  committedCents: z.number(),
  /** Null: no limit. */
  limitCents: z.number().nullable(),
  numbers: z.number(),
  /** Bytes of the stored attachments, at most a minute old. */
  mediaBytes: z.number(),
});
export type UsageBody = z.infer<typeof usage>;

export const about = z.object({
  version: z.string(),
  nodeVersion: z.string(),
  platform: z.string(),
  startedAt: z.number(),
  uptimeMs: z.number(),
  /** The database with its log. */
  databaseBytes: z.number(),
  disk: z.object({ freeBytes: z.number(), totalBytes: z.number() }),
});
export type AboutBody = z.infer<typeof about>;

export const backups = z.object({
  /** Newest first. */
  backups: z.array(z.object({ name: z.string(), bytes: z.number(), createdAt: z.number() })),
  running: z.object({ name: z.string(), startedAt: z.number(), percent: z.number() }).nullable(),
  problem: z.string().nullable(),
});
export type BackupsBody = z.infer<typeof backups>;

export const whatsappTemplates = z.object({
  templates: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      language: z.string(),
      status: z.enum(['approved', 'pending', 'rejected']),
      quality: z.string().nullable(),
      category: z.string(),
      /** Contains `{{name}}` placeholders. */
      body: z.string(),
      quickReplies: z.array(z.string()),
      updatedAt: z.number(),
    }),
  ),
});
export type WhatsappTemplatesBody = z.infer<typeof whatsappTemplates>;
