/** Defines the change of a message that a commit reports: the message and the parts of its conversation's id. */
import type { Message } from './message.ts';

export interface MessageChange {
  tenantId: number;
  id: string;
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
