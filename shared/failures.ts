/**
 * Why a message failed: the closed set of `error_code` that devices report and customers read, each with its
 * sentence and whether the same message may go through when it is tried again later.
 */
export interface Failure {
  message: string;
  retryable: boolean;
}

export const FAILURES = {
  not_on_imessage: { message: 'The recipient is not reachable by iMessage.', retryable: false },
  recipient_unreachable: { message: 'Messages could not reach the recipient (error 22).', retryable: true },
  device_error: { message: 'The device could not send the message.', retryable: true },
  permission_denied: { message: 'The device is not allowed to control Messages.', retryable: true },
  media_unavailable: { message: 'The attachment could not be fetched.', retryable: true },
  unconfirmed: {
    message: 'The device took the message and never reported whether it was sent. It may have been sent.',
    retryable: true,
  },
  expired: { message: 'No device could send the message before it expired.', retryable: true },
  cancelled: { message: 'The message was cancelled before it was sent.', retryable: false },
} as const satisfies Record<string, Failure>;

export type FailureCode = keyof typeof FAILURES;

export function isFailureCode(code: string): code is FailureCode {
  return Object.hasOwn(FAILURES, code);
}
