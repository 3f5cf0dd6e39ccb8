/**
 * Reports rows of chat.db that the agent did not send: received texts, the owner's own messages, reactions,
 * edits and retractions.
 *
 * - Rows are read in order. After a restart, rows without an acknowledgement are read again.
 * - The first start skips the rows that already exist.
 * - An incomplete row (an attachment in download, a message that is still being sent) is deferred alone;
 *   newer rows do not wait for the deferred row.
 *
 *   read ──complete──▶ reported ──ack──▶ acknowledged
 *     └──incomplete──▶ deferred ──complete, or after 10 minutes──▶ reported
 */
import { normalizeHandle } from '../../shared/phone-numbers.ts';
import type { InboundItem } from '../../shared/protocol.ts';
import type { ChatDatabase } from '../chat-db/chat-database.ts';
import type { ChatRow } from '../chat-db/chat-row.ts';
import type { Journal } from '../journal/journal.ts';
import { isTooLarge, type Outbox } from '../transport/outbox.ts';
import type { AttachmentUploads } from './attachment-uploads.ts';
import { BrokerClock } from './broker-clock.ts';
import { inboundItemFrom } from './inbound-item.ts';

export interface InboundMessagesOptions {
  journal: Journal;
  chat: ChatDatabase;
  outbox: Pick<Outbox, 'inbound'>;
  uploads: AttachmentUploads;
  /** Returns whether the agent sent the row. */
  isOwnRow(row: ChatRow): boolean;
  now: () => number;
  /** Monotonic clock, in milliseconds. */
  monotonicNow: () => number;
  onProblem(problem: string): void;
}

interface DeferredRow {
  rowId: number;
  since: number;
  /** Its attachments are being uploaded to the broker. */
  isUploading: boolean;
}

const ROWS_BATCH = 200;
/** Maximum number of unacknowledged and deferred rows; further rows stay in chat.db. */
const PENDING_MAX = 1_000;
/** An incomplete row is reported as it is after this time. */
const DEFER_MAX_MS = 10 * 60 * 1000;
/** Number of newest rows that are checked for edits and retractions, which Messages allows for 15 minutes. */
const CHANGES_ROWS = 1_000;
/** iCloud may add years of old messages as new rows. Messages older than this are not reported. */
const AGE_MAX_MS = 7 * 24 * 60 * 60 * 1000;
/** Messages that arrived during the setup count as new. */
const PAIRING_SLACK_MS = 10 * 60 * 1000;
const MARK_EVERY_MS = 60 * 1000;

export class InboundMessages {
  readonly #options: InboundMessagesOptions;
  readonly #clock: BrokerClock;
  /** The last row that was read. */
  #position: number;
  /** The last poll, by the broker's clock; new rows were written after it. */
  #polledAt: number | undefined;
  #markedAt = Number.NEGATIVE_INFINITY;
  /** Reported rows without an acknowledgement: guid and row id, in order. */
  readonly #unacknowledged = new Map<string, number>();
  readonly #deferred = new Map<string, DeferredRow>();

