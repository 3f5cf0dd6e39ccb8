/** Describes the attempt of a webhook delivery by its response, or by the reason why there was none. */
import type { WebhookAttempt } from '../../core/model/event.ts';
import type { EgressBlockedError } from '../../egress/errors.ts';
import type { PostResponse } from '../../egress/guarded-post.ts';
import type { Outcome, WebhookResponse } from './retry-policy.ts';

const ERROR_MAX_CHARACTERS = 2_048;

/** The broker could not create the request of an event. */
export class PreparationError extends Error {}

/** The response, or the reason why there was no request. */
export type Posted = PostResponse | EgressBlockedError | PreparationError;

export function responseOf(posted: Posted): WebhookResponse {
  return posted instanceof Error ? { statusCode: undefined } : posted;
}

export function resultOf(
  { statusCode }: WebhookAttempt,
  { kind }: Outcome,
): 'success' | 'error' | 'no_response' {
  if (kind === 'delivered') return 'success';
  return statusCode === null ? 'no_response' : 'error';
}

export function attemptOf(attempt: number, at: number, durationMs: number, posted: Posted): WebhookAttempt {
  if (posted instanceof Error) {
    return {
      attempt,
      at,
      durationMs,
      statusCode: null,
      answer: posted.message.slice(0, ERROR_MAX_CHARACTERS),
    };
  }
  return { attempt, at, durationMs, statusCode: posted.statusCode, answer: posted.bodyStart };
}
