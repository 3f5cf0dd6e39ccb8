/**
 * Defines the broker's only error type and its factories. Each API maps the codes to HTTP statuses and bodies in its
 * `errors.ts`. Any other thrown value is a bug or a system failure and becomes `internal_error`.
 */
export type ErrorCode =
  | 'invalid_request'
  | 'unauthorized'
  | 'forbidden'
  | 'plan_limit_exceeded'
  | 'not_found'
  | 'method_not_allowed'
  | 'not_acceptable'
  | 'conflict'
  | 'payload_too_large'
  | 'unsupported_media_type'
  | 'range_not_satisfiable'
  | 'rate_limited'
  | 'gone'
  | 'timed_out'
  | 'unavailable'
  | 'media_unavailable'
  | 'recipient_suppressed'
  | 'recipient_not_verified'
  | 'spend_limit_exceeded'
  | 'not_supported_by_device'
  | 'device_offline'
  | 'too_late'
  | 'provider_not_configured'
  | 'provider_failed'
  | 'internal_error';

/** One invalid field of a request, for the APIs that list all of them. */
export interface RequestIssue {
  in: 'path' | 'query' | 'body';
  path: readonly (string | number)[];
  message: string;
  /** The code of the zod issue: invalid_type, too_small, custom, … */
  kind: string;
  /** The type of a value that is too small or too big: string, number, array, … */
  origin?: string;
  isMissing: boolean;
}

export interface ErrorDetail {
  /** The invalid field of the request. */
  param?: string;
  /** All invalid fields; empty: the request could not be parsed. */
  issues?: readonly RequestIssue[];
  retryAfterSeconds?: number;
  /** The next step for the caller, for the APIs that include it. */
  fix?: string;
  cause?: unknown;
}

export class HomingError extends Error {
  readonly code: ErrorCode;
  readonly param: string | undefined;
  readonly issues: readonly RequestIssue[];
  readonly retryAfterSeconds: number | undefined;
  readonly fix: string | undefined;

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'HomingError';
    this.code = code;
    this.param = detail.param;
    this.issues = detail.issues ?? issueOf(message, detail.param);
    this.retryAfterSeconds = detail.retryAfterSeconds;
    this.fix = detail.fix;
  }
}

function issueOf(message: string, param: string | undefined): readonly RequestIssue[] {
  if (param === undefined) return [];
  const path = param.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  return [{ in: 'body', path, message, kind: 'custom', isMissing: false }];
}

export const invalidRequest = (message: string, param?: string) =>
  new HomingError('invalid_request', message, param === undefined ? {} : { param });

export const unauthorized = (message = 'Invalid or missing API key.') =>
  new HomingError('unauthorized', message);

export const forbidden = (message: string) => new HomingError('forbidden', message);

export const planLimitExceeded = (message: string, param?: string) =>
  new HomingError('plan_limit_exceeded', message, param === undefined ? {} : { param });

export const notFound = (resource: string) => new HomingError('not_found', `${resource} not found.`);

export const conflict = (message: string, param?: string) =>
  new HomingError('conflict', message, param === undefined ? {} : { param });

export const rateLimited = (message: string, retryAfterSeconds: number) =>
  new HomingError('rate_limited', message, { retryAfterSeconds });

/** The store cannot write (disk full, I/O error). Nothing of the request was stored, so the caller can retry it. */
export const unavailable = (message: string, cause?: unknown) =>
  new HomingError('unavailable', message, { retryAfterSeconds: 5, cause });

export const recipientSuppressed = (to: string, param = 'to') =>
  new HomingError('recipient_suppressed', `${to} has opted out of your messages.`, { param });

export const recipientNotVerified = (to: string) =>
  new HomingError(
    'recipient_not_verified',
    `${to} is not a sandbox number. A test token can send to sandbox numbers only.`,
  );

export const providerNotConfigured = (message: string, fix: string) =>
  new HomingError('provider_not_configured', message, { fix });
