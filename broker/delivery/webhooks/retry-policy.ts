/** Decides from a response whether and when a webhook delivery is retried. */
import type { WebhookDelivery } from '../../core/model/event.ts';

/** Delay after each failed attempt. After the last one, the delivery fails. */
export const RETRY_AFTER_MS = [0, 10_000, 60_000, 300_000] as const;
export const RETRY_AFTER_MAX_MS = 3_600_000;
/** Number of consecutive failed deliveries after which a webhook becomes inactive. */
export const CONSECUTIVE_FAILURES_MAX = 10;

export interface WebhookResponse {
  /** undefined: no response. */
  statusCode: number | undefined;
  retryAfter?: string | undefined;
}

export type Outcome =
  | { kind: 'delivered' }
  | { kind: 'again'; at: number }
  | { kind: 'failed' }
  /** The receiver returned 410 Gone. */
  | { kind: 'gone' };

export function outcomeOf(
  { attempts }: Pick<WebhookDelivery, 'attempts'>,
  { statusCode, retryAfter }: WebhookResponse,
  now: number,
): Outcome {
  if (statusCode !== undefined && statusCode >= 200 && statusCode < 300) return { kind: 'delivered' };
  if (statusCode === 410) return { kind: 'gone' };
  const delay = RETRY_AFTER_MS[attempts];
  if (delay === undefined) return { kind: 'failed' };
  return { kind: 'again', at: now + Math.max(delay, requestedDelay(retryAfter, now)) };
}

/** Reads `Retry-After`, in seconds or as a date. At most one hour, so that a wrong value does not stop a webhook. */
function requestedDelay(retryAfter: string | undefined, now: number): number {
  if (retryAfter === undefined) return 0;
  const milliseconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - now;
  return Number.isNaN(milliseconds) ? 0 : Math.min(Math.max(milliseconds, 0), RETRY_AFTER_MAX_MS);
}
