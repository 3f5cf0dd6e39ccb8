/** Defines webhooks. */
import type { EventType } from './event.ts';

/** The API that created the webhook; determines the format of the requests. */
export type WebhookDialect = 'texting-blue' | 'textree' | 'textus' | 'inkbox';

/** The event types that the webhooks of each API can receive. */
export const DIALECT_EVENTS = {
  'texting-blue': [
    'message.received',
    'message.sent',
    'message.delivered',
    'message.failed',
    'message.reaction',
    'message.edited',
    'message.unsent',
    'message.read',
    'conversation.created',
    'conversation.changed',
    'typing.started',
    'typing.stopped',
    'action.failed',
    'device.online',
    'device.offline',
    'device.problem',
  ],
  textree: [
    'message.sent',
    'message.delivered',
    'message.failed',
    'message.received',
    'conversation.created',
    'conversation.updated',
    'opt_out.created',
  ],
  textus: ['message.received', 'message.delivered', 'message.failed', 'opt_out.created', 'opt_in.created'],
  inkbox: ['message.received', 'message.reaction', 'message.sent', 'message.delivered', 'message.failed'],
} as const satisfies Record<WebhookDialect, readonly EventType[]>;

export interface Webhook {
  id: string;
  tenantId: number;
  dialect: WebhookDialect;
  /** Limits the webhook to the events of one number; null: all numbers. */
  numberId: string | null;
  name: string | null;
  url: string;
  events: readonly EventType[];
  /** `whsec_` and base64, the format of Standard Webhooks. */
  secret: string;
  /** Also signs until `previousSecretUntil`, so receivers can switch to the new secret. */
  previousSecret: string | null;
  /** Epoch ms. */
  previousSecretUntil: number | null;
  isActive: boolean;
  /** Number of consecutive events without a successful attempt. */
  consecutiveFailures: number;
  createdAt: number;
  updatedAt: number;
}
