/** A message as it is right after it was accepted. */
import type { Message } from '../../broker/core/messages.ts';

export function queuedMessage(change: Partial<Message> = {}): Message {
  return {
    id: '01m7yr8vfqftebdcaf8ea8wwzf',
    worldId: 1,
    numberId: '01m7yr8vfqftebdcaf8ea8wwz0',
    direction: 'outbound',
    status: 'queued',
    ownNumber: '+14155550199',
    remote: '+14155550100',
    content: 'Hi',
    mediaUrl: null,
    requestedService: 'auto',
    service: null,
    errorCode: null,
    errorMessage: null,
    errorRetryable: false,
    priority: 0,
    notBefore: null,
    expiresAt: 1_000_000,
    attempt: 0,
    deviceId: null,
    leaseId: null,
    leaseUntil: null,
    leaseJournaled: false,
    cancelRequestedAt: null,
    guid: null,
    createdAt: 0,
    sentAt: null,
    deliveredAt: null,
    readAt: null,
    failedAt: null,
    ...change,
  };
}
