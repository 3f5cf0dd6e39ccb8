/** A dispatch target that records the messages it receives, for tests of the dispatcher. */
import type { DispatchTarget } from '../../broker/core/dispatch/dispatch-target.ts';
import type { Message } from '../../broker/core/model/message.ts';

export interface RecordingTarget extends DispatchTarget {
  readonly delivered: Message[];
  readonly cancelled: Message[];
  /** Number of further messages that the target accepts. */
  credit: number;
}

export function recordingTarget(
  numberIds: readonly string[],
  options: Partial<DispatchTarget> & { credit?: number } = {},
): RecordingTarget {
  const target: RecordingTarget = {
    sessionId: 's',
    deviceId: 'd',
    environment: 'live',
    numberIds,
    isJournaling: true,
    keepsOrder: true,
    capabilityBits: 0,
    leaseMs: 60_000,
    credit: options.credit ?? 100,
    delivered: [],
    cancelled: [],
    channelsOf: () => 'texts',
    isPermitted: async () => true,
    isReady: () => true,
    room: () => target.credit,
    roomFor: () => Number.POSITIVE_INFINITY,
    busyRecipients: () => [],
    wasDelivered: (id) => target.delivered.some((message) => message.id === id),
    forget: () => {},
    deliver(messages) {
      target.delivered.push(...messages);
      target.credit -= messages.length;
      return true;
    },
    cancel: (message) => void target.cancelled.push(message),
    ...options,
  };
  return target;
}
