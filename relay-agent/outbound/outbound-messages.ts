/**
 * The messages that the broker hands over, from the journal's `taken` to the last thing that chat.db says of
 * them. What the sender says decides nothing but a plain refusal: a message is sent when its rows say so, failed
 * when one of them says that, and `unconfirmed` when no row came up in time; should it come up later, it is
 * reported after all. One at a time goes to each person, part by part, so that their order is kept; a few people at
 * a time.
 */
import pLimit from 'p-limit';
import type { DeliverItem, ReportItem, ReportState } from '../../shared/protocol.ts';
import type { ChatDatabase } from '../chat-db/chat-database.ts';
import type { ChatRow } from '../chat-db/chat-row.ts';
import type { InFlightTracker, TrackerContext } from '../device-client.ts';
import type { Journal, JournalPart } from '../journal/journal.ts';
import type { Sender } from '../senders/sender.ts';
import { TransferError } from '../transport/media-transfer.ts';
import type { Staging } from './attachment-staging.ts';
import {
  begunAtOf,
  isBegun,
  isOver,
  kindsOf,
  type Open,
  openMessage,
  type Part,
  waitingSinceOf,
} from './in-flight-message.ts';
import { KeyedQueue } from './keyed-queue.ts';
import { isRowOf, type SentPart } from './row-matching.ts';

export interface OutboundMessagesOptions extends TrackerContext {
  journal: Journal;
  chat: ChatDatabase;
  sender: Sender;
  staging: Staging;
  now: () => number;
  /** Milliseconds that nobody sets: how long something waits does not depend on the clock. */
  monotonicNow: () => number;
  /** How long a row of a message may take to show up, ms. */
  confirmMs: number;
  /** What iMessage can't reach goes by SMS, where the message allows it. */
  hasSmsFallback: boolean;
  /** Something that the owner should know of. */
  onProblem(problem: string, message: string): void;
}

interface Unmatched extends SentPart {
  item: DeliverItem;
  part: Part;
  open: Open;
}

const PARALLEL_MAX = 4;
const ROWS_BATCH = 500;
/** A row may be completed shortly after it was written. */
const ROWS_READ_AGAIN = 200;
/** How long news of a message that was sent is waited for: delivered, read, an error that comes late. */
const FOLLOW_MS = 24 * 60 * 60 * 1000;
/** The same by the clock, which may be wrong, for an agent that is restarted every day. */
const FOLLOW_OVER_RESTARTS_MS = 7 * FOLLOW_MS;
/** News of younger messages is looked for at each change, of older ones little by little. */
const RECENT_MS = 10 * 60 * 1000;
const OLDER_BATCH = 200;
/** Messages may go on by SMS itself; only then is it ours to do. */
const FALLBACK_AFTER_MS = 2_000;
const UNREACHABLE = 22;
const PROBLEM_MAX_CHARACTERS = 900;

export class OutboundMessages implements InFlightTracker {
  readonly #options: OutboundMessagesOptions;
  readonly #open = new Map<string, Open>();
  /** Those of `#open` that are under way or were sent just now. */
  readonly #recent = new Set<Open>();
  /** Those of the others that are still to be looked at. */
  #older: Open[] = [];
  readonly #turns: KeyedQueue<Open>;
  readonly #limit = pLimit(PARALLEL_MAX);
  /** Rows up to here were looked at for ours. */
  #matchedUpTo = 0;
  #settledCount = 0;
  #finishedCount = 0;
  #isStopped = false;

