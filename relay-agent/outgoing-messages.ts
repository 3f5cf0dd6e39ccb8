/**
 * The messages that the broker hands over, from the journal's `taken` to the last thing that chat.db says of
 * them. What osascript says decides nothing but a plain refusal: a message is sent when its row says so, failed
 * when its row says that, and `unconfirmed` when no row of it came up in time. One at a time goes to each
 * person, so that their order is kept; a few people at a time.
 */

import { normalizeHandle } from '../shared/phone-numbers.ts';
import type { DeliverItem, ReportItem, ReportState } from '../shared/protocol.ts';
import type { BookContext, MessageBook } from './device-client.ts';
import type { Journal, JournalEntry } from './journal.ts';
import type { ChatDatabase, ChatRow } from './messages/chat-db.ts';
import type { Sender } from './messages/sender.ts';

export interface OutgoingOptions extends BookContext {
  journal: Journal;
  chat: ChatDatabase;
  sender: Sender;
  now: () => number;
  /** How long a row of a message may take to show up, ms. */
  confirmMs: number;
  /** Something that the owner should know of. */
  onProblem(problem: string, message: string): void;
}

interface Open extends JournalEntry {
  /** So that what chat.db keeps saying is not written down at each look. */
  reported: Set<ReportState>;
  /** Nothing else goes to this person meanwhile. */
  hasTurn: boolean;
}

const PARALLEL_MAX = 4;
const ROWS_BATCH = 500;
/** How long news of a message that was sent is waited for: delivered, read, an error that comes late. */
const FOLLOW_MS = 24 * 60 * 60 * 1000;
const UNREACHABLE = 22;
const PROBLEM_MAX_CHARACTERS = 900;

export class OutgoingMessages implements MessageBook {
  readonly #options: OutgoingOptions;
  readonly #open = new Map<string, Open>();
  /** Waiting for their turn, by person. */
  readonly #queues = new Map<string, Open[]>();
  /** People to whom one is on its way. */
  readonly #busy = new Set<string>();
  #running = 0;
  #settledCount = 0;
  readonly #finished = new Set<string>();
  #isStopped = false;

  constructor(options: OutgoingOptions) {
    this.#options = options;
    const { journal, outbox } = options;
    for (const report of journal.unacknowledged()) outbox.report(report);
    for (const entry of journal.open()) {
      const reported = new Set(journal.reportsOf(entry.item.message).map(({ state }) => state));
      // One that was begun may have been sent: its row decides.
      const hasTurn = entry.step !== 'taken' && !reported.has('sent');
      const open = { ...entry, reported, hasTurn };
      this.#open.set(entry.item.message, open);
      if (entry.step === 'taken') this.#enqueue(open);
      if (hasTurn) this.#busy.add(entry.item.to);
    }
  }

