/** Schemas of messages and numbers: queries, bodies and responses. */

import { z } from 'zod';
import { CAPABILITIES } from '../../../shared/capabilities.ts';

import { MESSAGE_STATUSES } from '../../core/model/message.ts';
import { cursorOf, pageEnd, pageLimit } from '../../http/pagination.ts';
import { anObject, isSendable, isWithin, oneOf, phoneNumber, plusOf } from '../../http/request-schemas.ts';
import { waiting } from '../../http/waiting.ts';
import { paceBody } from './pace-schemas.ts';
import { richFieldSchemas } from './rich-fields.ts';

const LABEL_MAX = 100;

const handleFilter = (name: string, description: string) =>
  z
    .string({ error: `'${name}' must be given once.` })
    .min(1, { error: `'${name}' must not be empty.` })
    .max(320, { error: `'${name}' is too long.` })
    .transform(plusOf)
    .optional()
    .describe(description);

export const listQuery = z.object({
  from: handleFilter('from', 'Only messages from this number or address.'),
  to: handleFilter('to', 'Only messages to this number or address.'),
  status: oneOf('status', MESSAGE_STATUSES).optional().describe('Only messages with this status.'),
  direction: oneOf('direction', ['inbound', 'outbound'])
    .optional()
    .describe('Only messages in this direction.'),
  is_blocked: oneOf('is_blocked', ['true', 'false'])
    .optional()
    .describe('`true`: only messages of blocked senders, which other lists omit.'),
  limit: pageLimit(100),
  cursor: cursorOf('msg', "'cursor' is not a message id."),
});

export const numberUpdateBody = anObject({
  label: z
    .string({ error: "'label' must be a string." })
    .refine((text) => isWithin(text, LABEL_MAX), {
      error: `'label' must be at most ${LABEL_MAX} characters.`,
    })
    .refine(isSendable, { error: "'label' has a character that cannot be stored." })
    .meta({ maxLength: LABEL_MAX, description: 'Name of the number; null removes the name.' })
    .nullish(),
  status: oneOf('status', ['active', 'paused']).describe('A paused number sends nothing.').optional(),
  pace: paceBody.describe('Sending limits and hours; omitted fields stay unchanged.').optional(),
});

export const verifyBody = anObject({
  phone_number: phoneNumber('phone_number').describe('The number of the iPhone or Mac.'),
});

const time = z.iso.datetime();
const metadata = z.record(z.string(), z.unknown()).describe('Metadata of the send request, unchanged.');

export const acceptedMessage = z
  .object({
    id: z.string().describe('Id of the message: `msg_` and 26 letters and digits.'),
    status: z
      .literal('queued')
      .describe('Always `queued`: the broker stored the message. Get the message for its current status.'),
    to: z
      .string()
      .nullable()
      .describe('The recipient: phone number in E.164 format, or e-mail address; null: a group.'),
    from: z.string().describe('The sender: phone number in E.164 format, or e-mail address.'),
    content: z.string().describe('The text; empty for an attachment without a text.'),
    media_url: z
      .string()
      .nullable()
      .describe(
        'URL of the attachment; null: no attachment. A link to an inbound attachment is valid for one hour.',
      ),
    created_at: time.describe('Time at which the broker stored the message.'),
    send_at: time.optional().describe('Scheduled time of sending, if the request contained one.'),
    metadata: metadata.optional(),
    waiting: waiting.optional().describe('Present if the message cannot be sent immediately.'),
    conversation_id: richFieldSchemas.conversation_id.optional(),
    is_group: z.literal(true).optional().describe('Present for a group message.'),
    participants: z.array(z.string()).optional().describe('Handles of the group without your number.'),
    reply_to: z
      .object({
        message_id: z.string().describe('Id of the message that this message replies to.'),
        part: z.int().describe('Text or file of that message, counted from 0.'),
      })
      .optional()
      .describe('The message that this message replies to.'),
    effect: z.string().optional().describe('Effect, if the request contained one.'),
    subject: z.string().optional().describe('Subject, if the request contained one.'),
    voice_note: z.literal(true).optional().describe('Present if the file is sent as an audio message.'),
    media_urls: z
      .array(z.string().nullable())
      .optional()
      .describe('URLs of all attachments, if there are several.'),
  })
  .meta({ title: 'AcceptedMessage' });

