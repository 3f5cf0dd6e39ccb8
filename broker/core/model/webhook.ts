/** Who wants to hear of what, by any of the APIs. */
import type { EventType } from './event.ts';

/** The API by which it was made: what is sent has its shape. */
export type WebhookDialect = 'texting-blue' | 'textree' | 'textus';

export interface Webhook {
  id: string;
  tenantId: number;
  dialect: WebhookDialect;
  /** Only what happens with this number; null: with any. */
  numberId: string | null;
  name: string | null;
  url: string;
  events: readonly EventType[];
  /** `whsec_` and base64, as Standard Webhooks has it. */
  secret: string;
  /** Signs as well until then (epoch ms), so that receivers can change over. */
  previousSecret: string | null;
  previousSecretUntil: number | null;
  isActive: boolean;
  /** Events in a row that used up their attempts. */
  failedInARow: number;
  createdAt: number;
  updatedAt: number;
}
