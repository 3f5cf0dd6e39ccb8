/** Schemas of the events that integrations deliver. */
import { z } from 'zod';
import type { WebhookSpec } from '../../http/operation.ts';
import { signatureHeaders } from '../../http/webhook-schemas.ts';
import type { Action } from './integration-actions.ts';
import * as schemas from './response-schemas.ts';

const contact = z
  .object({ phone: z.string().describe('Phone number in E.164 format, or e-mail address.') })
  .describe('The recipient.');

const MESSAGE = {
  '@type': 'Message',
  id: '/messages/01m7ypkdxffkmb6tyeck3vccad',
  '@context': '/contexts/Message.jsonld',
  direction: 'out',
  body: 'Hello',
  formattedBody: '<div>Hello</div>',
  displayTimestamp: '2026-11-21T09:30:00.000Z',
  timelinePosition: 1795253400000,
  deliveryState: 'delivered',
  conversation: '/conversations/01m7ypkdxffkmb6tyeck3vccad',
  sender: '/users/01m7ypkdxffkmb6tyeck3vccad',
  attachments: {
    '@context': '/contexts/hydra:Collection.jsonld',
    '@type': 'hydra:Collection',
    id: '/messages/01m7ypkdxffkmb6tyeck3vccad/attachments',
    members: [],
    totalItems: 0,
  },
  friendlyStateDescription: 'Message Delivered',
  retryAllowed: false,
  retry: null,
  latestEventAt: '2026-11-21T09:30:00.000Z',
  flags: [],
  source: 'textus',
  channel: 'sms',
  whatsAppTemplate: null,
  engagementScore: null,
  engagementTemperature: null,
};

function webhook(action: Action, summary: string, subject: z.ZodRawShape, example: object): WebhookSpec {
  return {
    event: action,
    summary,
    headers: {
      ...signatureHeaders,
      'x-textus-action': 'The action.',
      'x-textus-signature': '`sha256=` and the hex HMAC-SHA256 of the body, with the secret as the key.',
    },
    body: z.object({
      id: z.string().describe('Id of the event: `evt_` and 26 letters and digits. A retry has the same id.'),
      action: z.literal(action).describe('The action.'),
      createdAt: z.iso.datetime().describe('Time of the event.'),
      ...subject,
    }),
    example: {
      id: 'evt_01m7ypkdxffkmb6tyeck3vccad',
      action,
      createdAt: '2026-11-21T09:30:00.000Z',
      ...example,
    },
  };
}

const message = (change: object) => ({ message: { ...MESSAGE, ...change } });
const CONTACT = { contact: { phone: '+14155550100' } };

export const WEBHOOKS: readonly WebhookSpec[] = [
  webhook(
    'message.received',
    'A message arrived',
    { message: schemas.message },
    message({
      direction: 'in',
      body: 'See you on Friday',
      formattedBody: '<div>See you on Friday</div>',
      deliveryState: 'received',
      sender: '/contacts/01m7ypkdxffkmb6tyeck3vccad',
      friendlyStateDescription: 'Message Received',
    }),
  ),
  webhook(
    'message.delivered',
    'A message was delivered to the recipient',
    { message: schemas.message },
    message({}),
  ),
  webhook(
    'message.failed',
    'A message failed',
    { message: schemas.message },
    message({ deliveryState: 'failed', friendlyStateDescription: 'Message Failed' }),
  ),
  webhook('contact.opted_out', 'A recipient opted out of messages', { contact }, CONTACT),
  webhook('contact.opted_in', 'A recipient opted in again', { contact }, CONTACT),
];
