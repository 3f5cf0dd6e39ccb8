/** A message as it is right after it was accepted. */
import { type Message, UNTOUCHED } from '../../broker/core/model/message.ts';

export function queuedMessage(change: Partial<Message> = {}): Message {
  return {
    ...UNTOUCHED,
    id: '01m7yr8vfqftebdcaf8ea8wwzf',
    tenantId: 1,
    numberId: '01m7yr8vfqftebdcaf8ea8wwz0',
    direction: 'outbound',
    status: 'queued',
    ownNumber: '+14155550199',
    remote: '+14155550100',
    content: 'Hi',
    media: [],
    chat: null,
    requestedService: 'auto',
    expiresAt: 1_000_000,
    createdAt: 0,
    ...change,
  };
}
