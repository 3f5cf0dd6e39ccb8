/** Defines webhooks. */
import type { EventType } from './event.ts';

/** The API that created the webhook; determines the format of the requests. */
export type WebhookDialect = 'texting-blue' | 'textree' | 'textus';

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
