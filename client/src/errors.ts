/**
 * The one error of the client. `code` is the broker's own word for a refusal, or one of those below where the broker
 * did not refuse.
 */
export type ClientErrorCode =
  /** Nothing answered at the address, or the connection broke. */
  | 'connection_failed'
  | 'timed_out'
  /** What answered is no broker. */
  | 'unexpected_answer'
  /** A message that was waited for ended in another way. */
  | 'message_failed'
  | 'invalid_signature'
  | 'stale_timestamp';

interface ErrorDetail {
  status?: number | undefined;
  param?: string | undefined;
  requestId?: string | undefined;
  retryAfterSeconds?: number | undefined;
  cause?: unknown;
}

export class HomingApiError extends Error {
  /** Of the answer; 0 where there was none. */
  readonly status: number;
  /** Such as `invalid_request`, `rate_limited`, `connection_failed`. */
  readonly code: ClientErrorCode | (string & {});
  /** The field of the request that is to blame. */
  readonly param: string | undefined;
  /** By which the broker's log has it. */
  readonly requestId: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: HomingApiError['code'], message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'HomingApiError';
    this.code = code;
    this.status = detail.status ?? 0;
    this.param = detail.param;
    this.requestId = detail.requestId;
    this.retryAfterSeconds = detail.retryAfterSeconds;
  }
}
