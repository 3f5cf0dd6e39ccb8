/** Schemas of the events that webhooks, status callbacks and event streams deliver. */
import { z } from 'zod';
import { MESSAGE_STATUSES } from '../../core/model/message.ts';
import type { WebhookSpec } from '../../http/operation.ts';
import { signatureHeaders } from '../../http/webhook-schemas.ts';
import { conversationData, deviceData, failedActionData, typingData } from './event-data-schemas.ts';
import { reactionSchema, richFieldSchemas } from './rich-fields.ts';

const time = z.iso.datetime();

const inbound = {
  id: z.string().describe('Id of the message: `msg_` and 26 letters and digits.'),
  from: z.string().describe('The sender: phone number in E.164 format, or e-mail address.'),
  to: z
    .string()
    .nullable()
    .describe('The recipient: phone number in E.164 format, or e-mail address; null: a group.'),
  content: z.string().describe('The text; empty for an attachment without a text.'),
  media_url: z
    .string()
    .nullable()
    .describe('URL of the attachment; null: no attachment. A link to an inbound attachment expires.'),
  received_at: time.nullable().describe('Time at which the message arrived; null for an outbound message.'),
  metadata: z.record(z.string(), z.unknown()).optional().describe('Metadata of the send request, unchanged.'),
};

const outboundOnly = {
  status: z.enum(MESSAGE_STATUSES).describe('Status of the message at the time of the event.'),
  error_code: z.string().nullable().describe('Code of the failure; null: the message did not fail.'),
  error_message: z
    .string()
    .nullable()
    .describe('Reason of the failure as a sentence; null: the message did not fail.'),
};

const received = { ...inbound, ...richFieldSchemas };
const outbound = { ...inbound, ...outboundOnly, ...richFieldSchemas };
/** The fields of outbound messages are missing for inbound ones. */
const anyMessage = { ...inbound, ...z.object(outboundOnly).partial().shape, ...richFieldSchemas };

function eventOf<Data extends z.ZodRawShape>(type: string, data: Data) {
  return z.object({
    id: z.string().describe('Id of the event: `evt_` and 26 letters and digits. A retry has the same id.'),
    type: z.literal(type).describe('Type of the event.'),
    timestamp: time.describe('Time of the event.'),
    data: z.object(data).describe('The subject of the event, in its state at that time.'),
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
const RICH = {
  conversation_id: 'conv_6r4ydj5wf28rvr92z1e3bk7a0c',
  is_group: false,
  sender: null,
  participants: null,
  service: 'imessage',
  reply_to: null,
  effect: null,
  subject: null,
  media: [],
  reactions: [],
  edited_at: null,
  unsent_at: null,
  read_at: null,
};

function outboundEvent(type: string, summary: string, state: object): WebhookSpec {
  return eventSpec(type, summary, outbound, { ...SENT, ...state, ...RICH });
}

function eventSpec(type: string, summary: string, data: z.ZodRawShape, example: object): WebhookSpec {
  return {
    event: type,
    summary,
    headers: HEADERS,
    body: eventOf(type, data).meta({ title: titleOf(type) }),
    example: { ...EXAMPLE, type, data: example },
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

const RECEIVED = {
  ...SENT,
  from: '+14155550100',
  to: '+14155550199',
  content: 'See you on Friday',
  received_at: '2026-11-21T09:30:00.000Z',
  ...RICH,
};
const REACTION = {
  id: 'rct_01m7ypkdxffkmb6tyeck3vccad',
  reaction: 'love',
  handle: '+14155550100',
  direction: 'inbound',
  part: 0,
  created_at: '2026-11-21T09:30:00.000Z',
};
const DELIVERED = { ...SENT, status: 'delivered', error_code: null, error_message: null, ...RICH };
const GROUP = {
  id: 'conv_6r4ydj5wf28rvr92z1e3bk7a0c',
  phone_number: '+14155550199',
  is_group: true,
  name: 'Weekend',
  participants: ['+14155550100', '+14155550101'],
  message_id: null,
  created_at: '2026-11-20T18:00:00.000Z',
  updated_at: '2026-11-21T09:30:00.000Z',
  change: null,
};
const TYPING = {
  conversation_id: 'conv_6r4ydj5wf28rvr92z1e3bk7a0c',
  phone_number: '+14155550199',
  handle: '+14155550100',
  is_group: false,
};
const DEVICE = {
  device: { id: 'dev_01m7ypkdxffkmb6tyeck3vccad', name: 'Mac mini' },
  phone_numbers: ['+14155550199'],
  problem: null,
  message: null,
};

const reacted = {
  ...anyMessage,
  reaction: reactionSchema
    .extend({ change: z.enum(['added', 'removed']).describe('Whether the reaction was added or removed.') })
    .meta({ title: 'ReactionChange' })
    .describe('The reaction. `reactions` contains the reactions after the change.'),
};

export const WEBHOOKS: readonly WebhookSpec[] = [
  eventSpec('message.received', 'A message arrived', received, RECEIVED),
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
  eventSpec('message.reaction', 'A reaction was added or removed', reacted, {
    ...DELIVERED,
    reactions: [REACTION],
    reaction: { ...REACTION, change: 'added' },
  }),
  eventSpec('message.edited', 'A message was edited', anyMessage, {
    ...RECEIVED,
    content: 'See you on Saturday',
    edited_at: '2026-11-21T09:31:00.000Z',
  }),
  eventSpec('message.unsent', 'A message was unsent', anyMessage, {
    ...RECEIVED,
    content: '',
    unsent_at: '2026-11-21T09:31:00.000Z',
  }),
  eventSpec('message.read', 'A message was read', anyMessage, {
    ...DELIVERED,
    read_at: '2026-11-21T09:31:00.000Z',
  }),
  eventSpec('conversation.created', 'A conversation was created', conversationData, GROUP),
  eventSpec('conversation.updated', 'The name or the participants of a group changed', conversationData, {
    ...GROUP,
    change: { kind: 'named', actor: '+14155550100', value: 'Weekend', at: '2026-11-21T09:30:00.000Z' },
  }),
  eventSpec('typing.started', 'A participant started to type; not stored, not retried', typingData, {
    ...TYPING,
    state: 'start',
  }),
  eventSpec('typing.stopped', 'A participant stopped typing; not stored, not retried', typingData, {
    ...TYPING,
    state: 'stop',
  }),
  eventSpec('action.failed', 'An action failed; the message or group is unchanged', failedActionData, {
    action: { id: 'act_01m7ypkdxffkmb6tyeck3vccad', kind: 'react', value: 'love' },
    message_id: 'msg_01m7ypkdxffkmb6tyeck3vccad',
    conversation_id: 'conv_6r4ydj5wf28rvr92z1e3bk7a0c',
    error_code: 'expired',
    error_message: 'The message expired before it was sent.',
  }),
  eventSpec('device.online', 'A device connected', deviceData, DEVICE),
  eventSpec('device.offline', 'A device disconnected', deviceData, DEVICE),
  eventSpec('device.problem', 'A device reports a problem', deviceData, {
    ...DEVICE,
    problem: 'signed_out',
    message: 'Messages is signed out.',
  }),
];
