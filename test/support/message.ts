/** Builds an accepted outbound message. */
import { type Message, NEW_MESSAGE_DEFAULTS } from '../../broker/core/model/message.ts';

export function queuedMessage(change: Partial<Message> = {}): Message {
  return {
    ...NEW_MESSAGE_DEFAULTS,
    id: '01m7yr8vfqftebdcaf8ea8wwzf',
    tenantId: 1,
    numberId: '01m7yr8vfqftebdcaf8ea8wwz0',
    direction: 'outbound',
    status: 'queued',
    ownNumber: '+14155550199',
    handle: '+14155550100',
    content: 'Hi',
    media: [],
    chat: null,
    requestedService: 'auto',
    expiresAt: 1_000_000,
    createdAt: 0,
    ...change,
  };
}
