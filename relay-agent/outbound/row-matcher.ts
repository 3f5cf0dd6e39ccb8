/**
 * Matches new rows of chat.db to the parts that were sent. A row goes to the part whose guid it has, or to the oldest
 * part with the same recipient and content; each row is matched once.
 */
import { isAction, type OutboundItem } from '../../shared/protocol.ts';
import type { ChatDatabase } from '../chat-db/chat-database.ts';
import type { ChatRow } from '../chat-db/chat-row.ts';
import type { Journal } from '../journal/journal.ts';
import { isRowOfAction } from './changes.ts';
import { type InFlightItem, type ItemPart, idOf, isFinished, isGroup } from './in-flight-item.ts';
import type { InFlightItems } from './in-flight-items.ts';
import { isGhostOf, isGhostRow, isRowOf } from './row-matching.ts';

export interface RowMatcherOptions {
  journal: Journal;
  chat: ChatDatabase;
  items: InFlightItems;
  /** Monotonic clock, in milliseconds. */
  monotonicNow: () => number;
}

interface UnmatchedPart {
  item: OutboundItem;
  part: ItemPart;
  inFlight: InFlightItem;
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
      this.#options.journal.hasMatched(row.guid) ||
      this.#unmatchedParts().some((sent) => hasGuid(row, sent) || this.#isRowOf(row, sent))
    );
  }

  poll(): void {
    const { chat } = this.#options;
    let unmatched = this.#unmatchedParts();
    for (const sent of unmatched) this.#matchByGuid(sent);
    unmatched = unmatched.filter(({ part }) => part.step !== 'matched');
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

  #matchByGuid({ part, inFlight }: UnmatchedPart): void {
    const { attemptId } = part;
    if (attemptId === undefined) return;
    const { chat } = this.#options;
    // imsg makes the UUID lower case; Messages itself writes upper case.
    const row = chat.find(attemptId) ?? chat.find(attemptId.toUpperCase());
    // A sender may return the guid of an earlier message of the chat.
    if (row?.chat === undefined || !row.isFromMe || row.rowId <= part.baseline) return;
    this.#setMatched(row, { part, inFlight });
  }

  /** Matches the row to a part, and removes the part from `unmatched`. */
  #match(row: ChatRow, unmatched: UnmatchedPart[]): void {
    const { journal } = this.#options;
    if (!row.isFromMe) return;
    if (row.chat === undefined) {
      if (isGhostRow(row)) this.#noteGhost(row, unmatched);
      return;
    }
    const index = unmatched.findIndex((candidate) => this.#isRowOf(row, candidate));
    const found = unmatched[index];
    if (found === undefined || journal.hasMatched(row.guid) || journal.isInboundAcknowledged(row.guid))
      return;
    unmatched.splice(index, 1);
    this.#setMatched(row, found);
  }

  #setMatched(row: ChatRow, { part, inFlight }: Pick<UnmatchedPart, 'part' | 'inFlight'>): void {
    this.#options.journal.markMatched(idOf(inFlight), part.index, row.guid);
    part.step = 'matched';
    part.guid = row.guid;
    part.ghost = undefined;
    if (isGroup(inFlight.item)) part.chat = row.chat;
  }

  /** Assigns the row to the message to the group that it names. An SMS without one goes to the oldest group message. */
  #noteGhost(row: ChatRow, unmatched: readonly UnmatchedPart[]): void {
    if (unmatched.some(({ part }) => part.ghost?.guid === row.guid)) return;
    const candidates = unmatched.filter(
      ({ item, part }) =>
        !isAction(item) && isGroup(item) && part.ghost === undefined && row.rowId > part.baseline,
    );
    const named = candidates.find(({ part }) => isGhostOf(row, part.chat));
    const found = named ?? (row.service === 'SMS' ? candidates[0] : undefined);
    if (found !== undefined) found.part.ghost = { guid: row.guid, since: this.#options.monotonicNow() };
  }

  #isRowOf(row: ChatRow, { item, part, inFlight }: UnmatchedPart): boolean {
    if (isAction(item)) {
      return row.isFromMe && row.rowId > part.baseline && isRowOfAction(this.#options, item, row);
    }
    return isRowOf(row, {
      item,
      part,
      file: inFlight.files[fileIndexOf(inFlight, part)],
      participantsOf: (chat) => this.#options.chat.chats.group(chat)?.participants ?? [],
    });
  }

  /** Sent parts without a row, oldest first. Failed items come last: they must not take a row of another one. */
  #unmatchedParts(): UnmatchedPart[] {
    const found: UnmatchedPart[] = [];
    for (const inFlight of this.#options.items.all()) {
      for (const part of inFlight.parts) {
        if (part.step !== 'sending' && part.step !== 'handed') continue;
        found.push({ part, inFlight, item: inFlight.item });
      }
    }
    return found.sort(
      (a, b) =>
        Number(isFinished(a.inFlight)) - Number(isFinished(b.inFlight)) || a.part.begunAt - b.part.begunAt,
    );
  }
}

/** Returns the position of the part among the files of its message. */
export function fileIndexOf({ parts }: InFlightItem, { index }: ItemPart): number {
  return parts.slice(0, index).filter(({ kind }) => kind === 'file').length;
}

function hasGuid({ guid }: ChatRow, { part }: UnmatchedPart): boolean {
  return part.attemptId !== undefined && part.attemptId.toLowerCase() === guid.toLowerCase();
}
