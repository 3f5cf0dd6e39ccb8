/**
 * Reads the recipients of an inbound message, and decides whether its conversation is a group.
 *
 * - iOS lists the handles of a message's recipients. They include the own number, or an own e-mail address.
 * - Older shortcuts send no recipients. Their messages are direct.
 */
import {
  isHandle,
  isPhoneNumber,
  normalizeHandle,
  parseNationalNumber,
} from '../../../shared/phone-numbers.ts';
import { storableText } from '../../core/messages/inbound-item.ts';
import { invalidRequest } from '../../core/model/errors.ts';
import { membersChat } from '../../core/model/group-chat.ts';

const RECIPIENTS_MAX = 200;
const CHARACTERS_MAX = 320;

export interface GroupOfMessage {
  chat: string;
  participants: string[];
}

/** Returns undefined for a direct message. @throws HomingError if there are too many recipients */
export function groupOfRecipients(
  given: string | undefined,
  { from, own }: { from: string; own: string | undefined },
): GroupOfMessage | undefined {
  // A list arrives as lines.
  const entries = (given ?? '')
    .split(/[\n,;]/)
    .map((entry) => entry.slice(0, CHARACTERS_MAX))
    .filter((entry) => entry.trim() !== '');
  if (entries.length > RECIPIENTS_MAX) {
    throw invalidRequest(
      `'recipients' has ${entries.length} entries; allowed: at most ${RECIPIENTS_MAX}.`,
      'recipients',
    );
  }
  // The name of a contact tells groups apart, although it is no address.
  const recipients = new Set(entries.map((entry) => readHandle(entry, own) ?? storableText(entry.trim())));
  const others = [...recipients].filter((handle) => handle !== own && handle !== from);
  const [first] = others;
  if (first === undefined) return undefined;
  // A direct message to an e-mail address of the owner has one recipient, which is not the own number.
  const isOwnAddress = others.length === 1 && !isPhoneNumber(first) && !recipients.has(own ?? '');
  if (isOwnAddress) return undefined;
  const participants = [...new Set([from, ...others])].toSorted();
  return { chat: membersChat(participants), participants };
}

/**
 * Normalizes a handle: a phone number, a short code or an e-mail address. A number without a country code is in the
 * country of the own number. Returns undefined for other text, such as the name of a contact.
 */
export function readHandle(given: string, own: string | undefined): string | undefined {
  const handle = normalizeHandle(given);
  if (isHandle(handle)) return handle;
  return own === undefined ? undefined : parseNationalNumber(given, own);
}
