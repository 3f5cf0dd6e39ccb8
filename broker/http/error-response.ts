/** Maps error codes to HTTP statuses, and errors to a plain body. An API with another format has its own `errors.ts`. */
import { z } from 'zod';
import type { ErrorCode, HomingError } from '../core/model/errors.ts';
import type { OperationResponse } from './operation.ts';

export const HTTP_STATUSES = {
  invalid_request: 400,
  unauthorized: 401,
  plan_limit_exceeded: 402,
  spend_limit_exceeded: 402,
  forbidden: 403,
  recipient_suppressed: 403,
  recipient_not_verified: 403,
  not_found: 404,
  method_not_allowed: 405,
  not_acceptable: 406,
  conflict: 409,
  not_supported_by_device: 409,
  device_offline: 409,
  too_late: 409,
  gone: 410,
  payload_too_large: 413,
  unsupported_media_type: 415,
  range_not_satisfiable: 416,
  rate_limited: 429,
  internal_error: 500,
  media_unavailable: 502,
  provider_failed: 502,
  provider_not_configured: 503,
  unavailable: 503,
  timed_out: 504,
} as const satisfies Record<ErrorCode, number>;

export const plainError = z
  .object({
    error: z
      .object({
        code: z.string().describe('Error code.'),
        message: z.string().describe('The problem as a sentence, for people. The wording may change.'),
      })
      .describe('The error.'),
  })
  .meta({ title: 'Error' });

export function mapPlainError({ code, message }: HomingError): OperationResponse {
  return { status: HTTP_STATUSES[code], body: { error: { code, message } } };
}
