/** Codes of errors that the client detects itself. All other codes come from the broker's response. */
export type ClientErrorCode =
  /** The broker did not respond, or the connection broke. */
  | 'connection_failed'
  /** No response within `timeoutMs`, or a message did not reach the expected status in time. */
  | 'timed_out'
  /** The response is not from a Homing broker. */
  | 'unexpected_answer'
  /** The message of `waitUntil` failed. */
  | 'message_failed'
  | 'invalid_signature'
  | 'stale_timestamp';

interface ErrorDetail {
  status?: number | undefined;
  param?: string | undefined;
  fix?: string | undefined;
  requestId?: string | undefined;
  retryAfterSeconds?: number | undefined;
  cause?: unknown;
}

/** The only error class of the client. */
export class HomingApiError extends Error {
  /** HTTP status of the response; 0 without a response. */
  readonly status: number;
  /** Code of the error, such as `invalid_request`, `rate_limited` or `connection_failed`. */
  readonly code: ClientErrorCode | (string & {});
  /** The invalid field of the request. */
  readonly param: string | undefined;
  /** The next step, if the broker names one, such as for `not_supported_by_device`. */
  readonly fix: string | undefined;
  /** Id of the request in the log of the broker. */
  readonly requestId: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: HomingApiError['code'], message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'HomingApiError';
    this.code = code;
    this.status = detail.status ?? 0;
    this.param = detail.param;
    this.fix = detail.fix;
    this.requestId = detail.requestId;
    this.retryAfterSeconds = detail.retryAfterSeconds;
  }
}