  get openCount(): number {
    let count = 0;
    for (const { reported } of this.#open.values()) if (!reported.has('sent')) count += 1;
    return count;
  }

  get settledCount(): number {
    return this.#settledCount;
  }

  get finishedCount(): number {
    return this.#finished.size;
  }

  openLeases(): string[] {
    return this.#options.outbox.leases([...this.#open.values()].map(({ item }) => item.lease));
  }

  /** Begins what waits; call once everything is set up. */
  start(): void {
    for (const to of [...this.#queues.keys()]) this.#pump(to);
  }

  take(item: DeliverItem): void {
    const { journal, outbox } = this.#options;
    const known = journal.find(item.message);
    journal.take(item);
    if (known !== undefined) {
      const open = this.#open.get(item.message);
      if (open !== undefined) open.item = item;
      for (const report of journal.reportsOf(item.message)) outbox.report(report);
      return;
    }
    const open: Open = {
      item,
      step: 'taken',
      baseline: 0,
      begunAt: 0,
      guid: undefined,
      reported: new Set(),
      hasTurn: false,
    };
    this.#open.set(item.message, open);
    if (item.media.length > 0) {
      this.#fail(open, 'media_unavailable', 'This version of the relay agent sends no attachments.');
      return;
    }
    this.#enqueue(open);
    this.#pump(item.to);
  }

  cancel({ message, lease }: { message: string; lease: string }): void {
    const { journal, outbox } = this.#options;
    const open = this.#open.get(message);
    if (open?.step === 'taken') {
      this.#fail(open, 'cancelled', '');
    } else if (journal.find(message) === undefined) {
      outbox.report({ message, lease, state: 'failed', error: { code: 'cancelled', message: '' } });
    } else {
      for (const report of journal.reportsOf(message)) outbox.report(report);
    }
  }

  acknowledged(items: readonly ReportItem[]): void {
    this.#options.journal.acknowledged(items);
    for (const { message, state } of items) {
      if (state === 'sent' || state === 'failed') this.#finished.add(message);
    }
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** Looks what chat.db says by now; call when it has changed. */
  look(): void {
    this.#matchRows();
    for (const open of [...this.#open.values()]) {
      const row = open.guid === undefined ? undefined : this.#options.chat.find(open.guid);
      if (row !== undefined) this.#follow(open, row);
    }
  }

  /** Ends what waited for too long; call about once a second. */
  expire(): void {
    const { now, confirmMs } = this.#options;
    for (const open of [...this.#open.values()]) {
      if (open.step === 'taken') continue;
      const waitedMs = now() - open.begunAt;
      if (open.step !== 'matched' && waitedMs > confirmMs) {
        this.#fail(open, 'unconfirmed', 'Messages showed no trace of the message; it may have been sent.');
      } else if (waitedMs > FOLLOW_MS) this.#settle(open);
      // Messages is still busy with it, but others should not wait for ever.
      else if (waitedMs > confirmMs) this.#release(open);
    }
  }

  #enqueue(open: Open): void {
    const queue = this.#queues.get(open.item.to);
    if (queue === undefined) this.#queues.set(open.item.to, [open]);
    else queue.push(open);
  }

  #pump(to: string): void {
    if (this.#isStopped || this.#busy.has(to) || this.#running >= PARALLEL_MAX) return;
    const queue = this.#queues.get(to);
    const next = queue?.shift();
    if (queue?.length === 0) this.#queues.delete(to);
    if (next === undefined) return;
    // Cancelled while it waited.
    if (!this.#open.has(next.item.message)) {
      this.#pump(to);
      return;
    }
    next.hasTurn = true;
    this.#busy.add(to);
    this.#running += 1;
    void this.#send(next).finally(() => {
      this.#running -= 1;
      for (const waiting of [...this.#queues.keys()]) this.#pump(waiting);
    });
  }

  async #send(open: Open): Promise<void> {
    const { journal, chat, sender, now, onProblem } = this.#options;
    const { message, to, text, service } = open.item;
    open.baseline = chat.lastRowId();
    open.begunAt = now();
    open.step = 'sending';
    journal.begin(message, open.baseline, open.begunAt);
    this.#report(open, 'sending');
    const outcome = await sender.send({
      to,
      service: service === 'sms' ? 'sms' : 'imessage',
      content: { kind: 'text', text },
    });
    if (this.#isStopped) return;
    if (outcome.kind !== 'handed') onProblem(outcome.problem, message);
    // Its row may have come up before osascript ended.
    if (!this.#open.has(message) || open.guid !== undefined) return;
    if (outcome.kind === 'refused') {
      this.#fail(open, outcome.code, outcome.problem);
      return;
    }
    open.step = 'handed';
    journal.handed(message);
    this.look();
  }

  /** Rows of ours are taken in order, each by the oldest message of the same words to the same person. */
  #matchRows(): void {
    const { journal, chat } = this.#options;
    const waiting = [...this.#open.values()]
      .filter(({ step }) => step === 'sending' || step === 'handed')
      .sort((a, b) => a.begunAt - b.begunAt);
    if (waiting.length === 0) return;
    let position = Math.min(...waiting.map(({ baseline }) => baseline));
    while (waiting.length > 0) {
      const rows = chat.after(position, ROWS_BATCH);
      for (const row of rows) {
        position = row.rowId;
        if (!row.isFromMe || row.isEvent || row.chat === undefined || journal.hasMatched(row.guid)) continue;
        const index = waiting.findIndex((open) => isRowOf(row, open));
        if (index < 0) continue;
        const [open] = waiting.splice(index, 1);
        journal.matched(open!.item.message, row.guid);
        open!.step = 'matched';
        open!.guid = row.guid;
      }
      if (rows.length < ROWS_BATCH) return;
    }
  }

  #follow(open: Open, row: ChatRow): void {
    if (row.error !== 0) {
      const code = row.error === UNREACHABLE ? 'recipient_unreachable' : 'device_error';
      this.#fail(open, code, row.error === UNREACHABLE ? '' : `Messages says error ${row.error}.`);
      return;
    }
    if (!row.isSent) return;
    const isNews = !open.reported.has('sent');
    this.#report(open, 'sent', row);
    this.#release(open);
    if (isNews) {
      this.#settledCount += 1;
      this.#options.onSettled();
    }
    if (row.deliveredAt !== undefined) this.#report(open, 'delivered', row);
    if (row.readAt !== undefined) {
      this.#report(open, 'read', row);
      this.#settle(open);
    }
  }

  #fail(open: Open, code: string, problem: string): void {
    this.#report(open, 'failed', undefined, { code, message: problem.slice(0, PROBLEM_MAX_CHARACTERS) });
    this.#settle(open);
    this.#release(open);
    if (open.reported.has('sent')) return;
    this.#settledCount += 1;
    this.#options.onSettled();
  }

  /** The next one to this person may go. */
  #release(open: Open): void {
    if (!open.hasTurn) return;
    open.hasTurn = false;
    this.#busy.delete(open.item.to);
    this.#pump(open.item.to);
  }

  #settle({ item }: Open): void {
    this.#options.journal.settle(item.message);
    this.#open.delete(item.message);
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

function isRowOf(row: ChatRow, { item, baseline }: Open): boolean {
  return row.rowId > baseline && row.handle === normalizeHandle(item.to) && sameWords(row.text, item.text);
}

/** Messages may write another form of the same characters. */
function sameWords(a: string, b: string): boolean {
  const plain = (text: string) => text.normalize('NFC').replaceAll('\r\n', '\n').trim();
  return plain(a) === plain(b);
}
