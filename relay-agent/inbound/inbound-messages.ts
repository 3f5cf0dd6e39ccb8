/**
 * Reports rows of chat.db that the agent did not send: received texts, the owner's own messages, reactions,
 * changes of groups, edits and retractions.
 *
 * - Rows are read in order. After a restart, rows without an acknowledgement are read again.
 * - The first start skips the rows that already exist.
 * - An incomplete row (an attachment in download, a message that is still being sent, a row without a chat) is
 *   deferred alone; newer rows do not wait for the deferred row.
 * - A message of the owner that Messages cannot send, or has not sent within a day, is not reported. A scheduled message is
 *   reported when it is sent.
 *
 *   read ──complete──▶ reported ──ack──▶ acknowledged
 *     └──incomplete──▶ deferred ──complete, or after 10 minutes──▶ reported
 */
import { normalizeHandle } from '../../shared/phone-numbers.ts';
import type { InboundItem } from '../../shared/protocol.ts';
import type { ChatDatabase } from '../chat-db/chat-database.ts';
import type { ChatRow } from '../chat-db/chat-row.ts';
import type { Journal } from '../journal/journal.ts';
import type { MessageTarget } from '../senders/sender.ts';
import type { Outbox } from '../transport/outbox.ts';
import type { AttachmentUploads } from './attachment-uploads.ts';
import { BrokerClock } from './broker-clock.ts';
import { fittedItem } from './fitted-item.ts';
import { groupChangeItemFrom, inboundItemFrom } from './inbound-item.ts';
import { isLinkPreview } from './link-preview.ts';
import { MessageChanges } from './message-changes.ts';

export interface InboundMessagesOptions {
  journal: Journal;
  chat: ChatDatabase;
  outbox: Pick<Outbox, 'inbound'>;
  uploads: AttachmentUploads;
  /** Returns whether the agent sent the row. */
  isOwnRow(row: ChatRow): boolean;
  /** Returns the message and the part as the broker knows them. */
  reportedTarget(target: MessageTarget): MessageTarget;
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

const ROWS_BATCH = 50;
/** Time after which a poll leaves the next rows to a later one. */
const READ_MAX_MS = 200;
/** Maximum number of unacknowledged and deferred rows; further rows stay in chat.db. */
const PENDING_MAX = 1_000;
/** An incomplete row is reported as it is after this time. */
const DEFER_MAX_MS = 10 * 60 * 1000;
/** An own message waits for a connection of the Mac. */
const UNSENT_MAX_MS = 24 * 60 * 60 * 1000;
/** Messages adds a row to its chat, and attachments to a row, shortly after it wrote the row. */
const JOIN_MAX_MS = 10 * 1000;
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
  /** The last poll left rows to the next one. */
  #hasMore = false;
  /** The last poll that read all rows, by the broker's clock; new rows were written after it. */
  #polledAt: number | undefined;
  #markedAt = Number.NEGATIVE_INFINITY;
  /** Reported rows without an acknowledgement: guid and row id, in order. */
  readonly #unacknowledged = new Map<string, number>();
  readonly #deferred = new Map<string, DeferredRow>();
  readonly #changes: MessageChanges;

