/**
 * Reads the journal of the shortcut for iOS 27: one entry, such as "sent msg_… lse_…", that a run left behind.
 *
 * - `sending` was stored before the send. The message may have been sent, so it is never sent again and ends
 *   `unconfirmed`.
 * - `sent` was stored after the send. Only the report was lost.
 * - No entry proves nothing: a run that iOS paused may send its message later, and another run may have replaced the
 *   entry. So the broker never delivers a message again because an entry is missing.
 */
export interface JournalEntry {
  state: 'sending' | 'sent';
  message: string;
  lease: string;
}

const ENTRY = /^\s*(sending|sent)\s+(msg_\w{1,80})\s+(lse_\w{1,80})\s*$/;

/** Returns undefined for another text, which no later run could report either. */
export function readJournalEntry(text: string): JournalEntry | undefined {
  const [, state, message, lease] = ENTRY.exec(text) ?? [];
  if ((state !== 'sending' && state !== 'sent') || message === undefined || lease === undefined)
    return undefined;
  return { state, message, lease };
}
