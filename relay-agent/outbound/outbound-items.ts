/**
 * Sends the messages and carries out the actions that the broker leases to this device, from their journal entry to their
 * last state.
 *
 * - Items of one conversation are carried out one after the other, part by part; a few conversations at the same time.
 * - Only chat.db confirms an item. The result of the sender is used only if it is a rejection.
 * - After a restart every item continues from its journal entry. A part that may have been sent is not sent again.
 */

import { KeyedQueue } from '../../shared/keyed-queue.ts';
import {
  type ActItem,
  type DeliverItem,
  isAction,
  type OutboundItem,
  outboundId,
  type ReportItem,
  type ReportState,
  reportedId,
} from '../../shared/protocol.ts';
import type { ChatDatabase } from '../chat-db/chat-database.ts';
import type { ChatRow } from '../chat-db/chat-row.ts';
import type { InFlightTracker } from '../device-client.ts';
import { type Journal, type JournalEntry, type JournalPart, newPart } from '../journal/journal.ts';
import type { Senders } from '../senders/ranked-senders.ts';
import type { Outbox } from '../transport/outbox.ts';
import type { Staging } from './attachment-staging.ts';
import { DeliveryTracking, FOLLOW_MS } from './delivery-tracking.ts';
import {
  begunAtOf,
  conversationKey,
  hasBegun,
  type InFlightItem,
  inFlightItem,
  isFinished,
  partKinds,
} from './in-flight-item.ts';
import { InFlightItems } from './in-flight-items.ts';
import { ItemReports } from './item-reports.ts';
import { RowMatcher } from './row-matcher.ts';
import { SendAttempts } from './send-attempts.ts';

export interface OutboundItemsOptions {
  outbox: Outbox;
  journal: Journal;
  chat: ChatDatabase;
  senders: Pick<Senders, 'send' | 'change' | 'statusOf'>;
  staging: Staging;
  now: () => number;
  /** Monotonic clock, in milliseconds. */
  monotonicNow: () => number;
  /** Maximum time for a row to appear in chat.db after the send, in milliseconds. */
  confirmMs: number;
  /** Sends by SMS to recipients without iMessage, if the message allows it. */
  hasSmsFallback: boolean;
  onProblem(problem: string, id: string): void;
}

/** The same limit by the wall clock, for an agent that is restarted every day; the clock may be wrong. */
const FOLLOW_OVER_RESTARTS_MS = 7 * FOLLOW_MS;

export class OutboundItems implements InFlightTracker {
  readonly #options: OutboundItemsOptions;
  readonly #items = new InFlightItems();
  readonly #queue = new KeyedQueue<InFlightItem>();
  readonly #reports: ItemReports;
  readonly #attempts: SendAttempts;
  readonly #matcher: RowMatcher;
  readonly #tracking: DeliveryTracking;
  #finishedCount = 0;