  constructor(options: InboundMessagesOptions) {
    this.#options = options;
    const { journal } = options;
    this.#clock = new BrokerClock(options);
    this.#polledAt = journal.mark('looked_at');
    const watermark = journal.mark('watermark');
    this.#position = this.#startAfter(watermark);
    if (this.#position !== watermark) journal.setMark('watermark', this.#position);
    this.#changes = new MessageChanges({
      ...options,
      position: this.#position,
      // The journal contains the changes that the agent itself carried out.
      isReported: (guid) =>
        this.#unacknowledged.has(guid) || journal.isInboundAcknowledged(guid) || journal.hasMatched(guid),
      isDeferred: (guid) => this.#deferred.has(guid),
      isBeforePairing: (at) => this.#isBeforePairing(at),
      hasRoom: () => this.#unacknowledged.size < PENDING_MAX,
      report: (item, { rowId }) => this.#send(item, rowId),
      now: () => this.#clock.now(),
    });
  }

  /**
   * Returns the row after which reading starts. In a restored or rebuilt chat.db the row ids count from a lower number; then
   * the recent rows are read again, and the guids of their messages show which ones were reported.
   */
  #startAfter(watermark: number | undefined): number {
    const { chat, onProblem } = this.#options;
    const lastRowId = chat.lastRowId();
    if (watermark === undefined) return lastRowId;
    const highest = chat.highestRowId();
    if (highest === undefined || watermark <= Math.max(highest, lastRowId)) return watermark;
    onProblem('chat.db was restored or rebuilt; its recent messages are read again.');
    const oldest = Math.max(
      (this.#clock.pairedAt ?? 0) - PAIRING_SLACK_MS,
      (this.#polledAt ?? 0) - AGE_MAX_MS,
    );
    const [first] = chat.since(oldest, 0, lastRowId, 1);
    return first === undefined ? lastRowId : first.rowId - 1;
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
    this.#reportDeferred();
    // The changes of rows that were read come first: new rows of a backlog would push them out of the checked rows.
    if (this.#changes.isWaiting) this.#hasMore = true;
    else this.#readNew();
    this.#changes.report(this.#position);
    this.#saveMarks();
  }

  /** Reports deferred rows that are complete. Downloaded files do not change chat.db, so call it periodically. */
  pollDeferred(): void {
    if (this.#hasMore) this.poll();
    else this.#reportDeferred();
  }

  #reportDeferred(): void {
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
    const { chat, monotonicNow } = this.#options;
    const begin = monotonicNow();
    this.#hasMore = true;
    while (
      this.#unacknowledged.size + this.#deferred.size < PENDING_MAX &&
      monotonicNow() - begin < READ_MAX_MS
    ) {
      const rows = chat.after(this.#position, ROWS_BATCH);
      for (const row of rows) {
        this.#position = row.rowId;
        if (this.#isNew(row)) this.#reportOrDefer(row, undefined);
      }
      this.#hasMore = rows.length === ROWS_BATCH;
      if (!this.#hasMore) return;
    }
  }

  #isNew(row: ChatRow): boolean {
    const { journal, chat, isOwnRow } = this.#options;
    if (this.#isKnown(row.guid) || isEcho(row) || this.#isOld(row)) return false;
    if ((row.isFromMe && isOwnRow(row)) || isLinkPreview(row, chat)) return false;
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
    const waitedMs = monotonicNow() - deferred.since;
    const mayWait = waitedMs < DEFER_MAX_MS;
    const needsChat = !row.isFromMe || row.isGroupEvent;
    if (row.chat === undefined && needsChat && waitedMs < JOIN_MAX_MS) {
      this.#deferred.set(row.guid, deferred);
      return;
    }
    if (row.isGroupEvent) {
      this.#reportGroupChange(row);
      return;
    }
    // Negative before the time of a scheduled message.
    const unsentMs = row.isScheduled ? this.#clock.now() - (row.sentAt ?? 0) : waitedMs;
    if (row.isFromMe && (!row.isSent || unsentMs < 0 || row.chat === undefined)) {
      const isExpired = row.chat === undefined ? !mayWait : unsentMs >= UNSENT_MAX_MS;
      // Drops messages that the owner failed to send, and rows that turn out to be the agent's own.
      if (row.error !== 0 || isExpired || isOwnRow(row)) this.#deferred.delete(row.guid);
      else this.#deferred.set(row.guid, deferred);
      return;
    }
    if (!row.hasAllAttachments && row.reaction === undefined && waitedMs < JOIN_MAX_MS) {
      this.#deferred.set(row.guid, deferred);
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

  #reportGroupChange(row: ChatRow): void {
    this.#deferred.delete(row.guid);
    const item = groupChangeItemFrom(row, this.#clock.now());
    if (item === undefined) return;
    this.#send(item, row.rowId);
  }

  #report(read: ChatRow, media: InboundItem['media']): void {
    this.#deferred.delete(read.guid);
    const row = this.#beforeEdits(read);
    const item = row && inboundItemFrom(this.#withReportedTargets(row), media);
    if (row === undefined || item === undefined) return;
    if (row.problem !== undefined) this.#options.onProblem(row.problem);
    const isEmpty = row.text === '' && row.subject === undefined && media.length === 0;
    if (isEmpty && row.reaction === undefined && row.problem === undefined) return;
    const isLate = row.sentAt !== undefined && this.#isBeforePairing(row.sentAt);
    this.#send(isLate ? { ...item, late: true } : item, row.rowId);
  }

  /** Returns the row as it was before the edits that are reported as changes; undefined for an unsent message. */
  #beforeEdits(row: ChatRow): ChatRow | undefined {
    if (row.editedAt === undefined && row.text !== '') return row;
    const history = this.#options.chat.historyOf(row.guid);
    if (history === undefined || history.retractedAt !== undefined) return undefined;
    if (history.edits.length === 0) return row;
    const early = history.edits.findLast(({ at }) => this.#isBeforePairing(at));
    return { ...row, text: early?.text ?? history.original };
  }

  #withReportedTargets(row: ChatRow): ChatRow {
    const { reportedTarget } = this.#options;
    const { replyTo, replyPart, reaction } = row;
    const parent = replyTo === undefined ? undefined : reportedTarget({ guid: replyTo, part: replyPart });
    const target = reaction && reportedTarget({ guid: reaction.of, part: reaction.part });
    return {
      ...row,
      ...(parent === undefined ? {} : { replyTo: parent.guid, replyPart: parent.part }),
      ...(reaction === undefined || target === undefined
        ? {}
        : { reaction: { ...reaction, of: target.guid, part: target.part } }),
    };
  }

  #send(original: InboundItem, rowId: number): void {
    const { item, problem } = fittedItem(original);
    if (problem !== undefined) this.#options.onProblem(problem);
    if (item === undefined) return;
    this.#unacknowledged.set(item.guid, rowId);
    this.#options.outbox.inbound(item);
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
    // Rows that are not read yet are as old as the outage before them.
    if (this.#hasMore) return;
    this.#polledAt = this.#clock.now();
    if (monotonicNow() - this.#markedAt < MARK_EVERY_MS) return;
    this.#markedAt = monotonicNow();
    journal.setMark('looked_at', this.#polledAt);
    journal.setMark('watermark', this.#watermark());
  }
}

/** A message of the owner to the owner's own number appears a second time as a received one. */
function isEcho({ handle, destination, isGroupEvent }: ChatRow): boolean {
  if (isGroupEvent) return false;
  return handle !== undefined && destination !== undefined && handle === normalizeHandle(destination);
}
