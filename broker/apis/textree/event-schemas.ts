/** Schemas of the events that webhooks deliver. */
import { z } from 'zod';
import type { WebhookSpec } from '../../http/operation.ts';
import { signatureHeaders } from '../../http/webhook-schemas.ts';
import { messageResponse } from './message-schemas.ts';
import { time } from './schemas.ts';

const message = messageResponse.shape.message
  .omit({ waiting: true })
  .extend({
    direction: z.enum(['inbound', 'outbound']).describe('`inbound`: received; `outbound`: sent.'),
    body: z.string().describe('The text; empty for an attachment without a text.'),
    metadata: z
      .record(z.string(), z.unknown())
      .nullable()
      .describe('Metadata of the send request, unchanged; null: none.'),
  })
  .meta({ title: 'EventMessage', description: 'The message at the time of the event.' });

const messageData = z.object({ message });
const conversationData = z.object({
  conversation: z
    .object({ id: z.string().describe('Id of the conversation.') })
    .describe('The conversation.'),
  message: z
    .object({ id: z.string().describe('Id of the message: `msg_` and 26 letters and digits.') })
    .describe('The message that caused the event.'),
});
const contactData = z.object({
  contact: z
    .object({ phone_number: z.string().describe('Phone number in E.164 format, or e-mail address.') })
    .describe('The recipient who opted out.'),
});

const MESSAGE = {
  id: 'msg_01m7ypkdxffkmb6tyeck3vccad',
  phone_number: '+14155550100',
  segments: 1,
  cost_cents: 0,
  created_at: '2026-11-21T09:30:00.000Z',
  direction: 'outbound',
  body: 'Hello',
  metadata: null,
};
const sample = (change: object) => ({ message: { ...MESSAGE, ...change } });
const CONVERSATION = {
  conversation: { id: '5f0c2a3e7d1b4c6f8a9e0d2b' },
  message: { id: MESSAGE.id },
};

function webhook(event: string, summary: string, data: z.ZodType, example: object): WebhookSpec {
  return {
    event,
    summary,
    headers: { ...signatureHeaders, 'x-textree-event': 'Type of the event.' },
    body: z.object({
      id: z.string().describe('Id of the event: `evt_` and 26 letters and digits. A retry has the same id.'),
      type: z.literal(event).describe('Type of the event.'),
      created_at: time.describe('Time of the event.'),
      data: data.describe('Subject of the event.'),
    }),
    example: {
      id: 'evt_01m7ypkdxffkmb6tyeck3vccad',
      type: event,
      created_at: '2026-11-21T09:30:00.000Z',
      data: example,
    },
  };
}

export const WEBHOOKS: readonly WebhookSpec[] = [
  webhook(
    'message.sent',
    'The device or the provider sent a message',
    messageData,
    sample({ status: 'sent' }),
  ),
  webhook(
    'message.delivered',
    'A message was delivered to the recipient',
    messageData,
    sample({ status: 'delivered' }),
  ),
  webhook('message.failed', 'A message failed', messageData, sample({ status: 'failed' })),
  webhook(
    'message.received',
    'A message arrived',
    messageData,
    sample({ status: 'received', direction: 'inbound', body: 'See you on Friday' }),
  ),
  webhook('conversation.created', 'A conversation has its first message', conversationData, CONVERSATION),
  webhook('conversation.updated', 'A conversation has a further message', conversationData, CONVERSATION),
  webhook('opt_out.created', 'A recipient opted out of messages', contactData, {
    contact: { phone_number: MESSAGE.phone_number },
  }),
];
