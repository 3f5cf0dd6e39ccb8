/** Who wants to hear of what, by any of the APIs. */
import type { EventType } from './events.ts';

/** The API by which it was made: what is sent has its shape. */
export type WebhookDialect = 'texting-blue' | 'textree' | 'textus';

export interface Webhook {
  id: string;
  worldId: number;
  dialect: WebhookDialect;
  /** Only what happens with this number; null: with any. */
  numberId: string | null;
  name: string | null;
  url: string;
  events: readonly EventType[];
  /** `whsec_` and base64, as Standard Webhooks has it. */
  secret: string;
  isActive: boolean;
  createdAt: number;
  updatedAt: number;
}
