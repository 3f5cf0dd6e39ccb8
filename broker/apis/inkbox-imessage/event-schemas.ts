/** Schemas of the events that webhooks deliver. */
import { z } from 'zod';
import type { WebhookSpec } from '../../http/operation.ts';
import { signatureHeaders } from '../../http/webhook-schemas.ts';
import { EVENT_NAMES, type EventName } from './event-types.ts';
import { messageSchema, reactionSchema } from './message-schemas.ts';

const headers = {
  ...signatureHeaders,
  'x-inkbox-request-id': 'Id of the event as a UUID. A retry has the same id.',
  'x-inkbox-timestamp': 'Time of the attempt, in epoch seconds.',
  'x-inkbox-signature':
    '`sha256=` and the hex HMAC-SHA256 of the request id, the timestamp and the body, joined by periods. The key is the `signing_key` without `whsec_`.',
};

const data = z.object({
  message: messageSchema.nullable().describe('The message at the time of the event; null: a reaction.'),
  reaction: reactionSchema.nullable().describe('The reaction; null: a message.'),
  contacts: z
    .array(
      z.object({
        id: z.uuid().describe('Id of the contact.'),
        name: z.string().nullable().describe('Name of the contact; null: no name.'),
      }),
    )
    .describe('The saved contacts among the other participants.'),
  agent_identities: z.array(z.object({})).describe('Always empty.'),
});

const MESSAGE: z.output<typeof messageSchema> = {
  id: '019fb2b9-5c8f-7b21-9d0e-6f1f0f6a2b34',
  conversation_id: '019fb2b9-3a5d-7e4e-b36a-3f73d2b6c1a5',
  assignment_id: null,
  direction: 'outbound',
  remote_number: '+14155550100',
  sender_number: null,
  participants: null,
  is_group: false,
  content: 'Hello',
  message_type: 'message',
  service: 'imessage',
  send_style: null,
  media: null,
  was_downgraded: false,
  status: 'sent',
  error_code: null,
  error_message: null,
  error_reason: null,
  error_detail: null,
  is_read: true,
  is_blocked: false,
  recipients: null,
  reactions: null,
  created_at: '2026-11-21T09:30:00.000Z',
  updated_at: '2026-11-21T09:30:01.000Z',
};

const REACTION: z.output<typeof reactionSchema> = {
  id: '019fb2b9-5c8f-7b21-9d0e-6f1f0f6a2b35',
  conversation_id: MESSAGE.conversation_id,
  assignment_id: null,
  target_message_id: MESSAGE.id,
  direction: 'inbound',
  reaction: 'love',
  custom_emoji: null,
  remote_number: '+14155550100',
  part_index: 0,
  created_at: '2026-11-21T09:30:00.000Z',
  updated_at: '2026-11-21T09:30:00.000Z',
};

const RECEIVED = {
  ...{ direction: 'inbound', status: 'received', sender_number: MESSAGE.remote_number },
  ...{ content: 'See you on Friday', was_downgraded: null, is_read: false },
};
const ERROR = { error_code: 'not_on_imessage', error_message: 'The number is not on iMessage.' };
const FAILED = {
  ...{ status: 'error', was_downgraded: null, ...ERROR },
  ...{ error_reason: ERROR.error_code, error_detail: ERROR.error_message },
};

const EVENTS: Record<EventName, { summary: string; change?: object }> = {
  'imessage.received': { summary: 'A message arrived', change: RECEIVED },
  'imessage.reaction_received': { summary: 'A participant reacted to a message' },
  'imessage.sent': { summary: 'The device or the provider sent a message', change: {} },
  'imessage.delivered': { summary: 'A message was delivered', change: { status: 'delivered' } },
  'imessage.delivery_failed': { summary: 'A message failed', change: FAILED },
  'text.received': { summary: 'A message arrived at the number', change: RECEIVED },
  'text.sent': { summary: 'A message of the number was sent', change: {} },
  'text.delivered': { summary: 'A message of the number was delivered', change: { status: 'delivered' } },
  'text.delivery_failed': { summary: 'A message of the number failed', change: FAILED },
};

export const WEBHOOKS: readonly WebhookSpec[] = EVENT_NAMES.map((event) => {
  const { summary, change } = EVENTS[event];
  const subject =
    change === undefined
      ? { message: null, reaction: REACTION }
      : { message: { ...MESSAGE, ...change }, reaction: null };
  return {
    event,
    summary,
    headers,
    body: z.object({
      id: z.string().describe('Id of the event: `evt_` and 26 letters and digits. A retry has the same id.'),
      event_type: z.literal(event).describe('Type of the event.'),
      timestamp: z.iso.datetime().describe('Time of the event.'),
      data: data.describe('Subject of the event.'),
    }),
    example: {
      id: 'evt_01m7ypkdxffkmb6tyeck3vccad',
      event_type: event,
      timestamp: '2026-11-21T09:30:00.000Z',
      data: { ...subject, contacts: [], agent_identities: [] },
    },
  };
});