  constructor(options: InboundMessagesOptions) {
    this.#options = options;
    const { journal, chat } = options;
    this.#clock = new BrokerClock(options);
    const watermark = journal.mark('watermark');
    this.#position = watermark ?? chat.lastRowId();
    this.#polledAt = journal.mark('looked_at');
    if (watermark === undefined) journal.setMark('watermark', this.#position);
  }

  /**
   * Sets the broker's time (epoch ms), which decides how old a message is: the clock of a Mac may be wrong. The first
   * start reads no rows before this call.
   */
  setBrokerTime(brokerTime: number): void {
    const isFirst = this.#clock.pairedAt === undefined;
    this.#clock.set(brokerTime);
    // The last poll was timed by a clock that may have been ahead.
    if (this.#polledAt !== undefined) this.#polledAt = Math.min(this.#polledAt, brokerTime);
    if (isFirst) this.#polledAt = this.#clock.pairedAt;
    this.poll();
  }

  /** Reads new rows. Call when chat.db has changed, after the rows of outbound messages were matched. */
  poll(): void {
    if (!this.#clock.isSet) return;
    this.pollDeferred();
    this.#readNew();
    this.#readChanges();
    this.#saveMarks();
  }

  /** Reports deferred rows that are complete. Downloaded files do not change chat.db, so call it periodically. */
  pollDeferred(): void {
    for (const [guid, deferred] of this.#deferred) {
      const row = deferred.isUploading ? undefined : this.#options.chat.find(guid);
      if (row !== undefined) this.#reportOrDefer(row, deferred);
    }
  }

  acknowledged(items: readonly InboundItem[]): void {
    const guids = items.map(({ guid }) => guid);
    for (const guid of guids) this.#unacknowledged.delete(guid);
    this.#options.journal.acknowledgeInbound(guids, this.#watermark(), this.#options.now());
    this.poll();
  }

  #readNew(): void {
    while (this.#unacknowledged.size + this.#deferred.size < PENDING_MAX) {
      const rows = this.#options.chat.after(this.#position, ROWS_BATCH);
      for (const row of rows) {
        this.#position = row.rowId;
        if (this.#isNew(row)) this.#reportOrDefer(row, undefined);
      }
      if (rows.length < ROWS_BATCH) return;
    }
  }

  #isNew(row: ChatRow): boolean {
    const { journal, isOwnRow } = this.#options;
    if (this.#isKnown(row.guid) || row.isGroupEvent || isEcho(row) || this.#isOld(row)) return false;
    if (row.isFromMe && isOwnRow(row)) return false;
    return !journal.isInboundAcknowledged(row.guid);
  }

  #isKnown(guid: string): boolean {
    return this.#unacknowledged.has(guid) || this.#deferred.has(guid);
  }

  #isOld({ sentAt }: ChatRow): boolean {
    return sentAt !== undefined && sentAt < (this.#polledAt ?? sentAt) - AGE_MAX_MS;
  }

  #isBeforePairing(at: number): boolean {
    return at < (this.#clock.pairedAt ?? 0) - PAIRING_SLACK_MS;
  }

  #reportOrDefer(row: ChatRow, known: DeferredRow | undefined): void {
    const { monotonicNow, uploads, isOwnRow } = this.#options;
    const deferred = known ?? { rowId: row.rowId, since: monotonicNow(), isUploading: false };
    const mayWait = monotonicNow() - deferred.since < DEFER_MAX_MS;
    if (row.isFromMe && (!row.isSent || row.chat === undefined)) {
      // Drops messages that the owner failed to send, and rows that turn out to be the agent's own.
      if (row.error !== 0 || !mayWait || isOwnRow(row)) this.#deferred.delete(row.guid);
      else this.#deferred.set(row.guid, deferred);
      return;
    }
    if (row.attachments.length === 0) {
      if (row.hasAttachments && row.text === '' && mayWait) this.#deferred.set(row.guid, deferred);
      else this.#report(row, []);
      return;
    }
    this.#deferred.set(row.guid, deferred);
    if (mayWait && !uploads.areComplete(row.attachments)) return;
    deferred.isUploading = true;
    uploads
      .upload(row.attachments)
      .then((media) => this.#report(row, media))
      .catch((error: unknown) => {
        deferred.isUploading = false;
        this.#options.onProblem((error as Error).message);
      });
  }

  #report(row: ChatRow, media: InboundItem['media']): void {
    this.#deferred.delete(row.guid);
    const item = inboundItemFrom(row, media);
    const isEmpty = row.text === '' && media.length === 0 && row.reaction === undefined;
    if (item === undefined || isEmpty) return;
    if (isTooLarge(item)) {
      this.#options.onProblem(
        `A received text of ${item.text.length} characters exceeds the limit of a frame and was not reported.`,
      );
      return;
    }
    this.#unacknowledged.set(item.guid, row.rowId);
    const isLate = row.sentAt !== undefined && this.#isBeforePairing(row.sentAt);
    this.#options.outbox.inbound(isLate ? { ...item, late: true } : item);
  }

  #readChanges(): void {
    const { chat, journal } = this.#options;
    for (const guid of chat.changedAfter(this.#position - CHANGES_ROWS)) {
      if (this.#deferred.has(guid)) continue;
      const row = chat.find(guid);
      const at = row?.retractedAt ?? row?.editedAt;
      if (row === undefined || at === undefined || this.#isBeforePairing(at)) continue;
      const kind = row.retractedAt === undefined ? 'edited' : 'retracted';
      const id = `${guid}/${kind}/${at}`;
      if (this.#unacknowledged.has(id) || journal.isInboundAcknowledged(id)) continue;
      const item = inboundItemFrom(row, []);
      if (item === undefined) continue;
      this.#unacknowledged.set(id, row.rowId);
      this.#options.outbox.inbound({
        ...item,
        guid: id,
        text: kind === 'edited' ? row.text : '',
        change: { of: guid, kind, at: new Date(at).toISOString() },
      });
    }
  }

  /** Returns the row after which reading may resume: all rows up to it are acknowledged or need no report. */
  #watermark(): number {
    let first = this.#position + 1;
    for (const rowId of this.#unacknowledged.values()) first = Math.min(first, rowId);
    for (const { rowId } of this.#deferred.values()) first = Math.min(first, rowId);
    return first - 1;
  }

  #saveMarks(): void {
    const { journal, monotonicNow } = this.#options;
    this.#polledAt = this.#clock.now();
    if (monotonicNow() - this.#markedAt < MARK_EVERY_MS) return;
    this.#markedAt = monotonicNow();
    journal.setMark('looked_at', this.#polledAt);
    journal.setMark('watermark', this.#watermark());
  }
}

/** A message of the owner to the owner's own number appears a second time as a received one. */
function isEcho({ handle, destination }: ChatRow): boolean {
  return handle !== undefined && destination !== undefined && handle === normalizeHandle(destination);
}
