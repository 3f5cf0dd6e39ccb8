/** What the Texting Blue API takes and gives, as zod schemas with the messages that callers read. */
import { z } from 'zod';
import { CONTENT_MAX_CHARACTERS, MESSAGE_STATUSES } from '../../core/model/message.ts';
import { cursorOf, pageEnd, pageLimit } from '../../http/pagination.ts';
import {
  anObject,
  callableUrl,
  isSendable,
  isWithin,
  oneOf,
  phoneNumber,
  plusOf,
  requiredText,
} from '../../http/request-schemas.ts';
import { paceBody, waiting } from './pace-schemas.ts';
import { type SendOptionContext, sendOptions } from './send-options.ts';

const LABEL_MAX = 100;

const content = requiredText('content')
  .min(1, { error: "'content' must not be empty." })
  .refine((text) => isWithin(text, CONTENT_MAX_CHARACTERS), {
    error: `'content' must be at most ${CONTENT_MAX_CHARACTERS} characters.`,
  })
  .refine(isSendable, {
    error: "'content' has a character that cannot be sent (NUL or half of a surrogate pair).",
  })
  .meta({ maxLength: CONTENT_MAX_CHARACTERS, description: 'The text.' });

export function sendBodyFor(context: SendOptionContext) {
  return anObject({
    to: phoneNumber('to').describe('The recipient, in E.164 format.'),
    from: phoneNumber('from')
      .describe('Which of your numbers sends it; in the sandbox it may be left out.')
      .nullish(),
    content,
    media_url: callableUrl('media_url', context)
      .describe('Where an attachment of at most 5 MB is fetched from.')
      .nullish(),
    ...sendOptions(context),
  }).superRefine(({ send_at, expires_at }, context) => {
    if (send_at == null || expires_at == null || expires_at > send_at) return;
    context.addIssue({
      code: 'custom',
      path: ['expires_at'],
      message: "'expires_at' must be after 'send_at'.",
    });
  });
}

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
  status: oneOf('status', MESSAGE_STATUSES).optional().describe('Only messages that are at this.'),
  direction: oneOf('direction', ['inbound', 'outbound'])
    .optional()
    .describe('Only messages that go this way.'),
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
    .meta({ maxLength: LABEL_MAX, description: 'What you call it; null takes the name away.' })
    .nullish(),
  status: oneOf('status', ['active', 'paused']).describe('A paused number sends nothing.').optional(),
  pace: paceBody.describe('How fast it may send; what is left out stays as it is.').optional(),
});

export const verifyBody = anObject({
  phone_number: phoneNumber('phone_number').describe('The number of the iPhone or Mac.'),
});

const time = z.iso.datetime();
const metadata = z.record(z.string(), z.unknown()).describe('As it was given.');

export const acceptedMessage = z
  .object({
    id: z.string(),
    status: z.literal('queued'),
    to: z.string(),
    from: z.string(),
    content: z.string(),
    media_url: z.string().nullable(),
    created_at: time,
    send_at: time.optional().describe('Where it was asked for.'),
    metadata: metadata.optional(),
  })
  .meta({ title: 'AcceptedMessage' });

export const dryRun = z
  .object({
    dry_run: z.literal(true),
    to: z.string(),
    from: z.string(),
    content: z.string(),
    media_url: z.string().nullable(),
    segments: z.int().describe('How many SMS the text would take.'),
    cost_cents: z.int(),
    waiting: waiting.nullable().describe('What it would wait for; null: nothing.'),
  })
  .meta({ title: 'DryRun' });

export const listedMessage = z
  .object({
    id: z.string(),
    to: z.string(),
    from: z.string(),
    content: z.string(),
    media_url: z.string().nullable(),
    status: z.enum(MESSAGE_STATUSES),
    direction: z.enum(['inbound', 'outbound']),
    created_at: time,
    delivered_at: time.nullable(),
    send_at: time.optional().describe('When its sender wanted it sent, where they said.'),
    metadata: metadata.optional(),
  })
  .meta({ title: 'Message' });

export const messageDetail = listedMessage
  .extend({
    error_code: z.string().nullable().describe('Why it failed.'),
    error_message: z.string().nullable(),
    priority: z.literal('high').optional(),
    expires_at: time.optional().describe('Where its sender said.'),
    waiting: waiting.optional().describe('While it is queued and not next: until when and why.'),
  })
  .meta({ title: 'MessageDetail' });

export const messageList = z
  .object({
    messages: z.array(listedMessage),
    ...pageEnd,
  })
  .meta({ title: 'MessageList' });

export const numberSummary = z
  .object({
    id: z.string(),
    phone_number: z.string(),
    label: z.string().nullable(),
    status: z.enum(['active', 'paused']),
    verified: z.boolean().describe('Whether its device was set up.'),
  })
  .meta({ title: 'Number' });

export const numberList = z.object({
  numbers: z.array(
    numberSummary.extend({
      device_name: z.string().nullable(),
      last_seen_at: time.nullable(),
      messages_today: z.number().int(),
      created_at: time,
    }),
  ),
});

export const verifyResponse = z.object({
  message: z.string(),
  setup_url: z.url().describe('To be opened on the device that owns the number.'),
});

export const errorBody = z
  .object({
    error: z.object({
      code: z.string(),
      message: z.string(),
      param: z.string().optional().describe('The field that is to blame.'),
    }),
  })
  .meta({ title: 'Error' });