  constructor(options: OutboundMessagesOptions) {
    this.#options = options;
    const { journal, outbox, onProblem } = options;
    this.#turns = new KeyedQueue((open) => {
      // Cancelled while it waited.
      if (isOver(open)) return false;
      this.#run(open).catch((error: unknown) => {
        const { message } = error as Error;
        onProblem(message, open.item.message);
        this.#breakOff(open, message);
      });
      return true;
    });
    for (const report of journal.unacknowledged()) outbox.report(report);
    for (const { item, parts } of journal.open()) {
      const reported = new Set(journal.reportsOf(item.message).map(({ state }) => state));
      const open = this.#add(item, parts, reported);
      // Followed through many restarts: by now nothing will come any more, whatever the clock says of today.
      if (isOver(open) && options.now() - begunAtOf(open) > FOLLOW_OVER_RESTARTS_MS) {
        this.#settle(open);
        continue;
      }
      // One that was begun may have been sent: its row decides, before anything else goes there.
      if (isOver(open)) continue;
      if (isBegun(open)) this.#turns.putFirst(item.to, open);
      else this.#turns.put(item.to, open);
    }
  }

  get inFlightCount(): number {
    let count = 0;
    for (const open of this.#recent) if (!isOver(open)) count += 1;
    return count;
  }

  get settledCount(): number {
    return this.#settledCount;
  }

  get finishedCount(): number {
    return this.#finishedCount;
  }

  inFlightLeases(): string[] {
    return this.#options.outbox.leases([...this.#open.values()].map(({ item }) => item.lease));
  }

  /** Begins what waits; call once everything is set up. */
  start(): void {
    this.#turns.start();
  }

  take(item: DeliverItem): void {
    const { journal, outbox } = this.#options;
    const known = journal.find(item.message);
    const service = item.service === 'sms' ? 'sms' : 'imessage';
    const kinds = kindsOf(item);
    journal.take(
      item,
      kinds.map(() => service),
    );
    if (known !== undefined) {
      const open = this.#open.get(item.message);
      if (open !== undefined) open.item = item;
      for (const report of journal.reportsOf(item.message)) outbox.report(report);
      return;
    }
    const parts = kinds.map(
      (): JournalPart => ({ step: 'taken', service, baseline: 0, begunAt: 0, guid: undefined }),
    );
    this.#turns.put(item.to, this.#add(item, parts, new Set()));
  }

  cancel({ message, lease }: { message: string; lease: string }): void {
    const { journal, outbox } = this.#options;
    const open = this.#open.get(message);
    if (open !== undefined && !isBegun(open) && !isOver(open)) {
      this.#fail(open, 'cancelled', '');
    } else if (journal.find(message) === undefined) {
      outbox.report({ message, lease, state: 'failed', error: { code: 'cancelled', message: '' } });
    } else {
      for (const report of journal.reportsOf(message)) outbox.report(report);
    }
  }

  acknowledged(items: readonly ReportItem[]): void {
    this.#options.journal.acknowledged(items);
    this.#finishedCount += items.filter(({ state }) => state === 'sent' || state === 'failed').length;
  }

  stop(): void {
    this.#isStopped = true;
    this.#turns.stop();
    for (const open of this.#recent) open.wake();
  }

  /** The row is, or is about to be known as, one that the agent sent. */
  isOurs(row: ChatRow): boolean {
    return (
      this.#options.journal.hasMatched(row.guid) || this.#unmatched().some((waiting) => isRowOf(row, waiting))
    );
  }

  /** Looks what chat.db says by now; call when it has changed. */
  look(): void {
    this.#matchRows();
    for (const open of [...this.#recent]) this.#follow(open);
    if (this.#older.length === 0) {
      this.#older = [...this.#open.values()].filter((open) => !this.#recent.has(open));
    }
  }

  /** Ends what waited for too long; call about once a second. */
  expire(): void {
    for (const open of [...this.#recent]) this.#expireOne(open);
    for (const open of this.#older.splice(0, OLDER_BATCH)) {
      if (!this.#open.has(open.item.message)) continue;
      this.#follow(open);
      if (this.#options.monotonicNow() - waitingSinceOf(open) > FOLLOW_MS) this.#settle(open);
    }
  }

  #add(item: DeliverItem, parts: readonly JournalPart[], reported: Set<ReportState>): Open {
    const open = openMessage(item, parts, reported, this.#options.monotonicNow());
    this.#open.set(item.message, open);
    this.#recent.add(open);
    return open;
  }

  /** One part after the other, each when chat.db says that the one before it was sent. */
  async #run(open: Open): Promise<void> {
    const isDone = () => this.#isStopped || isOver(open);
    for (const part of open.parts) {
      while (!part.isSent && !isDone()) {
        const woken = new Promise<void>((resolve) => {
          open.wake = resolve;
        });
        if (part.step === 'taken') await this.#limit(() => this.#send(open, part));
        if (!part.isSent && !isDone()) await woken;
      }
      if (isDone()) return;
    }
  }

  async #send(open: Open, part: Part): Promise<void> {
    const { journal, chat, sender, now, monotonicNow, onProblem } = this.#options;
    const { item } = open;
    if (!(await this.#stageFor(open, part)) || this.#isStopped || isOver(open)) return;
    part.baseline = chat.lastRowId();
    part.begunAt = now();
    part.waitingSince = monotonicNow();
    part.step = 'sending';
    journal.begin(item.message, part.index, part.baseline, part.begunAt);
    this.#report(open, 'sending');
    const outcome = await sender.send({
      to: item.to,
      service: part.service,
      content:
        part.kind === 'text'
          ? { kind: 'text', text: item.text }
          : { kind: 'file', path: open.files[part.index]! },
    });
    if (this.#isStopped) return;
    if (outcome.kind !== 'handed') onProblem(outcome.problem, item.message);
    // Its row may have come up before the sender answered.
    if (isOver(open) || part.guid !== undefined) return;
    if (outcome.kind === 'refused') {
      // A Mac whose iPhone forwards no SMS: what it fell back from says more than that it could not.
      const isFallback = part.service === 'sms' && item.service !== 'sms';
      if (isFallback) this.#fail(open, 'recipient_unreachable', '');
      else this.#fail(open, outcome.code, outcome.problem);
      return;
    }
    part.step = 'handed';
    journal.handed(item.message, part.index);
  }

  /** Something that nobody thought of. What was begun may have been sent. */
  #breakOff(open: Open, problem: string): void {
    if (isOver(open) || this.#isStopped) return;
    const isUnclear = open.parts.some(({ step, isSent }) => step !== 'taken' && !isSent);
    this.#fail(open, isUnclear ? 'unconfirmed' : 'device_error', problem);
  }

  /** False: its files can't be had, and the message has failed. */
  async #stageFor(open: Open, part: Part): Promise<boolean> {
    if (part.kind === 'text' || open.files.length > 0) return true;
    try {
      open.files = await this.#options.staging.stage(open.item.media);
      return true;
    } catch (error) {
      if (!(error instanceof TransferError) && !('code' in (error as Error))) throw error;
      const { message } = error as Error;
      this.#options.onProblem(message, open.item.message);
      const isRetryable = error instanceof TransferError && error.isTemporary;
      if (!isOver(open)) this.#fail(open, 'media_unavailable', message, isRetryable);
      return false;
    }
  }

  /** Begun and without a row: what was given up last, so that it takes no row of one that still counts. */
  #unmatched(): Unmatched[] {
    const found: Unmatched[] = [];
    for (const open of this.#open.values()) {
      for (const part of open.parts) {
        if (part.step !== 'sending' && part.step !== 'handed') continue;
        found.push({ part, open, item: open.item, file: open.files[part.index] });
      }
    }
    return found.sort(
      (a, b) => Number(isOver(a.open)) - Number(isOver(b.open)) || a.part.begunAt - b.part.begunAt,
    );
  }

  /** Rows of ours are taken in order, each by the oldest message of the same content to the same person. */
  #matchRows(): void {
    const { journal, chat } = this.#options;
    const waiting = this.#unmatched();
    if (waiting.length === 0) return;
    const oldest = Math.min(...waiting.map(({ part }) => part.baseline));
    let position = Math.max(oldest, this.#matchedUpTo - ROWS_READ_AGAIN);
    while (waiting.length > 0) {
      const rows = chat.after(position, ROWS_BATCH);
      for (const row of rows) {
        position = row.rowId;
        if (!row.isFromMe || row.chat === undefined) continue;
        const index = waiting.findIndex((candidate) => isRowOf(row, candidate));
        if (index < 0 || journal.hasMatched(row.guid) || journal.isInboundAcknowledged(row.guid)) continue;
        const [{ part, item }] = waiting.splice(index, 1) as [Unmatched];
        journal.matched(item.message, part.index, row.guid);
        part.step = 'matched';
        part.guid = row.guid;
      }
      this.#matchedUpTo = Math.max(this.#matchedUpTo, position);
      if (rows.length < ROWS_BATCH) return;
    }
  }

  #follow(open: Open): void {
    const rows: ChatRow[] = [];
    for (const part of open.parts) {
      const row = part.guid === undefined ? undefined : this.#options.chat.find(part.guid);
      if (row === undefined) continue;
      rows.push(row);
      if (row.error !== 0) {
        this.#followError(open, part, row);
        return;
      }
      part.unreachableSince = undefined;
      if (!row.isSent || part.isSent) continue;
      part.isSent = true;
      open.wake();
    }
    if (rows.length < open.parts.length || !rows.every(({ isSent }) => isSent)) return;
    // The text is the last of several parts, and what answers and reactions are about.
    const last = rows.at(-1)!;
    const isNews = !isOver(open);
    this.#report(open, 'sent', last);
    this.#turns.end(open.item.to, open);
    if (isNews) this.#countSettled();
    if (rows.every(({ deliveredAt }) => deliveredAt !== undefined)) this.#report(open, 'delivered', last);
    if (rows.every(({ readAt }) => readAt !== undefined)) {
      this.#report(open, 'read', last);
      this.#settle(open);
    }
  }

  #followError(open: Open, part: Part, row: ChatRow): void {
    const { hasSmsFallback, monotonicNow } = this.#options;
    const isUnreachable = row.error === UNREACHABLE;
    const mayFallBack =
      isUnreachable &&
      hasSmsFallback &&
      open.item.service === 'auto' &&
      part.service === 'imessage' &&
      row.service === 'iMessage' &&
      !row.isDowngraded &&
      !isOver(open);
    if (mayFallBack) part.unreachableSince ??= monotonicNow();
    else if (isUnreachable) this.#fail(open, 'recipient_unreachable', '');
    else this.#fail(open, 'device_error', `Messages says error ${row.error}.`);
  }

  #expireOne(open: Open): void {
    const { monotonicNow, confirmMs } = this.#options;
    const part = open.parts.find(({ isSent, step }) => !isSent && step !== 'taken');
    const waitedMs = part === undefined ? 0 : monotonicNow() - part.waitingSince;
    if (part !== undefined && !isOver(open)) {
      if (part.unreachableSince !== undefined) {
        if (monotonicNow() - part.unreachableSince >= FALLBACK_AFTER_MS) this.#fallBack(open, part);
      } else if (waitedMs > confirmMs) {
        if (part.step !== 'matched') {
          this.#fail(open, 'unconfirmed', 'Messages showed no trace of the message; it may have been sent.');
        } else if (waitedMs > FOLLOW_MS) {
          this.#fail(open, 'unconfirmed', 'Messages has been sending it for a day.');
        }
        // Messages is still busy with it, but others should not wait for ever.
        else this.#turns.end(open.item.to, open);
      }
    }
    if (isOver(open) && monotonicNow() - waitingSinceOf(open) > RECENT_MS) {
      this.#recent.delete(open);
      // Messages has its own copy by now.
      this.#options.staging.clear(open.files.splice(0));
    }
  }

  #fallBack(open: Open, part: Part): void {
    const { journal, now, onProblem } = this.#options;
    const { message } = open.item;
    onProblem('iMessage does not reach this person; sending as SMS', message);
    journal.retry(message, part.index, 'sms', now());
    Object.assign(part, { step: 'taken', service: 'sms', guid: undefined, unreachableSince: undefined });
    open.wake();
  }

  #fail(open: Open, code: string, problem: string, isRetryable?: boolean): void {
    const isNews = !isOver(open);
    this.#report(open, 'failed', undefined, {
      code,
      message: this.#told(open, problem).slice(0, PROBLEM_MAX_CHARACTERS),
      ...(isRetryable === undefined ? {} : { retryable: isRetryable }),
    });
    // Its row may still come up.
    if (code !== 'unconfirmed') this.#settle(open);
    this.#turns.end(open.item.to, open);
    open.wake();
    if (isNews) this.#countSettled();
  }

  /** Says which parts the person has all the same. */
  #told({ parts }: Open, problem: string): string {
    const sent = parts.filter(({ isSent }) => isSent).length;
    if (sent === 0 || sent === parts.length) return problem;
    return `${problem} ${sent} of ${parts.length} parts (attachments, then the text) were sent.`.trim();
  }

  #countSettled(): void {
    this.#settledCount += 1;
    this.#options.onSettled();
  }

  #settle(open: Open): void {
    const { journal, staging, now } = this.#options;
    journal.settle(open.item.message, now());
    this.#open.delete(open.item.message);
    this.#recent.delete(open);
    staging.clear(open.files);
  }

  #report(open: Open, state: ReportState, row?: ChatRow, error?: ReportItem['error']): void {
    if (open.reported.has(state)) return;
    open.reported.add(state);
    const { journal, outbox, now } = this.#options;
    const { message, lease } = open.item;
    const report: ReportItem = {
      message,
      lease,
      state,
      at: new Date(now()).toISOString(),
      ...(row === undefined ? {} : { service: row.service, guid: row.guid }),
      ...(error === undefined ? {} : { error }),
    };
    if (journal.report(report)) outbox.report(report);
  }
}
