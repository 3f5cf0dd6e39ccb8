/** Whatever sends a message: AppleScript, or another program that drives Messages. */
export interface Sending {
  /** A phone number, an e-mail address, or the guid of a group's chat (`…;+;chat123`). */
  to: string;
  service: 'imessage' | 'sms';
  content: Content;
}

/** A file is where Messages may read it, under the name that the recipient sees. */
export type Content = { kind: 'text'; text: string } | { kind: 'file'; path: string };

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

/** The guid of a group's chat, which can be written to only as a chat. */
export function isGroupChat(to: string): boolean {
  return to.includes(';+;');
}
