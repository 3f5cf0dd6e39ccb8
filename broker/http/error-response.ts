/** The usual HTTP status of each error code; a dialect that differs says so in its own renderer. */
import type { ErrorCode } from '../core/model/errors.ts';

export const STATUSES = {
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
  gone: 410,
  payload_too_large: 413,
  rate_limited: 429,
  internal_error: 500,
  media_unavailable: 502,
  provider_failed: 502,
  provider_not_configured: 503,
  unavailable: 503,
  timed_out: 504,
} as const satisfies Record<ErrorCode, number>;
