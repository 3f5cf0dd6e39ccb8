/**
 * Maps Twilio's errors to failure codes: the reason, whether a retry may succeed, and whether Twilio certainly did not
 * process the request. Error codes: https://www.twilio.com/docs/api/errors.
 */
import type { FailureCode } from '../../../shared/failures.ts';
import { ProviderError } from '../../core/ports/provider.ts';
import { WITHHELD } from './request-client.ts';

export interface TwilioFailure {
  code: FailureCode;
  message: string;
  retryable: boolean;
}

const RECIPIENT_UNREACHABLE = new Set([
  21211, // not a phone number
  21265, // a short code
  21408, // the region is not enabled
  21610, // the recipient has opted out
  21612, // not reachable from this number
  21614, // not a mobile number
  30003, // switched off
  30004, // blocked
  30005, // unknown
  30006, // a landline
  63003, // not on WhatsApp
  63024, // not a WhatsApp user
]);

const MEDIA_UNAVAILABLE = new Set([
  11200, // could not be fetched
  12300, // wrong content type
  21620, // not a URL
  63019, // could not be fetched for WhatsApp
]);

/** Errors that disappear without a change. */
const TEMPORARY = new Set([
  20429, // too many requests
  21611, // the number's queue is full
  30001, // the queue overflowed
  30003,
  30008, // unknown
  30017, // the mobile operator is congested
  30022, // too fast for the mobile operator
  63018, // too fast for WhatsApp
]);

/** Errors before the request was written. */
const NOT_WRITTEN = new Set([
  WITHHELD,
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

const BAD_GATEWAY = 502;
const GATEWAY_TIMEOUT = 504;

/** Returns the failure of a message that Twilio accepted before. `description`: from Twilio. */
export function failureOf(errorCode: number | undefined, description: string | undefined): TwilioFailure {
  const code =
    errorCode === undefined
      ? 'device_error'
      : RECIPIENT_UNREACHABLE.has(errorCode)
        ? 'recipient_unreachable'
        : MEDIA_UNAVAILABLE.has(errorCode)
          ? 'media_unavailable'
          : 'device_error';
  const sentence =
    description ??
    (code === 'recipient_unreachable'
      ? 'The recipient could not be reached.'
      : 'The messaging provider could not deliver the message.');
  return {
    code,
    message: errorCode === undefined ? sentence : `${sentence} (Twilio error ${errorCode})`,
    retryable: errorCode === undefined || TEMPORARY.has(errorCode),
  };
}

/** Converts the error of a request. */
export function providerErrorOf(error: unknown): ProviderError {
  const { status, code, message } = error as { status?: unknown; code?: unknown; message?: unknown };
  const description = typeof message === 'string' && message !== '' ? message : undefined;
  if (typeof status !== 'number') {
    const isRejection = typeof code === 'string' && NOT_WRITTEN.has(code);
    const problem =
      code === WITHHELD
        ? 'Nothing was sent to Twilio'
        : isRejection
          ? 'Twilio is unreachable'
          : 'Twilio did not respond';
    return new ProviderError(`${problem}: ${description ?? code}`, {
      isTemporary: true,
      isRejection,
      cause: error,
    });
  }
  const failure = failureOf(
    typeof code === 'number' ? code : undefined,
    description ?? `Twilio responded with ${status}.`,
  );
  return new ProviderError(failure.message, {
    code: failure.code,
    isTemporary: isTemporary(status) || (failure.retryable && typeof code === 'number'),
    // A gateway does not know whether Twilio processed the request.
    isRejection: status !== BAD_GATEWAY && status !== GATEWAY_TIMEOUT,
    cause: error,
  });
}

/** Twilio is busy or fails, or our credentials are wrong (401). The message is not the cause. */
function isTemporary(status: number): boolean {
  return status === 429 || status === 401 || status >= 500;
}
