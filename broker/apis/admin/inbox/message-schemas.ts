/** Schemas of messages, as the dashboard shows them. Times are epoch ms. */
import { z } from 'zod';
import { MESSAGE_STATUSES } from '../../../core/model/message.ts';

const time = z.number();

export const wait = z.object({
  reason: z.string(),
  /** The reason as a sentence. */
  message: z.string(),
  /** Earliest time of sending; null: unknown. */
  until: time.nullable(),
});
export type WaitBody = z.infer<typeof wait>;

export const media = z.object({
  id: z.string(),
  /** Path of the file, for a member with a session. */
  url: z.string(),
  contentType: z.string().nullable(),
  size: z.number().nullable(),
  width: z.number().nullable(),
  height: z.number().nullable(),
  name: z.string().nullable(),
});
export type MediaBody = z.infer<typeof media>;

export const message = z.object({
  id: z.string(),
  conversationId: z.string(),
  numberId: z.string(),
  ownNumber: z.string(),
  /** The other party; of a group the participant who wrote. */
  handle: z.string(),
  direction: z.enum(['inbound', 'outbound']),
  /** `polling`: a device has the message and is sending it. */
  status: z.enum(MESSAGE_STATUSES),
  service: z.string().nullable(),
  content: z.string(),
  media: z.array(media),
  isGroup: z.boolean(),
  createdAt: time,
  sentAt: time.nullable(),
  deliveredAt: time.nullable(),
  readAt: time.nullable(),
  failedAt: time.nullable(),
  editedAt: time.nullable(),
  retractedAt: time.nullable(),
  sendAt: time.nullable(),
  expiresAt: time,
  error: z.object({ code: z.string(), message: z.string(), isRetryable: z.boolean() }).nullable(),
  /** Only of queued messages, and not in lists of conversations. */
  wait: wait.nullable(),
  cancelRequestedAt: time.nullable(),
  costCents: z.number(),
  isUnread: z.boolean(),
  /** `high`: dispatched before the other messages of its number. */
  priority: z.enum(['normal', 'high']),
});
export type MessageBody = z.infer<typeof message>;
