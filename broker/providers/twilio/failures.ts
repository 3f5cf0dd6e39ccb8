/**
 * What Twilio's errors mean here: why a message failed, whether the same may work later, and whether a request surely
 * did nothing. The codes are those of https://www.twilio.com/docs/api/errors.
 */
import type { FailureCode } from '../../../shared/failures.ts';
import { ProviderError } from '../../core/ports/provider.ts';

export interface TwilioFailure {
  code: FailureCode;
  message: string;
  retryable: boolean;
}

const RECIPIENT_UNREACHABLE = new Set([
  21211, // not a phone number
  21265, // one of Twilio's own lists of short codes
  21408, // its region is not enabled
  21610, // it has opted out
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
  21620, // not an address
  63019, // could not be fetched for WhatsApp
]);

/** What passes by itself. */
const TEMPORARY = new Set([
  20429, // too many requests
  21611, // the number's queue is full
  30001, // the queue overflowed
  30003,
  30008, // unknown
  30017, // the carrier is congested
  30022, // too fast for the carrier
  63018, // too fast for WhatsApp
]);

/** The connection was never made. */
const NOT_WRITTEN = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

const BAD_GATEWAY = 502;
const GATEWAY_TIMEOUT = 504;

/** A message that Twilio took and that failed later. */
export function failureOf(errorCode: number | undefined, said: string | undefined): TwilioFailure {
  const code =
    errorCode === undefined
      ? 'device_error'
      : RECIPIENT_UNREACHABLE.has(errorCode)
        ? 'recipient_unreachable'
        : MEDIA_UNAVAILABLE.has(errorCode)
          ? 'media_unavailable'
          : 'device_error';
  const sentence =
    said ??
    (code === 'recipient_unreachable'
      ? 'The recipient could not be reached.'
      : 'The messaging provider could not deliver the message.');
  return {
    code,
    message: errorCode === undefined ? sentence : `${sentence} (Twilio error ${errorCode})`,
    retryable: errorCode === undefined || TEMPORARY.has(errorCode),
  };
}

/** What became of a request that ended with this error. */
export function providerErrorOf(error: unknown): ProviderError {
  const { status, code, message } = error as { status?: unknown; code?: unknown; message?: unknown };
  const said = typeof message === 'string' && message !== '' ? message : undefined;
  if (typeof status !== 'number') {
    const isRejection = typeof code === 'string' && NOT_WRITTEN.has(code);
    const what = isRejection ? 'Twilio could not be reached' : 'Twilio did not answer';
    return new ProviderError(`${what}: ${said ?? code}`, { isTemporary: true, isRejection, cause: error });
  }
  const failure = failureOf(
    typeof code === 'number' ? code : undefined,
    said ?? `Twilio answered ${status}.`,
  );
  return new ProviderError(failure.message, {
    code: failure.code,
    isTemporary: isTemporary(status) || (failure.retryable && typeof code === 'number'),
    // A gateway in between can't say whether Twilio took it.
    isRejection: status !== BAD_GATEWAY && status !== GATEWAY_TIMEOUT,
    cause: error,
  });
}

/** Busy, broken, or set up wrongly on our side (401), which no message is to blame for. */
function isTemporary(status: number): boolean {
  return status === 429 || status === 401 || status >= 500;
}