export const dryRun = z
  .object({
    dry_run: z.literal(true).describe('Marks the response to a dry run: nothing was stored or sent.'),
    to: z
      .string()
      .nullable()
      .describe('The recipient: phone number in E.164 format, or e-mail address; null: a group.'),
    from: z.string().describe('The sender: phone number in E.164 format, or e-mail address.'),
    content: z.string().describe('The text; empty for an attachment without a text.'),
    media_url: z
      .string()
      .nullable()
      .describe(
        'URL of the attachment; null: no attachment. A link to an inbound attachment is valid for one hour.',
      ),
    segments: z.int().describe('Number of SMS segments of the text.'),
    cost_cents: z.int().describe('Cost of the message in cents; 0 for messages through a device.'),
    waiting: waiting.nullable().describe('Reason for a delay; null: the message would be sent immediately.'),
  })
  .meta({ title: 'DryRun' });

export const listedMessage = z
  .object({
    id: z.string().describe('Id of the message: `msg_` and 26 letters and digits.'),
    to: z
      .string()
      .nullable()
      .describe('The recipient: phone number in E.164 format, or e-mail address; null: a group.'),
    from: z.string().describe('The sender: phone number in E.164 format, or e-mail address.'),
    content: z.string().describe('The text; empty for an attachment without a text.'),
    media_url: z
      .string()
      .nullable()
      .describe(
        'URL of the attachment; null: no attachment. A link to an inbound attachment is valid for one hour.',
      ),
    status: z
      .enum(MESSAGE_STATUSES)
      .describe('Status of the message. `polling`: a device has the message and sends it.'),
    direction: z.enum(['inbound', 'outbound']).describe('`inbound`: received; `outbound`: sent.'),
    created_at: time.describe('Time at which the broker stored the message.'),
    delivered_at: time
      .nullable()
      .describe('Time of the delivery to the recipient; null: not delivered, or unknown.'),
    send_at: time.optional().describe('Scheduled time of sending, if the request contained one.'),
    metadata: metadata.optional(),
    waiting: waiting.optional().describe('Reason for the delay of a queued message, and its expected end.'),
    ...richFieldSchemas,
  })
  .meta({ title: 'Message' });

export const messageDetail = listedMessage
  .extend({
    error_code: z.string().nullable().describe('Reason of the failure.'),
    error_message: z
      .string()
      .nullable()
      .describe('Reason of the failure as a sentence; null: the message did not fail.'),
    priority: z.literal('high').optional().describe('Present if the request had the priority `high`.'),
    expires_at: time.optional().describe('Expiry, if the request contained one.'),
    edits: z
      .array(
        z.object({
          content: z.string().describe('The text of this version.'),
          at: time.describe('Time of this version.'),
        }),
      )
      .describe('All versions of an edited message, the original first; empty: not edited.'),
  })
  .meta({ title: 'MessageDetail' });

export const messageList = z
  .object({
    messages: z.array(listedMessage).describe('The messages of this page.'),
    ...pageEnd,
  })
  .meta({ title: 'MessageList' });

export const numberSummary = z
  .object({
    id: z.string().describe('Id of the number: `num_` and 26 letters and digits.'),
    phone_number: z.string().describe('Phone number in E.164 format.'),
    label: z.string().nullable().describe('Name of the number; null: no name.'),
    status: z.enum(['active', 'paused']).describe('`active`, or `paused`: the number sends nothing.'),
    verified: z.boolean().describe('Whether a device is paired with the number.'),
  })
  .meta({ title: 'Number' });

export const numberList = z.object({
  numbers: z
    .array(
      numberSummary.extend({
        device_name: z.string().nullable().describe('Name of the paired device; null: no device is paired.'),
        last_seen_at: time
          .nullable()
          .describe('Time of the last contact with the device; null: the device never connected.'),
        messages_today: z
          .number()
          .int()
          .describe('Number of messages that were accepted for sending on the current day (UTC).'),
        created_at: time.describe('Time of the registration.'),
        capabilities: z
          .array(z.enum(CAPABILITIES))
          .describe(
            'Features beyond text and attachments that at least one connected device of the number supports.',
          ),
      }),
    )
    .describe('All numbers of the account.'),
});

export const verifyResponse = z.object({
  message: z.string().describe('Next step as a sentence.'),
  setup_url: z.url().describe('Setup link. Open it on the device that owns the number.'),
});
