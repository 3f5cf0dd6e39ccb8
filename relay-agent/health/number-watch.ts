/**
 * Checks from which address Messages sends. The owner, or Apple after a change of the SIM, can remove the paired number
 * from the account; Messages then sends from another number or from the e-mail address.
 */
import { normalizeHandle } from '../../shared/phone-numbers.ts';
import type { ChatDatabase } from '../chat-db/chat-database.ts';

const ROWS_MAX = 200;
/** Conversations keep the address that they began with, so one message from another address is no proof. */
const SENT_ROWS = 3;

export interface NumberWatchOptions {
  chat: Pick<ChatDatabase, 'after' | 'lastRowId'>;
  /** Numbers of the pairing. */
  numbers: readonly string[];
}

/** Returns a function that returns false if the last messages since the start were sent from other addresses. */
export function watchNumber({ chat, numbers }: NumberWatchOptions): () => boolean | undefined {
  const paired = new Set(numbers.map(normalizeHandle));
  let position = chat.lastRowId();
  let sentFrom: string[] = [];
  return () => {
    const end = chat.lastRowId();
    const rows = chat.after(Math.max(position, end - ROWS_MAX), ROWS_MAX);
    position = end;
    // In a sent row, the column has the own address: imessage-exporter names the owner by it. Rows that have the
    // recipient there are ignored.
    const addresses = rows.flatMap(({ isFromMe, destination, handle }) => {
      const address = isFromMe && destination ? normalizeHandle(destination) : undefined;
      return address === undefined || address === handle ? [] : [address];
    });
    sentFrom = [...sentFrom, ...addresses].slice(-SENT_ROWS);
    if (paired.size === 0 || sentFrom.length === 0) return undefined;
    if (sentFrom.some((address) => paired.has(address))) return true;
    return sentFrom.length < SENT_ROWS ? undefined : false;
  };
}
