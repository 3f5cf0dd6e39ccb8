/** Schemas of the events that webhooks, status callbacks and event streams deliver. */
import { z } from 'zod';
import { MESSAGE_STATUSES } from '../../core/model/message.ts';
import type { WebhookSpec } from '../../http/operation.ts';
import { signatureHeaders } from '../../http/webhook-schemas.ts';

const time = z.iso.datetime();

const inbound = {
  id: z.string().describe('Id of the message: `msg_` and 26 letters and digits.'),
  from: z.string().describe('The sender: phone number in E.164 format, or e-mail address.'),
  to: z.string().describe('The recipient: phone number in E.164 format, or e-mail address.'),
  content: z.string().describe('The text; empty for an attachment without a text.'),
  media_url: z
    .string()
    .nullable()
    .describe('URL of the attachment; null: no attachment. A link to an inbound attachment expires.'),
  received_at: time.nullable().describe('Time at which the message arrived; null for an outbound message.'),
  metadata: z.record(z.string(), z.unknown()).optional().describe('Metadata of the send request, unchanged.'),
};

const outbound = {
  ...inbound,
  status: z.enum(MESSAGE_STATUSES).describe('Status of the message at the time of the event.'),
  error_code: z.string().nullable().describe('Code of the failure; null: the message did not fail.'),
  error_message: z
    .string()
    .nullable()
    .describe('Reason of the failure as a sentence; null: the message did not fail.'),
};

function eventOf<Data extends z.ZodRawShape>(type: string, data: Data) {
  return z.object({
    id: z.string().describe('Id of the event: `evt_` and 26 letters and digits. A retry has the same id.'),
    type: z.literal(type).describe('Type of the event.'),
    timestamp: time.describe('Time of the event.'),
    data: z.object(data).describe('The message.'),
  });
}

const EXAMPLE = {
  id: 'evt_01m7ypkdxffkmb6tyeck3vccad',
  timestamp: '2026-11-21T09:30:00.000Z',
};
const SENT = {
  id: 'msg_01m7ypkdxffkmb6tyeck3vccad',
  from: '+14155550199',
  to: '+14155550100',
  content: 'Hello',
  media_url: null,
  received_at: null,
};

function outboundEvent(type: string, summary: string, state: object): WebhookSpec {
  return {
    event: type,
    summary,
    headers: HEADERS,
    body: eventOf(type, outbound).meta({ title: titleOf(type) }),
    example: { ...EXAMPLE, type, data: { ...SENT, ...state } },
  };
}

const HEADERS = {
  ...signatureHeaders,
  'x-textingblue-event': 'Type of the event.',
  'x-textingblue-signature': '`sha256=` and the hex HMAC-SHA256 of the body, with the secret as the key.',
};

function titleOf(type: string): string {
  return `${type.replaceAll(/(?:^|\.)(\w)/g, (_, letter: string) => letter.toUpperCase())}Event`;
}

export const WEBHOOKS: readonly WebhookSpec[] = [
  {
    event: 'message.received',
    summary: 'A message arrived',
    headers: HEADERS,
    body: eventOf('message.received', inbound).meta({ title: titleOf('message.received') }),
    example: {
      ...EXAMPLE,
      type: 'message.received',
      data: {
        ...SENT,
        from: '+14155550100',
        to: '+14155550199',
        content: 'See you on Friday',
        received_at: '2026-11-21T09:30:00.000Z',
      },
    },
  },
  outboundEvent('message.sent', 'The device or the provider sent a message', {
    status: 'sent',
    error_code: null,
    error_message: null,
  }),
  outboundEvent('message.delivered', 'A message was delivered to the recipient', {
    status: 'delivered',
    error_code: null,
    error_message: null,
  }),
  outboundEvent('message.failed', 'A message failed', {
    status: 'failed',
    error_code: 'not_on_imessage',
    error_message: 'The recipient is not on iMessage.',
  }),
];
