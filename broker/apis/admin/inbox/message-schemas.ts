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

export const reaction = z.object({
  id: z.string(),
  /** A tapback such as `love`, or an emoji. */
  reaction: z.string(),
  handle: z.string(),
  contactName: z.string().nullable(),
  /** A reaction of the own number. */
  isOwn: z.boolean(),
  /** Text or file of the message, counted from 0. */
  part: z.number(),
  createdAt: time,
});
export type ReactionBody = z.infer<typeof reaction>;

export const replyTarget = z.object({
  /** Null: the broker did not store the message. */
  messageId: z.string().nullable(),
  part: z.number(),
  /** The beginning of the message; null: it is unknown. */
  preview: z
    .object({
      text: z.string(),
      direction: z.enum(['inbound', 'outbound']),
      handle: z.string(),
      contactName: z.string().nullable(),
      isUnsent: z.boolean(),
      mediaCount: z.number(),
    })
    .nullable(),
});
export type ReplyTargetBody = z.infer<typeof replyTarget>;

/** The group of a message, with the first participants for its title. */
export const messageGroup = z.object({
  name: z.string().nullable(),
  participants: z.array(z.object({ handle: z.string(), contactName: z.string().nullable() })),
  participantCount: z.number(),
});

export const message = z.object({
  id: z.string(),
  conversationId: z.string(),
  numberId: z.string(),
  ownNumber: z.string(),
  /** The other party; of a group the participant who wrote, and the key of the group for an outbound message. */
  handle: z.string(),
  /** Contact name of the sender of an inbound group message. */
  senderName: z.string().nullable(),
  direction: z.enum(['inbound', 'outbound']),
  /** `polling`: a device has the message and is sending it. */
  status: z.enum(MESSAGE_STATUSES),
  service: z.string().nullable(),
  content: z.string(),
  media: z.array(media),
  isGroup: z.boolean(),
  /** Null also in lists of conversations. */
  group: messageGroup.nullable(),
  replyTo: replyTarget.nullable(),
  /** An effect of the bubble or the screen, such as `confetti`. */
  effect: z.string().nullable(),
  subject: z.string().nullable(),
  isVoiceNote: z.boolean(),
  /** The reactions that are set now, oldest first. */
  reactions: z.array(reaction),
  createdAt: time,
  sentAt: time.nullable(),
  deliveredAt: time.nullable(),
  readAt: time.nullable(),
  failedAt: time.nullable(),
  editedAt: time.nullable(),
  retractedAt: time.nullable(),
  /** End of the time in which Messages allows the change; null: it does not, or not yet. */
  editableUntil: time.nullable(),
  unsendableUntil: time.nullable(),
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
