/** Normalizes the handles of chat.db. */
import { normalizeHandle } from '../../shared/phone-numbers.ts';

/**
 * Messages appends the category of a filtered SMS to the handle and to `chat_identifier`: `57685(smsft_fi)` for a
 * transaction, `+14155550100(smsfp)` for a promotion, `(filtered)` on older versions. Seen in databases of macOS 15 and 26.
 */
const FILTER_TAG = /\((?:smsf[pt](?:_[a-z]+)?|filtered)\)$/;

/** Returns the handle without the category, normalized. */
export function handleFrom(stored: string): string {
  return normalizeHandle(stored.trim().replace(FILTER_TAG, ''));
}