  constructor(options: OutboundItemsOptions) {
    this.#options = options;
    const shared = { ...options, items: this.#items, queue: this.#queue };
    this.#reports = new ItemReports(shared);
    this.#attempts = new SendAttempts({ ...shared, reports: this.#reports });
    this.#matcher = new RowMatcher(shared);
    this.#tracking = new DeliveryTracking({ ...shared, reports: this.#reports });
    for (const report of options.journal.unacknowledgedReports()) options.outbox.report(report);
    for (const entry of options.journal.unsettled()) this.#restore(entry);
  }

  get inFlightCount(): number {
    return this.#items.unfinishedCount;
  }

  get settledCount(): number {
    return this.#reports.finishedCount;
  }

  get finishedCount(): number {
    return this.#finishedCount;
  }

  inFlightLeases(): string[] {
    return this.#options.outbox.leases(this.#items.all().map(({ item }) => item.lease));
  }

  onSettled(listener: () => void): void {
    this.#reports.onFinished(listener);
  }

  /** Starts the queued items. Call after everything else is set up. */
  start(): void {
    this.#queue.start((inFlight) => {
      // The item was cancelled in the queue.
      if (isFinished(inFlight)) return false;
      this.#attempts.start(inFlight);
      return true;
    });
  }

  take(item: DeliverItem): void {
    this.#take(item);
  }

  act(item: ActItem): void {
    this.#take(item);
  }

  cancel({ message, lease }: { message: string; lease: string }): void {
    this.#cancel(message, { message, lease });
  }

  cancelAction({ action, lease }: { action: string; lease: string }): void {
    this.#cancel(action, { action, lease });
  }

  acknowledged(reports: readonly ReportItem[]): void {
    this.#options.journal.acknowledgeReports(
      reports.map((report) => ({ id: reportedId(report), state: report.state })),
    );
    this.#finishedCount += reports.filter(({ state }) => state === 'sent' || state === 'failed').length;
  }

  stop(): void {
    this.#attempts.stop();
    this.#queue.stop();
    for (const inFlight of this.#items.recent()) inFlight.wake();
  }

  /** Returns whether the agent sent the row. */
  isOwnRow(row: ChatRow): boolean {
    return this.#matcher.isOwnRow(row);
  }

  /** Call when chat.db has changed. */
  poll(): void {
    this.#matcher.poll();
    this.#tracking.poll();
  }

  /** Applies timeouts. Call about once a second. */
  tick(): void {
    this.#tracking.tick();
  }

  #take(item: OutboundItem): void {
    const { journal, outbox } = this.#options;
    const id = outboundId(item);
    if (journal.isRejected(id)) {
      this.#reportCancelled(item);
      return;
    }
    const isKnown = journal.find(id) !== undefined;
    const service = !isAction(item) && item.service === 'sms' ? 'sms' : 'imessage';
    const kinds = partKinds(item);
    journal.take(
      item,
      kinds.map(() => service),
    );
    if (isKnown) {
      const known = this.#items.find(id);
      if (known !== undefined) known.item = item;
      for (const report of journal.reportsOf(id)) outbox.report(report);
      return;
    }
    const parts = kinds.map(() => newPart(service));
    this.#queue.add(conversationKey(item), this.#track(item, parts, new Set()));
  }

  #cancel(id: string, request: Parameters<OutboundItems['cancel' | 'cancelAction']>[0]): void {
    const { journal, outbox, now } = this.#options;
    const inFlight = this.#items.find(id);
    if (inFlight !== undefined && !hasBegun(inFlight) && !isFinished(inFlight)) {
      this.#reports.failed(inFlight, { code: 'cancelled', problem: '' });
    } else if (journal.find(id) === undefined) {
      // The delivery was lost, or follows this frame.
      journal.rejectDelivery(id, now());
      this.#reportCancelled(request);
    } else {
      for (const report of journal.reportsOf(id)) outbox.report(report);
    }
  }

  #reportCancelled(request: { lease: string } & ({ message: string } | { action: string })): void {
    const failed = {
      lease: request.lease,
      state: 'failed',
      error: { code: 'cancelled', message: '' },
    } as const;
    this.#options.outbox.report(
      'action' in request ? { action: request.action, ...failed } : { message: request.message, ...failed },
    );
  }

  #restore({ item, parts }: JournalEntry): void {
    const { journal, now } = this.#options;
    const reported = new Set(journal.reportsOf(outboundId(item)).map(({ state }) => state));
    const inFlight = this.#track(item, parts, reported);
    if (isFinished(inFlight)) {
      if (now() - begunAtOf(inFlight) > FOLLOW_OVER_RESTARTS_MS) this.#reports.settle(inFlight);
      return;
    }
    // An item that has begun may have been carried out: chat.db decides before the next item of this conversation.
    if (hasBegun(inFlight)) this.#queue.addFirst(conversationKey(item), inFlight);
    else this.#queue.add(conversationKey(item), inFlight);
  }

  #track(item: OutboundItem, parts: readonly JournalPart[], reported: Set<ReportState>): InFlightItem {
    const inFlight = inFlightItem(item, parts, reported, this.#options.monotonicNow());
    this.#items.add(inFlight);
    return inFlight;
  }
}
