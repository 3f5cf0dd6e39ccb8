/**
 * Reports changes of rows that were read before: edits, retractions, and that the owner read a message.
 *
 * - Each version of a message is reported once, in order, with its own time.
 * - Only the newest rows and the rows since the last check are checked. A row is read again only if it changed.
 */
import type { InboundItem } from '../../shared/protocol.ts';
import type { ChangedRow, ChatDatabase } from '../chat-db/chat-database.ts';
import type { ChatRow } from '../chat-db/chat-row.ts';
import { changeId } from '../chat-db/edit-history.ts';
import { changeItemFrom } from './inbound-item.ts';

type Change = NonNullable<InboundItem['change']>;

export interface MessageChangesOptions {
  chat: Pick<ChatDatabase, 'changedIn' | 'find' | 'historyOf'>;
  /** The last row that was read before. */
  position: number;
  /** Returns whether the item with this guid was reported. */
  isReported(guid: string): boolean;
  /** Returns whether the row is not reported yet; its changes follow later. */
  isDeferred(guid: string): boolean;
  /** Returns whether the change (epoch ms) was made before the pairing. */
  isBeforePairing(at: number): boolean;
  /** Returns whether another item may be reported now. */
  hasRoom(): boolean;
  report(item: InboundItem, row: ChatRow): void;
  /** The broker's time, epoch ms. */
  now(): number;
  onProblem(problem: string): void;
}

/** Number of newest rows that are checked. Messages allows edits for 15 minutes. */
const CHECKED_ROWS = 1_000;

export class MessageChanges {
  readonly #options: MessageChangesOptions;
  /** The reported state of each checked row, by guid. */
  #states = new Map<string, string>();
  /** All rows up to this one were checked. */
  #checkedUpTo: number;
  #isWaiting = false;

  constructor(options: MessageChangesOptions) {
    this.#options = options;
    this.#checkedUpTo = options.position;
  }

  /** True if the last check left changes to the next one, for lack of room. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** Reports the changes of the rows up to the given one. */
  report(position: number): void {
    const { chat, isDeferred, hasRoom } = this.#options;
    const states = new Map<string, string>();
    this.#isWaiting = false;
    for (const changed of chat.changedIn(Math.min(this.#checkedUpTo, position - CHECKED_ROWS), position)) {
      const { guid, state } = changed;
      const known = this.#states.get(guid);
      if (known !== undefined) states.set(guid, known);
      if (known === state || isDeferred(guid)) continue;
      if (!hasRoom()) {
        this.#isWaiting = true;
        continue;
      }
      this.#reportRow(changed);
      states.set(guid, state);
    }
    this.#states = states;
    if (!this.#isWaiting) this.#checkedUpTo = position;
  }

  #reportRow({ guid, isEdited, isRead }: ChangedRow): void {
    const row = this.#options.chat.find(guid);
    if (row === undefined) return;
    if (isEdited) this.#reportVersions(row);
    if (isRead) this.#reportReading(row);
  }

  #reportVersions(row: ChatRow): void {
    const { chat, onProblem } = this.#options;
    const history = chat.historyOf(row.guid);
    if (history === undefined) return;
    if (history.problem !== undefined) {
      onProblem(`The versions of an edited message could not be read: ${history.problem}`);
    }
    for (const { at, text } of history.edits) this.#reportOnce(row, 'edited', at, text);
    if (history.retractedAt !== undefined) this.#reportOnce(row, 'retracted', history.retractedAt, '');
  }

  #reportOnce(row: ChatRow, kind: 'edited' | 'retracted', at: number, text: string): void {
    if (this.#options.isBeforePairing(at)) return;
    this.#report(row, changeId(row.guid, kind, at), { of: row.guid, kind, at: isoTime(at) }, text);
  }

  /** A message that was not reported has no reader at the broker. */
  #reportReading(row: ChatRow): void {
    const { isReported, now } = this.#options;
    if (row.reaction !== undefined || !isReported(row.guid)) return;
    const at = isoTime(row.readAt ?? now());
    this.#report(row, `${row.guid}/read`, { of: row.guid, kind: 'read', at }, '');
  }

  #report(row: ChatRow, guid: string, change: Change, text: string): void {
    const { isReported, report } = this.#options;
    const item = changeItemFrom(row, guid, change, text);
    if (item !== undefined && !isReported(guid)) report(item, row);
  }
}

const isoTime = (at: number) => new Date(at).toISOString();
