/** Explains each error code for the documentation: an example message, the meaning and the next step. */
import {
  type ErrorCode,
  HomingError,
  rateLimited,
  recipientNotVerified,
  recipientSuppressed,
  unauthorized,
} from '../../core/model/errors.ts';

interface ErrorHelp {
  meaning: string;
  nextStep: string;
  example: HomingError;
}

const RECIPIENT = '+14155550100';

const message = (code: ErrorCode, text: string) => new HomingError(code, text);

/** The errors that an operation can return if it declares their status. The others are errors of single operations. */
export const COMMON_CODES: ReadonlySet<ErrorCode> = new Set([
  'invalid_request',
  'unauthorized',
  'forbidden',
  'plan_limit_exceeded',
  'not_found',
  'not_acceptable',
  'conflict',
  'payload_too_large',
  'unsupported_media_type',
  'range_not_satisfiable',
  'rate_limited',
  'timed_out',
  'unavailable',
  'media_unavailable',
  'internal_error',
]);

export const ERROR_HELP: Readonly<Record<ErrorCode, ErrorHelp>> = {
  invalid_request: {
    meaning: 'A field of the request is missing or invalid.',
    nextStep: 'Correct the field that the message names.',
    example: message('invalid_request', 'The request body must be a JSON object.'),
  },
  unauthorized: {
    meaning: 'The key is missing or invalid.',
    nextStep: 'Send a valid key in the header of this API.',
    example: unauthorized(),
  },
  forbidden: {
    meaning: 'The key lacks the permission.',
    nextStep: 'Use a key with the permission of this operation.',
    example: message('forbidden', 'Your API key does not have the permission.'),
  },
  plan_limit_exceeded: {
    meaning: 'The plan of the account does not include the request, or its limit is reached.',
    nextStep: 'Change the plan of the account, or wait for the next month.',
    example: message('plan_limit_exceeded', "Your plan's limit of 1000 messages per month is reached."),
  },
  spend_limit_exceeded: {
    meaning: 'The message would exceed the spend limit of the month.',
    nextStep: 'Raise the spend limit, or wait for the next month.',
    example: message('spend_limit_exceeded', 'The spend limit of 500 cents for this month is reached.'),
  },
  not_found: {
    meaning: 'The id is unknown, or belongs to another account.',
    nextStep: 'Correct the id. List the resources to find it.',
    example: message('not_found', 'Resource not found.'),
  },
  method_not_allowed: {
    meaning: 'The path has no such method.',
    nextStep: 'Use a method of the `Allow` header.',
    example: message('method_not_allowed', 'The method is not allowed.'),
  },
  not_acceptable: {
    meaning: 'The `Accept` header excludes the content type of the response.',
    nextStep: 'Accept the content type of the response.',
    example: message('not_acceptable', 'The Accept header must allow the content type of the response.'),
  },
  conflict: {
    meaning: 'The request conflicts with an existing resource.',
    nextStep: 'Change the request, or use the existing resource.',
    example: message('conflict', 'The request conflicts with an existing resource.'),
  },
  not_supported_by_device: {
    meaning: 'No device of the number can do this.',
    nextStep: 'Do what `fix` says, or send without this option.',
    example: new HomingError('not_supported_by_device', "No device of the number supports 'effects'.", {
      param: 'effect',
      fix: 'Pair a Mac with imsg and its bridge, or with BlueBubbles and its Private API.',
    }),
  },
  device_offline: {
    meaning: 'The device that can do this is not connected. Signals are never queued.',
    nextStep: 'Send the request again when the device is connected.',
    example: message('device_offline', 'No device of the number is connected.'),
  },
  too_late: {
    meaning: 'Messages does not allow the change of the message any more.',
    nextStep: 'Send a new message instead.',
    example: message('too_late', 'A message can be edited within 15 minutes after it was sent.'),
  },
  gone: {
    meaning: 'The resource was deleted, or has expired.',
    nextStep: 'Request a new one.',
    example: message('gone', 'The attachment was deleted.'),
  },
  payload_too_large: {
    meaning: 'The body is too large.',
    nextStep: 'Send a smaller body. The maximum is 64 KB unless the operation names another one.',
    example: message('payload_too_large', 'The request body must be at most 65536 bytes.'),
  },
  unsupported_media_type: {
    meaning: 'The type of the file does not allow the operation.',
    nextStep: 'Request the unchanged file, or send a file of another type.',
    example: message('unsupported_media_type', 'The file is not an image.'),
  },
  range_not_satisfiable: {
    meaning: 'The range is behind the end of the file.',
    nextStep: 'Request a range within the size in `Content-Range`.',
    example: message('range_not_satisfiable', 'The file has only 5,000 bytes.'),
  },
  rate_limited: {
    meaning: 'Too many requests.',
    nextStep: 'Retry after the time in `Retry-After`.',
    example: rateLimited('Too many requests. Retry in 12 seconds.', 12),
  },
  recipient_suppressed: {
    meaning: 'The recipient has opted out of your messages.',
    nextStep: 'Do not send. The recipient can opt in again by texting START.',
    example: recipientSuppressed(RECIPIENT),
  },
  recipient_not_verified: {
    meaning: 'The recipient is not a sandbox number, and the key is a test key.',
    nextStep: 'Send to a sandbox number, or use a live key.',
    example: recipientNotVerified(RECIPIENT),
  },
  media_unavailable: {
    meaning: 'The attachment cannot be downloaded from its URL.',
    nextStep: 'Check the URL, then retry.',
    example: message('media_unavailable', 'The attachment could not be downloaded.'),
  },
  provider_failed: {
    meaning: 'The messaging provider returned an error.',
    nextStep: 'Read the message, correct the cause at the provider, then retry.',
    example: message('provider_failed', 'The provider has no number with this area code.'),
  },
  provider_not_configured: {
    meaning: 'The broker has no messaging provider, or purchases are disabled.',
    nextStep: 'Ask the operator of the broker to configure a provider.',
    example: message('provider_not_configured', 'No messaging provider is configured.'),
  },
  timed_out: {
    meaning: 'The operation did not complete in time.',
    nextStep: 'Retry with the same idempotency key.',
    example: message('timed_out', 'The operation did not complete within 10 s.'),
  },
  unavailable: {
    meaning: 'The broker cannot write, or is stopping. It stored nothing of the request.',
    nextStep: 'Retry after the time in `Retry-After`, with the same idempotency key.',
    example: new HomingError('unavailable', 'The broker cannot write to its database.', {
      retryAfterSeconds: 5,
    }),
  },
  internal_error: {
    meaning: 'A fault of the broker.',
    nextStep:
      'Retry with the same idempotency key. If the error persists, search the log of the broker for the `x-request-id`.',
    example: message('internal_error', 'Internal error.'),
  },
};
