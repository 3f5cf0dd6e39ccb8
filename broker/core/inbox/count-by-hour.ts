/**
 * Counts the results of messages by hour, as part of the projections. A message is counted at the hour of its result. A
 * failure that a late report corrects stays counted as failed.
 */
import { isFailureCode } from '../../../shared/failures.ts';
import type { Message, MessageStatus } from '../model/message.ts';
import {
  type CountKind,
  firstKeptHour,
  type HourlyCount,
  hourOf,
  latencyBucket,
} from '../model/statistics.ts';
import type { ChangedMessage } from '../ports/inbox.ts';

const IS_SENT: ReadonlySet<MessageStatus | null> = new Set(['sent', 'delivered'] as const);

/** `changes` are messages whose status differs from the projected one. `isCounted` excludes messages by other senders. */
export function countByHour(
  changes: readonly ChangedMessage[],
  isCounted: (message: Message) => boolean,
  now: number,
): HourlyCount[] {
  const counts = new Map<string, HourlyCount>();
  const oldest = firstKeptHour(now);
  const add = ({ tenantId }: Message, kind: CountKind, at: number | null, detail = '') => {
    const hour = hourOf(at ?? now);
    if (hour < oldest) return;
    const key = `${tenantId} ${hour} ${kind} ${detail}`;
    const messages = (counts.get(key)?.messages ?? 0) + 1;
    counts.set(key, { tenantId, hour, kind, detail, messages });
  };
  for (const { message, projectedStatus } of changes) {
    const { status, createdAt, sendAt, sentAt, deliveredAt, failedAt, errorCode } = message;
    if (status === 'received' && !message.isBlocked) add(message, 'received', createdAt);
    if (!isCounted(message)) continue;
    if (IS_SENT.has(status) && !IS_SENT.has(projectedStatus)) add(message, 'sent', sentAt ?? deliveredAt);
    if (status === 'delivered') {
      add(message, 'delivered', deliveredAt);
      const waited = Math.max(0, (deliveredAt ?? now) - (sendAt ?? createdAt));
      add(message, 'latency', deliveredAt, String(latencyBucket(waited)));
    }
    if (status === 'failed') {
      add(message, 'failed', failedAt, errorCode !== null && isFailureCode(errorCode) ? errorCode : 'other');
    }
  }
  return [...counts.values()];
}
