/** Defines the change that a commit reports: a message or a group, and the parts of the id of its conversation. */
import type { Message } from './message.ts';

export interface MessageChange {
  tenantId: number;
  /** Null: the group changed, and no message of it. */
  id: string | null;
  numberId: string;
  /** Handle of the other party, or guid of the group chat. */
  recipient: string;
}

export function changeOf({
  tenantId,
  id,
  numberId,
  handle,
  chat,
}: Pick<Message, 'tenantId' | 'id' | 'numberId' | 'handle' | 'chat'>): MessageChange {
  return { tenantId, id, numberId, recipient: chat ?? handle };
}
