/**
 * Sends the messages that the broker leases to this device, from their journal entry to their last state.
 *
 * - Messages to one recipient are sent one after the other, part by part; a few recipients at the same time.
 * - Only chat.db confirms a message. The result of the sender is used only if it is a rejection.
 * - After a restart every message continues from its journal entry. A part that may have been sent is not sent again.
 */

import { KeyedQueue } from '../../shared/keyed-queue.ts';
import type { DeliverItem, ReportItem, ReportState } from '../../shared/protocol.ts';
import type { ChatDatabase } from '../chat-db/chat-database.ts';
import type { ChatRow } from '../chat-db/chat-row.ts';
import type { InFlightTracker } from '../device-client.ts';
import type { Journal, JournalEntry, JournalPart } from '../journal/journal.ts';
import type { Sender } from '../senders/sender.ts';
import type { Outbox } from '../transport/outbox.ts';
import type { Staging } from './attachment-staging.ts';
import { DeliveryTracking, FOLLOW_MS } from './delivery-tracking.ts';
import {
  begunAtOf,
  hasBegun,
  type InFlightMessage,
  inFlightMessage,
  isFinished,
  partKinds,
} from './in-flight-message.ts';
import { InFlightMessages } from './in-flight-messages.ts';
import { MessageReports } from './message-reports.ts';
import { RowMatcher } from './row-matcher.ts';
import { SendAttempts } from './send-attempts.ts';

export interface OutboundMessagesOptions {
  outbox: Outbox;
  journal: Journal;
  chat: ChatDatabase;
  sender: Sender;
  staging: Staging;
  now: () => number;
  /** Monotonic clock, in milliseconds. */
  monotonicNow: () => number;
  /** Maximum time for a row to appear in chat.db after the send, in milliseconds. */
  confirmMs: number;
  /** Sends by SMS to recipients without iMessage, if the message allows it. */
  hasSmsFallback: boolean;
  onProblem(problem: string, message: string): void;
}

/** The same limit by the wall clock, for an agent that is restarted every day; the clock may be wrong. */
const FOLLOW_OVER_RESTARTS_MS = 7 * FOLLOW_MS;

export class OutboundMessages implements InFlightTracker {
  readonly #options: OutboundMessagesOptions;
  readonly #messages = new InFlightMessages();
  readonly #queue = new KeyedQueue<InFlightMessage>();
  readonly #reports: MessageReports;
  readonly #attempts: SendAttempts;
  readonly #matcher: RowMatcher;
  readonly #tracking: DeliveryTracking;
  #finishedCount = 0;

  constructor(options: OutboundMessagesOptions) {
    this.#options = options;
    const shared = { ...options, messages: this.#messages, queue: this.#queue };
    this.#reports = new MessageReports(shared);
    this.#attempts = new SendAttempts({ ...shared, reports: this.#reports });
    this.#matcher = new RowMatcher(shared);
    this.#tracking = new DeliveryTracking({ ...shared, reports: this.#reports });
    for (const report of options.journal.unacknowledgedReports()) options.outbox.report(report);
    for (const entry of options.journal.unsettled()) this.#restore(entry);
  }

  get inFlightCount(): number {
    return this.#messages.unfinishedCount;
  }

  get settledCount(): number {
    return this.#reports.finishedCount;
  }

  get finishedCount(): number {
    return this.#finishedCount;
  }

  inFlightLeases(): string[] {
    return this.#options.outbox.leases(this.#messages.all().map(({ item }) => item.lease));
  }

  onSettled(listener: () => void): void {
    this.#reports.onFinished(listener);
  }

  /** Starts sending the queued messages. Call after everything else is set up. */
  start(): void {
    this.#queue.start((message) => {
      // The message was cancelled in the queue.
      if (isFinished(message)) return false;
      this.#attempts.start(message);
      return true;
    });
  }

  take(item: DeliverItem): void {
    const { journal, outbox } = this.#options;
    if (journal.isRejected(item.message)) {
      this.#reportCancelled(item);
      return;
    }
    const isKnown = journal.find(item.message) !== undefined;
    const service = item.service === 'sms' ? 'sms' : 'imessage';
    const kinds = partKinds(item);
    journal.take(
      item,
      kinds.map(() => service),
    );
    if (isKnown) {
      const known = this.#messages.find(item.message);
      if (known !== undefined) known.item = item;
      for (const report of journal.reportsOf(item.message)) outbox.report(report);
      return;
    }
    const parts = kinds.map(
      (): JournalPart => ({ step: 'taken', service, baseline: 0, begunAt: 0, guid: undefined }),
    );
    this.#queue.add(item.to, this.#track(item, parts, new Set()));
  }

  cancel({ message: id, lease }: { message: string; lease: string }): void {
    const { journal, outbox, now } = this.#options;
    const message = this.#messages.find(id);
    if (message !== undefined && !hasBegun(message) && !isFinished(message)) {
      this.#reports.failed(message, { code: 'cancelled', problem: '' });
    } else if (journal.find(id) === undefined) {
      // The delivery was lost, or follows this frame.
      journal.rejectDelivery(id, now());
      this.#reportCancelled({ message: id, lease });
    } else {
      for (const report of journal.reportsOf(id)) outbox.report(report);
    }
  }

  acknowledged(items: readonly ReportItem[]): void {
    this.#options.journal.acknowledgeReports(items);
    this.#finishedCount += items.filter(({ state }) => state === 'sent' || state === 'failed').length;
  }

  stop(): void {
    this.#attempts.stop();
    this.#queue.stop();
    for (const message of this.#messages.recent()) message.wake();
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

  #reportCancelled({ message, lease }: Pick<DeliverItem, 'message' | 'lease'>): void {
    const error = { code: 'cancelled', message: '' };
    this.#options.outbox.report({ message, lease, state: 'failed', error });
  }

  #restore({ item, parts }: JournalEntry): void {
    const { journal, now } = this.#options;
    const reported = new Set(journal.reportsOf(item.message).map(({ state }) => state));
    const message = this.#track(item, parts, reported);
    if (isFinished(message)) {
      if (now() - begunAtOf(message) > FOLLOW_OVER_RESTARTS_MS) this.#reports.settle(message);
      return;
    }
    // A message that has begun may have been sent: its row decides before the next message to this recipient.
    if (hasBegun(message)) this.#queue.addFirst(item.to, message);
    else this.#queue.add(item.to, message);
  }

  #track(item: DeliverItem, parts: readonly JournalPart[], reported: Set<ReportState>): InFlightMessage {
    const message = inFlightMessage(item, parts, reported, this.#options.monotonicNow());
    this.#messages.add(message);
    return message;
  }
}
