/**
 * What comes up in chat.db and was not sent by the agent: texts that came in, what the owner writes on the phone,
 * reactions, and what becomes of messages later. It is read in order, told to the broker, and read again after a
 * restart unless the broker has acknowledged it. The first start begins with what comes after it.
 *
 * What is not complete yet (an attachment that is still being downloaded, a text that is still being sent) is held
 * back by itself; the rest goes on.
 */
import { normalizeHandle } from '../../shared/phone-numbers.ts';
import type { InboundItem } from '../../shared/protocol.ts';
import type { ChatDatabase } from '../chat-db/chat-database.ts';
import type { ChatRow } from '../chat-db/chat-row.ts';
import type { Journal } from '../journal/journal.ts';
import { isTooLarge, type Outbox } from '../transport/outbox.ts';
import type { AttachmentUploads } from './attachment-uploads.ts';
import { itemOf } from './inbound-item.ts';

export interface InboundMessagesOptions {
  journal: Journal;
  chat: ChatDatabase;
  outbox: Pick<Outbox, 'inbound'>;
  uploads: AttachmentUploads;
  /** The row is one that the agent sent. */
  isOurs(row: ChatRow): boolean;
  now: () => number;
  /** Milliseconds that nobody sets. */
  monotonicNow: () => number;
  /** Something that the owner should know of. */
  onProblem(problem: string): void;
}

interface Held {
  rowId: number;
  since: number;
  /** Its attachments are on their way to the broker. */
  isUploading: boolean;
}

const ROWS_BATCH = 200;
/** So many wait for the broker at most; the rest stays in chat.db. */
const WAITING_MAX = 1_000;
/** What is not complete by then is told as it is. */
const HOLD_MS = 10 * 60 * 1000;
/** Messages lets nobody edit anything that has this many newer ones after it (15 minutes). */
const CHANGES_ROWS = 1_000;
/** iCloud may write years of old messages as new rows. What is older than this when it comes up is not news. */
const AGE_MAX_MS = 7 * 24 * 60 * 60 * 1000;
/** What was on its way while the agent was being set up. */
const PAIRING_SLACK_MS = 10 * 60 * 1000;
const MARK_EVERY_MS = 60 * 1000;

export class InboundMessages {
  readonly #options: InboundMessagesOptions;
  /** Everything up to this row was read. */
  #position: number;
  readonly #startedAt: number;
  /** When the agent was first started, by the broker's clock; undefined until that is known. */
  #pairedAt: number | undefined;
  /** How far the broker's clock is ahead of this one; undefined until it was heard. */
  #clockOffset: number | undefined;
  /** When it was heard last: from there on it goes by a clock that nobody sets. */
  #heard: { brokerTime: number; monotonicNow: number } | undefined;
  /** What comes up now was written after this, by the broker's clock. */
  #lookedAt: number | undefined;
  #markedAt = Number.NEGATIVE_INFINITY;
  /** Told and not acknowledged: guid and row, in order. */
  readonly #waiting = new Map<string, number>();
  /** Read and not told yet: guid and row, in order. */
  readonly #held = new Map<string, Held>();

