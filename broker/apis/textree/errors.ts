/**
 * Errors that say what is wrong, what to do about it, and whether to try again: Textree's shape, which programs that
 * write messages by themselves can act on.
 */
import { z } from 'zod';
import type { ErrorCode, HomingError } from '../../core/model/errors.ts';
import { HTTP_STATUSES } from '../../http/error-response.ts';
import type { OperationResponse } from '../../http/operation.ts';

const RETRIES = ['do_not_retry', 'retry_later', 'retry_after_verification'] as const;
type Retry = (typeof RETRIES)[number];

export const errorBody = z
  .object({
    error: z.object({
      code: z.string(),
      message: z.string(),
      fix: z.string().optional().describe('What to do about it.'),
      retry: z.enum(RETRIES).describe('Whether to try again.'),
      request_id: z.string().describe('Also in x-request-id, and in the broker’s log.'),
      retry_after_seconds: z.number().int().optional(),
    }),
  })
  .meta({ title: 'Error' });

/** For the refusals in an operation's answers. */
export const errorResponse = { description: 'Refused; see the error codes.', schema: errorBody };

/** The codes that have another word here. */
const CODES: Partial<Record<ErrorCode, string>> = {
  forbidden: 'insufficient_scope',
  recipient_suppressed: 'workspace_suppressed',
};

/** What to do about an error that does not say so itself. */
const FIXES: Partial<Record<ErrorCode, string>> = {
  unauthorized:
    'Send the header `Authorization: Bearer <token>` with a token that is not revoked; `homing keys create` makes one.',
  plan_limit_exceeded: 'Wait until the month is over, or have the account put on a larger plan.',
  spend_limit_exceeded:
    'Raise the limit with PUT /api/v1/billing/spend-limit, or wait until the month is over.',
  recipient_suppressed: 'Do not write to this number. Whoever owns it opts in again by texting START.',
  recipient_not_verified:
    'Write to +15005550010 … +15005550016 or +15005550020 … +15005550023, or use a live token.',
  rate_limited: 'Wait for as long as Retry-After says.',
  internal_error:
    'Try again with the same idempotency_key. If it stays so, look for the request_id in the log.',
};

const RETRY_WORDS: Partial<Record<ErrorCode, Retry>> = {
  recipient_not_verified: 'retry_after_verification',
  rate_limited: 'retry_later',
  internal_error: 'retry_later',
  media_unavailable: 'retry_later',
  timed_out: 'retry_later',
  unavailable: 'retry_later',
};

export function mapError(error: HomingError, requestId: string): OperationResponse {
  return {
    status: isOfAField(error) ? 422 : HTTP_STATUSES[error.code],
    body: advisingBody(error, requestId),
  };
}

export function advisingBody(error: HomingError, requestId: string): z.infer<typeof errorBody> {
  const { message, retryAfterSeconds } = error;
  const fix = error.fix ?? FIXES[error.code];
  const retry = retryAfterSeconds === undefined ? RETRY_WORDS[error.code] : 'retry_later';
  return {
    error: {
      code: advisingCode(error),
      message,
      ...(fix === undefined ? {} : { fix }),
      retry: retry ?? 'do_not_retry',
      request_id: requestId,
      ...(retryAfterSeconds === undefined ? {} : { retry_after_seconds: retryAfterSeconds }),
    },
  };
}

export const advisingCode = ({ code }: HomingError): string => CODES[code] ?? code;

/** The request could be read, and something in it is wrong. */
function isOfAField({ code, issues }: HomingError): boolean {
  return code === 'invalid_request' && issues.length > 0;
}
