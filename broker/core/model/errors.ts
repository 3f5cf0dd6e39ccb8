/**
 * The one error type of the broker: a closed set of codes, made by the factories below. Each dialect maps
 * codes to its own statuses and bodies in one place. Whatever is thrown that is not a HomingError is a bug
 * or a broken machine and becomes `internal_error`.
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
  | 'rate_limited'
  | 'gone'
  | 'timed_out'
  | 'unavailable'
  | 'media_unavailable'
  | 'recipient_suppressed'
  | 'recipient_not_verified'
  | 'spend_limit_exceeded'
  | 'provider_not_configured'
  | 'provider_failed'
  | 'internal_error';

/** One thing that is wrong with a request, for the APIs that name all of them. */
export interface RequestIssue {
  in: 'path' | 'query' | 'body';
  path: readonly (string | number)[];
  message: string;
  /** zod's word for it: invalid_type, too_small, custom, … */
  kind: string;
  isMissing: boolean;
}

export interface ErrorDetail {
  /** The request's field that is to blame. */
  param?: string;
  /** Everything that is wrong with its fields; empty: it could not even be read. */
  issues?: readonly RequestIssue[];
  retryAfterSeconds?: number;
  /** What whoever asked can do about it, for the APIs that say so. */
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
  return [{ in: 'body', path: param.split('.'), message, kind: 'custom', isMissing: false }];
}

export const invalidRequest = (message: string, param?: string) =>
  new HomingError('invalid_request', message, param === undefined ? {} : { param });

export const unauthorized = (message = 'Invalid or missing API key.') =>
  new HomingError('unauthorized', message);

export const forbidden = (message: string) => new HomingError('forbidden', message);

export const planLimitExceeded = (message: string, param?: string) =>
  new HomingError('plan_limit_exceeded', message, param === undefined ? {} : { param });

export const notFound = (what: string) => new HomingError('not_found', `${what} not found.`);

export const conflict = (message: string, param?: string) =>
  new HomingError('conflict', message, param === undefined ? {} : { param });

export const rateLimited = (message: string, retryAfterSeconds: number) =>
  new HomingError('rate_limited', message, { retryAfterSeconds });

/** The store can't write (disk full, I/O error): nothing of the request was kept, and it may be tried again. */
export const unavailable = (message: string, cause?: unknown) =>
  new HomingError('unavailable', message, { retryAfterSeconds: 5, cause });

export const recipientSuppressed = (to: string) =>
  new HomingError('recipient_suppressed', `${to} has opted out and must not be written to.`, { param: 'to' });

export const recipientNotVerified = (to: string) =>
  new HomingError(
    'recipient_not_verified',
    `A test token writes to the numbers of the sandbox only; ${to} is none of them.`,
  );

export const providerNotConfigured = (message: string, fix: string) =>
  new HomingError('provider_not_configured', message, { fix });
