/** Maps errors to HTTP responses of the Textree API. Each error includes the next step and whether to retry. */
import { z } from 'zod';
import type { ErrorCode, HomingError } from '../../core/model/errors.ts';
import { HTTP_STATUSES } from '../../http/error-response.ts';
import type { OperationResponse } from '../../http/operation.ts';

const RETRIES = ['do_not_retry', 'retry_later', 'retry_after_verification'] as const;
type Retry = (typeof RETRIES)[number];

export const errorBody = z
  .object({
    error: z
      .object({
        code: z.string().describe('Error code. The page of an operation lists its codes.'),
        message: z.string().describe('The problem as a sentence, for people. The wording may change.'),
        fix: z.string().optional().describe('Next step for the caller.'),
        retry: z.enum(RETRIES).describe('Whether and when to retry the request.'),
        request_id: z
          .string()
          .describe('Id of the request; also in the x-request-id header and in the broker’s log.'),
        retry_after_seconds: z
          .number()
          .int()
          .optional()
          .describe('Time until a retry can succeed, in seconds.'),
      })
      .describe('The error.'),
  })
  .meta({ title: 'Error' });

/** Specification of the error responses of an operation. */
export const errorResponse = { description: 'Error. See the error codes.', schema: errorBody };

/** Codes that have another name in this API. */
const CODES: Partial<Record<ErrorCode, string>> = {
  forbidden: 'insufficient_scope',
  recipient_suppressed: 'workspace_suppressed',
};

/** Default next steps by error code. */
const FIXES: Partial<Record<ErrorCode, string>> = {
  unauthorized:
    'Send the header `Authorization: Bearer <token>` with a valid token. Create a token with `homing keys create`.',
  plan_limit_exceeded: 'Wait for the next month, or move the account to a larger plan.',
  spend_limit_exceeded: 'Raise the limit with PUT /api/v1/billing/spend-limit, or wait for the next month.',
  recipient_suppressed: 'Do not send to this number. Its owner can opt in by texting START.',
  recipient_not_verified:
    'Send to +15005550010 … +15005550016, +15005550020 … +15005550023 or +15005550040 … +15005550046, or use a live token.',
  rate_limited: 'Wait for the number of seconds in the Retry-After header.',
  internal_error:
    'Retry with the same idempotency_key. If the error persists, search the log for the request_id.',
};

const RETRY_BY_CODE: Partial<Record<ErrorCode, Retry>> = {
  recipient_not_verified: 'retry_after_verification',
  rate_limited: 'retry_later',
  internal_error: 'retry_later',
  media_unavailable: 'retry_later',
  timed_out: 'retry_later',
  unavailable: 'retry_later',
};

export function mapError(error: HomingError, requestId: string): OperationResponse {
  return {
    status: isFieldError(error) ? 422 : HTTP_STATUSES[error.code],
    body: formatErrorBody(error, requestId),
  };
}

export function formatErrorBody(error: HomingError, requestId: string): z.infer<typeof errorBody> {
  const { message, retryAfterSeconds } = error;
  const fix = error.fix ?? FIXES[error.code];
  const retry = retryAfterSeconds === undefined ? RETRY_BY_CODE[error.code] : 'retry_later';
  return {
    error: {
      code: formatErrorCode(error),
      message,
      ...(fix === undefined ? {} : { fix }),
      retry: retry ?? 'do_not_retry',
      request_id: requestId,
      ...(retryAfterSeconds === undefined ? {} : { retry_after_seconds: retryAfterSeconds }),
    },
  };
}

export const formatErrorCode = ({ code }: HomingError): string => CODES[code] ?? code;

/** The request was parsed and contains an invalid field. */
function isFieldError({ code, issues }: HomingError): boolean {
  return code === 'invalid_request' && issues.length > 0;
}
