/** Schemas of messages and reactions: bodies and responses. */
import { z } from 'zod';
import { EFFECTS } from '../../../shared/effects.ts';
import { CONTENT_MAX_CHARACTERS } from '../../core/model/message.ts';
import {
  anObject,
  callableUrl,
  oneOf,
  recipientHandle,
  textBesideMedia,
} from '../../http/request-schemas.ts';
import { atMostUrls, type SendSchemaOptions } from '../inkbox/schemas.ts';
import { uuidIn } from './query-schemas.ts';
import { REACTIONS } from './reactions.ts';

export const RECIPIENTS_MAX = 8;
const MEDIA_MAX = 1;
const PART_MAX = 1_000;

export function sendBodyFor(options: SendSchemaOptions) {
  return anObject({
    to: z
      .union([recipientHandle('to'), recipients], { error: toError })
      .describe(
        `The recipient: a phone number in E.164 format or an e-mail address. An array of up to ${RECIPIENTS_MAX} selects or creates a group.`,
      )
      .nullish(),
    conversation_id: uuidIn('conversation_id')
      .describe('Instead of `to`: a conversation, which may be a group.')
      .nullish(),
    text: textBesideMedia('text', CONTENT_MAX_CHARACTERS)
      .describe('The text; optional with `media_urls`.')
      .nullish(),
    media_urls: z
      .array(callableUrl('media_urls', options, options.isMediaLink), {
        error: "'media_urls' must be a list of URLs.",
      })
      .check(atMostUrls('media_urls', MEDIA_MAX))
      .meta({ maxItems: MEDIA_MAX })
      .describe('URL of the attachment; or the `media_url` of an uploaded file.')
      .nullish(),
    send_style: oneOf('send_style', EFFECTS).describe('Effect of the bubble or of the screen.').nullish(),
  }).superRefine(({ to, conversation_id, text, media_urls }, context) => {
    const add = (name: string, message: string) =>
      context.addIssue({ code: 'custom', path: [name], input: undefined, message });
    if (to == null && conversation_id == null) add('to', "One of 'to' and 'conversation_id' is required.");
    if (to != null && conversation_id != null) {
      add('conversation_id', "'to' and 'conversation_id' exclude each other. Give one of them.");
    }
    if (!text && (media_urls ?? []).length === 0) add('text', "One of 'text' and 'media_urls' is required.");
  });
}

const recipients = z
  .array(recipientHandle('to'))
  .refine((handles) => handles.length >= 1 && handles.length <= RECIPIENTS_MAX, {
    error: `'to' must have 1 to ${RECIPIENTS_MAX} recipients.`,
  });

/** The union would only say that no alternative matches. */
function toError({ input, errors }: { input?: unknown; errors?: readonly { message: string }[][] }) {
  const [single, several] = errors ?? [];
  return (Array.isArray(input) ? several : single)?.[0]?.message ?? "'to' must be a string or an array.";
}

const partError = { error: `'part_index' must be a whole number from 0 to ${PART_MAX}.` };

export const reactionBody = anObject({
  message_id: uuidIn('message_id').describe('Id of the message.'),
  reaction: oneOf('reaction', REACTIONS).describe('The reaction; `eyes` is the emoji 👀.'),
  part_index: z
    .int(partError)
    .min(0, partError)
    .max(PART_MAX, partError)
    .describe('The text or file of the message, counted from 0; default: 0.')
    .nullish(),
});

const uuid = z.uuid();
const time = z.iso.datetime();
const remote = z.string().nullable();
const direction = z.enum(['inbound', 'outbound']);
const service = z.enum(['imessage', 'sms', 'rcs']);
const errors = {
  error_code: z.string().nullable().describe('Code of the failure; null: not failed.'),
  error_message: z.string().nullable().describe('Reason of the failure as a sentence; null: not failed.'),
  error_reason: z.string().nullable().describe('Equal to `error_code`.'),
  error_detail: z.string().nullable().describe('Equal to `error_message`.'),
};

/** Statuses of the contract. This broker uses `queued`, `accepted`, `sent`, `delivered`, `error` and `received`. */
const status = z.enum([
  ...['registered', 'pending', 'queued', 'accepted', 'sent', 'delivered', 'declined', 'error', 'received'],
] as [string, ...string[]]);

