/** Defines a sender: a program that sends messages through Messages, such as AppleScript. */
export interface Sending {
  /** A phone number, an e-mail address, or the guid of a group chat (`…;+;chat123`). */
  to: string;
  service: 'imessage' | 'sms';
  content: Content;
}

/** The file is in a folder that Messages may read, under the name that the recipient sees. */
export type Content = { kind: 'text'; text: string } | { kind: 'file'; path: string };

/**
 * - `accepted`: Messages accepted the content. Only chat.db shows whether it is sent.
 * - `rejected`: the content was not sent.
 * - `unknown`: the content may have been sent. Only chat.db shows whether it was.
 */
export type SendOutcome =
  | { kind: 'accepted' }
  | { kind: 'rejected'; code: 'permission_denied' | 'device_error'; problem: string }
  | { kind: 'unknown'; problem: string };

export interface Sender {
  /** Never rejects. */
  send(sending: Sending): Promise<SendOutcome>;
}

/** Returns true for the guid of a group chat, which is not addressed by a handle. */
export function isGroupChat(to: string): boolean {
  return to.includes(';+;');
}