  constructor(options: InboundMessagesOptions) {
    this.#options = options;
    const { journal, chat, monotonicNow } = options;
    this.#startedAt = monotonicNow();
    this.#position = journal.mark('watermark') ?? chat.lastRowId();
    this.#pairedAt = journal.mark('paired_at');
    this.#clockOffset = journal.mark('clock_offset');
    this.#lookedAt = journal.mark('looked_at');
    if (journal.mark('watermark') === undefined) journal.setMark('watermark', this.#position);
  }

  /**
   * What the broker's clock shows (epoch ms). How old a text is is told by it, since the clock of a Mac may be wrong;
   * the first start reads nothing before it has heard it.
   */
  heardTime(brokerTime: number): void {
    const { journal, now, monotonicNow } = this.#options;
    this.#clockOffset = brokerTime - now();
    this.#heard = { brokerTime, monotonicNow: monotonicNow() };
    // What this clock showed before may have been wrong.
    if (this.#lookedAt !== undefined) this.#lookedAt = Math.min(this.#lookedAt, brokerTime);
    journal.setMark('clock_offset', this.#clockOffset);
    if (this.#pairedAt === undefined) {
      this.#pairedAt = Math.round(brokerTime - (monotonicNow() - this.#startedAt));
      journal.setMark('paired_at', this.#pairedAt);
      this.#lookedAt = this.#pairedAt;
    }
    this.look();
  }

  /** Reads what is new. Call when chat.db has changed, after the agent's own messages were looked for. */
  look(): void {
    if (this.#clockOffset === undefined || this.#pairedAt === undefined) return;
    this.lookAtHeld();
    this.#readNew();
    this.#readChanges();
    this.#remember();
  }

  /** Tells of what was held back and is complete by now; files arrive without a change of chat.db. */
  lookAtHeld(): void {
    for (const [guid, held] of this.#held) {
      const row = held.isUploading ? undefined : this.#options.chat.find(guid);
      if (row !== undefined) this.#consider(row, held);
    }
  }

  acknowledged(items: readonly InboundItem[]): void {
    const guids = items.map(({ guid }) => guid);
    for (const guid of guids) this.#waiting.delete(guid);
    this.#options.journal.told(guids, this.#watermark(), this.#options.now());
    this.look();
  }

  #readNew(): void {
    while (this.#waiting.size + this.#held.size < WAITING_MAX) {
      const rows = this.#options.chat.after(this.#position, ROWS_BATCH);
      for (const row of rows) {
        this.#position = row.rowId;
        if (this.#isNews(row)) this.#consider(row, undefined);
      }
      if (rows.length < ROWS_BATCH) return;
    }
  }

  #isNews(row: ChatRow): boolean {
    const { journal, isOurs } = this.#options;
    if (this.#isKnown(row.guid) || row.isGroupEvent || isEcho(row) || this.#isOld(row)) return false;
    if (row.isFromMe && isOurs(row)) return false;
    return !journal.isInboundAcknowledged(row.guid);
  }

  #isKnown(guid: string): boolean {
    return this.#waiting.has(guid) || this.#held.has(guid);
  }

  #isOld({ sentAt }: ChatRow): boolean {
    return sentAt !== undefined && sentAt < (this.#lookedAt ?? sentAt) - AGE_MAX_MS;
  }

  #isBeforePairing(at: number): boolean {
    return at < (this.#pairedAt ?? 0) - PAIRING_SLACK_MS;
  }

  /** Tells of the row, or holds it until it is complete. */
  #consider(row: ChatRow, held: Held | undefined): void {
    const { monotonicNow, uploads, isOurs } = this.#options;
    const hold = held ?? { rowId: row.rowId, since: monotonicNow(), isUploading: false };
    const mayWait = monotonicNow() - hold.since < HOLD_MS;
    if (row.isFromMe && (!row.isSent || row.chat === undefined)) {
      // What the owner could not send is nobody's message, nor is one that turns out to be the agent's.
      if (row.error !== 0 || !mayWait || isOurs(row)) this.#held.delete(row.guid);
      else this.#held.set(row.guid, hold);
      return;
    }
    if (row.attachments.length === 0) {
      if (row.hasAttachments && row.text === '' && mayWait) this.#held.set(row.guid, hold);
      else this.#tell(row, []);
      return;
    }
    this.#held.set(row.guid, hold);
    if (mayWait && !uploads.areComplete(row.attachments)) return;
    hold.isUploading = true;
    uploads
      .upload(row.attachments)
      .then((media) => this.#tell(row, media))
      .catch((error: unknown) => {
        hold.isUploading = false;
        this.#options.onProblem((error as Error).message);
      });
  }

  #tell(row: ChatRow, media: InboundItem['media']): void {
    this.#held.delete(row.guid);
    const item = itemOf(row, media);
    const saysNothing = row.text === '' && media.length === 0 && row.reaction === undefined;
    if (item === undefined || saysNothing) return;
    if (isTooLarge(item)) {
      this.#options.onProblem(`A text of ${item.text.length} characters is too long to be passed on.`);
      return;
    }
    this.#waiting.set(item.guid, row.rowId);
    const isNoNews = row.sentAt !== undefined && this.#isBeforePairing(row.sentAt);
    this.#options.outbox.inbound(isNoNews ? { ...item, late: true } : item);
  }

  #readChanges(): void {
    const { chat, journal } = this.#options;
    for (const guid of chat.changedAfter(this.#position - CHANGES_ROWS)) {
      if (this.#held.has(guid)) continue;
      const row = chat.find(guid);
      const at = row?.retractedAt ?? row?.editedAt;
      if (row === undefined || at === undefined || this.#isBeforePairing(at)) continue;
      const kind = row.retractedAt === undefined ? 'edited' : 'retracted';
      const id = `${guid}/${kind}/${at}`;
      if (this.#waiting.has(id) || journal.isInboundAcknowledged(id)) continue;
      const item = itemOf(row, []);
      if (item === undefined) continue;
      this.#waiting.set(id, row.rowId);
      this.#options.outbox.inbound({
        ...item,
        guid: id,
        text: kind === 'edited' ? row.text : '',
        change: { of: guid, kind, at: new Date(at).toISOString() },
      });
    }
  }

  #brokerNow(): number {
    const { now, monotonicNow } = this.#options;
    if (this.#heard === undefined) return now() + (this.#clockOffset ?? 0);
    return Math.round(this.#heard.brokerTime + (monotonicNow() - this.#heard.monotonicNow));
  }

  /** Reading may begin after this row: everything up to it was acknowledged, or is nobody's news. */
  #watermark(): number {
    let first = this.#position + 1;
    for (const rowId of this.#waiting.values()) first = Math.min(first, rowId);
    for (const { rowId } of this.#held.values()) first = Math.min(first, rowId);
    return first - 1;
  }

  #remember(): void {
    const { journal, monotonicNow } = this.#options;
    this.#lookedAt = this.#brokerNow();
    if (monotonicNow() - this.#markedAt < MARK_EVERY_MS) return;
    this.#markedAt = monotonicNow();
    journal.setMark('looked_at', this.#lookedAt);
    journal.setMark('watermark', this.#watermark());
  }
}

/** My own message to my own number, as it comes back. */
function isEcho({ handle, destination }: ChatRow): boolean {
  return handle !== undefined && destination !== undefined && handle === normalizeHandle(destination);
}
