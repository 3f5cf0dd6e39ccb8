/** Defines the values of `error_code`: the closed set of reasons for a failed message. */
export interface Failure {
  message: string;
  /** True if the same message may succeed in a later attempt. */
  retryable: boolean;
}

export const FAILURES = {
  not_on_imessage: { message: 'The recipient is not reachable by iMessage.', retryable: false },
  recipient_unreachable: { message: 'Messages could not reach the recipient (error 22).', retryable: true },
  device_error: { message: 'The device could not send the message.', retryable: true },
  not_supported_by_device: { message: 'The device does not support the message.', retryable: false },
  permission_denied: { message: 'The device is not allowed to control Messages.', retryable: true },
  media_unavailable: { message: 'The attachment could not be fetched.', retryable: true },
  unconfirmed: {
    message: 'The device accepted the message but did not report a result. The message may have been sent.',
    retryable: true,
  },
  expired: { message: 'No device could send the message before it expired.', retryable: true },
  cancelled: { message: 'The message was cancelled before it was sent.', retryable: false },
} as const satisfies Record<string, Failure>;

export type FailureCode = keyof typeof FAILURES;

export function isFailureCode(code: string): code is FailureCode {
  return Object.hasOwn(FAILURES, code);
}
