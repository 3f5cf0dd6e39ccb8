/**
 * Matches new rows of chat.db to the parts that were sent. A row goes to the oldest part with the same recipient
 * and content; each row is matched once.
 */
import type { DeliverItem } from '../../shared/protocol.ts';
import type { ChatDatabase } from '../chat-db/chat-database.ts';
import type { ChatRow } from '../chat-db/chat-row.ts';
import type { Journal } from '../journal/journal.ts';
import { type InFlightMessage, isFinished, type MessagePart } from './in-flight-message.ts';
import type { InFlightMessages } from './in-flight-messages.ts';
import { isRowOf, type SentPart } from './row-matching.ts';

export interface RowMatcherOptions {
  journal: Journal;
  chat: ChatDatabase;
  messages: InFlightMessages;
}

interface UnmatchedPart extends SentPart {
  item: DeliverItem;
  part: MessagePart;
  message: InFlightMessage;
}

const ROWS_BATCH = 500;
/** Messages may complete a row shortly after it wrote it, so the last rows are read again. */
const ROWS_READ_AGAIN = 200;

export class RowMatcher {
  readonly #options: RowMatcherOptions;
  #matchedUpTo = 0;

  constructor(options: RowMatcherOptions) {
    this.#options = options;
  }

  /** Returns whether the agent sent the row, including a row that the next poll will match. */
  isOwnRow(row: ChatRow): boolean {
    return (
      this.#options.journal.hasMatched(row.guid) || this.#unmatchedParts().some((sent) => isRowOf(row, sent))
    );
  }

  poll(): void {
    const { chat } = this.#options;
    const unmatched = this.#unmatchedParts();
    if (unmatched.length === 0) return;
    const oldest = Math.min(...unmatched.map(({ part }) => part.baseline));
    let position = Math.max(oldest, this.#matchedUpTo - ROWS_READ_AGAIN);
    while (unmatched.length > 0) {
      const rows = chat.after(position, ROWS_BATCH);
      for (const row of rows) {
        position = row.rowId;
        this.#match(row, unmatched);
      }
      this.#matchedUpTo = Math.max(this.#matchedUpTo, position);
      if (rows.length < ROWS_BATCH) return;
    }
  }

  /** Matches the row to a part, and removes the part from `unmatched`. */
  #match(row: ChatRow, unmatched: UnmatchedPart[]): void {
    const { journal } = this.#options;
    if (!row.isFromMe || row.chat === undefined) return;
    const index = unmatched.findIndex((candidate) => isRowOf(row, candidate));
    const found = unmatched[index];
    if (found === undefined || journal.hasMatched(row.guid) || journal.isInboundAcknowledged(row.guid))
      return;
    unmatched.splice(index, 1);
    journal.markMatched(found.item.message, found.part.index, row.guid);
    found.part.step = 'matched';
    found.part.guid = row.guid;
  }

  /** Sent parts without a row, oldest first. Failed messages come last: they must not take a row of another one. */
  #unmatchedParts(): UnmatchedPart[] {
    const found: UnmatchedPart[] = [];
    for (const message of this.#options.messages.all()) {
      for (const part of message.parts) {
        if (part.step !== 'sending' && part.step !== 'handed') continue;
        found.push({ part, message, item: message.item, file: message.files[part.index] });
      }
    }
    return found.sort(
      (a, b) =>
        Number(isFinished(a.message)) - Number(isFinished(b.message)) || a.part.begunAt - b.part.begunAt,
    );
  }
}
