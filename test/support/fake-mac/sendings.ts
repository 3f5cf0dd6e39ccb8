/** Creates the parts of messages that tests send through a sender. */
import { randomUUID } from 'node:crypto';
import type { Recipient, Sending } from '../../../relay-agent/senders/sender.ts';

/** Creates a part for a handle, or for a group by its guid (`…;+;…`). */
export function sendingTo(
  to: string,
  content: Sending['content'],
  more: Partial<Omit<Sending, 'to' | 'content'>> = {},
): Sending {
  const recipient: Recipient = to.includes(';+;')
    ? { kind: 'group', chat: to }
    : { kind: 'handle', handle: to };
  return { to: recipient, service: 'imessage', content, attemptId: randomUUID(), ...more };
}
