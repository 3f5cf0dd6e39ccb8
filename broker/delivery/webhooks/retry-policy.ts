/** When a delivery is tried again, and what an answer means for it. */
import type { WebhookDelivery } from '../../core/model/event.ts';

/** After each attempt that came to nothing, so long until the next; then it is given up. */
export const RETRY_AFTER_MS = [0, 10_000, 60_000, 300_000] as const;
const RETRY_AFTER_MAX_MS = 3_600_000;
/** After so many events in a row that used up their attempts the webhook turns inactive. */
export const FAILURES_IN_A_ROW = 10;

export interface WebhookResponse {
  /** undefined: there was none. */
  statusCode: number | undefined;
  retryAfter?: string | undefined;
}

export type Outcome =
  | { kind: 'delivered' }
  | { kind: 'again'; at: number }
  | { kind: 'failed' }
  /** Nobody is there any more, and says so. */
  | { kind: 'gone' };

export function outcomeOf(
  { attempts }: Pick<WebhookDelivery, 'attempts'>,
  { statusCode, retryAfter }: WebhookResponse,
  now: number,
): Outcome {
  if (statusCode !== undefined && statusCode >= 200 && statusCode < 300) return { kind: 'delivered' };
  if (statusCode === 410) return { kind: 'gone' };
  const wait = RETRY_AFTER_MS[attempts];
  if (wait === undefined) return { kind: 'failed' };
  return { kind: 'again', at: now + Math.max(wait, askedFor(retryAfter, now)) };
}

/** `Retry-After` in seconds or as a date; at most an hour, so that a slip does not silence a webhook. */
function askedFor(retryAfter: string | undefined, now: number): number {
  if (retryAfter === undefined) return 0;
  const milliseconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - now;
  return Number.isNaN(milliseconds) ? 0 : Math.min(Math.max(milliseconds, 0), RETRY_AFTER_MAX_MS);
}