const reactionName = z
  .enum([...REACTIONS, 'custom'])
  .describe('`custom`: the emoji in `custom_emoji`; `eyes`: the emoji 👀.');
const customEmoji = z.string().nullable().describe('The emoji of a `custom` reaction.');
const reactionNumber = z
  .string()
  .describe(
    'Address of the participant that reacted; if outbound, the other participant, or your number in a group.',
  );
const part = z.int().describe('The text or file of the message, counted from 0.');

export const messageSchema = z
  .object({
    id: uuid.describe('Id of the message.'),
    conversation_id: uuid.describe('Id of the conversation.'),
    assignment_id: z.null().describe('Always null.'),
    direction: direction.describe('`inbound`: received; `outbound`: sent.'),
    remote_number: remote.describe('Address of the other participant; null in a group.'),
    sender_number: remote.describe('Address of the sender of an inbound message; null if outbound.'),
    participants: z
      .array(z.string())
      .nullable()
      .describe('Addresses of the group without your number; null: not a group message.'),
    is_group: z.boolean().describe('Whether the message belongs to a group.'),
    content: z.string().nullable().describe('The text; null: none.'),
    message_type: z.literal('message').describe('Always `message`.'),
    service: service.describe('Service that transmitted the message; `imessage` until it is known.'),
    send_style: z.string().nullable().describe('Effect of the bubble or of the screen; null: none.'),
    media: z
      .array(
        z.object({
          url: z.url().describe('Link to the file, valid for one hour.'),
          content_type: z.string().describe('Media type of the file, such as image/png.'),
          size: z.int().nullable().describe('Size of the file in bytes; null: unknown.'),
        }),
      )
      .nullable()
      .describe('The attachments; null: none.'),
    was_downgraded: z
      .boolean()
      .nullable()
      .describe('Whether an outbound message was sent as SMS or RCS; null: inbound, or not known yet.'),
    status: status.describe(
      '`queued`, `accepted` (a device has the message), `sent`, `delivered`, `error`, or `received`.',
    ),
    ...errors,
    is_read: z.boolean().describe('Whether the message was marked as read; true if outbound.'),
    is_blocked: z.boolean().describe('Whether the message was received from a blocked sender.'),
    recipients: z
      .array(
        z.object({
          remote_number: z.string().describe('Address of the participant.'),
          delivery_status: status.describe('Status of the delivery to this participant.'),
          service: service.describe('Service that transmitted the message.'),
          ...errors,
          sent_at: time.nullable().describe('Time of sending; null: not sent.'),
          delivered_at: time.nullable().describe('Time of the delivery; null: not delivered, or unknown.'),
          failed_at: time.nullable().describe('Time of the failure; null: not failed.'),
        }),
      )
      .nullable()
      .describe('The deliveries of an outbound group message; null for other messages.'),
    reactions: z
      .array(
        z.object({
          id: uuid.describe('Id of the reaction.'),
          direction: direction.describe('`outbound`: a reaction of your number.'),
          reaction: reactionName,
          custom_emoji: customEmoji,
          remote_number: reactionNumber,
          part_index: part,
          created_at: time.describe('Time of the reaction.'),
        }),
      )
      .nullable()
      .describe('The reactions that are set now, oldest first; null: none.'),
    created_at: time.describe('Time at which the broker stored the message.'),
    updated_at: time.describe('Time of the last change.'),
  })
  .meta({ title: 'Message', description: 'The message.' });

export const sentMessage = z.object({ message: messageSchema });

export const reactionSchema = z
  .object({
    id: uuid.describe('Id of the reaction.'),
    conversation_id: uuid.describe('Id of the conversation.'),
    assignment_id: z.null().describe('Always null.'),
    target_message_id: uuid.describe('Id of the message.'),
    direction: direction.describe('`outbound`: a reaction of your number.'),
    reaction: reactionName,
    custom_emoji: customEmoji,
    remote_number: reactionNumber,
    part_index: part,
    created_at: time.describe('Time at which the broker stored the reaction.'),
    updated_at: time.describe('Time of the last change.'),
  })
  .meta({ title: 'Reaction' });
