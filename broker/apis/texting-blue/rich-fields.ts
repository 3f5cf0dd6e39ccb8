/** Serializes the attributes of a message that iMessage has beyond a text, for responses and events. */
import mime from 'mime';
import { z } from 'zod';
import { formatId } from '../../../shared/ids.ts';
import { conversationId, conversationOf } from '../../core/model/conversation.ts';
import type { ConversationParties } from '../../core/model/event.ts';
import type { Message } from '../../core/model/message.ts';
import type { Reaction } from '../../core/model/reaction.ts';
import { formatTime, formatTimeOrNull } from '../../http/timestamps.ts';
import type { MediaUrlOf } from './media-urls.ts';

/**
 * Returns the fields to spread behind the other fields of a message. `group`: the group of the message, undefined if it is
 * unknown or the message is not a group message.
 */
export function richFields(
  message: Message,
  group: Pick<ConversationParties, 'participants'> | undefined,
  mediaUrlOf: MediaUrlOf,
) {
  const { chat, service, replyTo, readAt } = message;
  const isInbound = message.direction === 'inbound';
  return {
    conversation_id: formatId('conv', conversationId(conversationOf(message))),
    is_group: chat !== null,
    sender: chat !== null && isInbound ? message.handle : null,
    participants: chat === null ? null : (group?.participants ?? []),
    service,
    reply_to:
      replyTo === null ? null : { message_id: messageIdOrNull(replyTo.messageId), part: replyTo.part },
    effect: message.effect,
    subject: message.subject,
    media: message.media.map((one) => ({
      url: mediaUrlOf(message, one),
      // Before the download only the name is known. The slash makes `mime` require a dot before the extension.
      content_type: one.contentType ?? mime.getType(`/${one.name}`),
      size: one.size,
      name: one.name,
      ...(one.width === null || one.height === null ? {} : { width: one.width, height: one.height }),
    })),
    reactions: message.reactions.map(serializeReaction),
    edited_at: formatTimeOrNull(message.editedAt),
    unsent_at: formatTimeOrNull(message.retractedAt),
    read_at: formatTimeOrNull(readAt),
  };
}

const messageIdOrNull = (id: string | null) => (id === null ? null : formatId('msg', id));

export function serializeReaction({ id, reaction, handle, direction, part, createdAt }: Reaction) {
  return {
    id: formatId('rct', id),
    reaction,
    handle,
    direction,
    part,
    created_at: formatTime(createdAt),
  };
}

const time = z.iso.datetime();

export const reactionSchema = z
  .object({
    id: z.string().describe('Id of the reaction: `rct_` and 26 letters and digits.'),
    reaction: z
      .string()
      .describe('`love`, `like`, `dislike`, `laugh`, `emphasize` or `question`, or one emoji.'),
    handle: z.string().describe('Handle of the participant that reacted; your number if outbound.'),
    direction: z.enum(['inbound', 'outbound']).describe('`outbound`: a reaction of your number.'),
    part: z.int().describe('Text or file of the message, counted from 0.'),
    created_at: time.describe('Time of the reaction.'),
  })
  .meta({ title: 'Reaction' });

/** The schemas of `richFields`. */
export const richFieldSchemas = {
  conversation_id: z.string().describe('Id of the conversation: `conv_` and 26 letters and digits.'),
  is_group: z.boolean().describe('Whether the message belongs to a group conversation.'),
  sender: z.string().nullable().describe('Sender of an inbound group message; null for other messages.'),
  participants: z
    .array(z.string())
    .nullable()
    .describe('Handles of the group without your number; null: not a group message.'),
  service: z
    .string()
    .nullable()
    .describe('Service that transmitted the message: `imessage`, `sms`, `rcs` or `whatsapp`; null: unknown.'),
  reply_to: z
    .object({
      message_id: z
        .string()
        .nullable()
        .describe('Id of the message that this message replies to; null: the broker did not store it.'),
      part: z.int().describe('Text or file of that message, counted from 0.'),
    })
    .nullable()
    .describe('The message that this message replies to; null: not a reply.'),
  effect: z
    .string()
    .nullable()
    .describe('Effect of the bubble or the screen, such as `confetti`; null: none.'),
  subject: z.string().nullable().describe('Subject line; null: none.'),
  media: z
    .array(
      z.object({
        url: z
          .string()
          .nullable()
          .describe(
            'URL of the file; null: not available. A link to an inbound file expires after one hour.',
          ),
        content_type: z.string().nullable().describe('Media type; null: unknown.'),
        size: z.int().nullable().describe('Size in bytes; null: unknown.'),
        name: z.string().nullable().describe('File name; null: none.'),
        width: z.int().optional().describe('Width of an image in pixels, if known.'),
        height: z.int().optional().describe('Height of an image in pixels, if known.'),
      }),
    )
    .describe('All files of the message, in order.'),
  reactions: z.array(reactionSchema).describe('The reactions that are set now, oldest first.'),
  edited_at: time.nullable().describe('Time of the last edit; null: not edited.'),
  unsent_at: time.nullable().describe('Time at which the sender unsent the message; null: not unsent.'),
  read_at: time
    .nullable()
    .describe('Time at which the recipient read the message; null: not read, or unknown.'),
};
