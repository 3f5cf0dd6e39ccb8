/** Whatever sends a message: AppleScript, or another program that drives Messages. */
export interface Sending {
  to: string;
  text: string;
  service: 'imessage' | 'sms';
}

/**
 * `handed`: Messages took it, which says nothing of what becomes of it. `refused`: it surely was not sent.
 * `unclear`: it may have been. After `handed` and `unclear` only chat.db tells.
 */
export type SendOutcome =
  | { kind: 'handed' }
  | { kind: 'refused'; code: 'permission_denied' | 'device_error'; problem: string }
  | { kind: 'unclear'; problem: string };

export interface Sender {
  /** Never throws. */
  send(sending: Sending): Promise<SendOutcome>;
}
