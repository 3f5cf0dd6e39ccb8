/**
 * Follows sent messages in chat.db and reports their states.
 *
 *   sending ──all rows sent──▶ sent ──all delivered──▶ delivered ──all read──▶ read (settled)
 *      │  ├──a row has an error──▶ failed (settled)
 *      │  └──error 22, SMS allowed, for 2 s──▶ the part is sent again by SMS
 *      └──no row within `confirmMs`, or not sent within a day──▶ failed as `unconfirmed`
 *
 * A row of an unconfirmed message that appears later still leads to `sent`. A day after its last send attempt a
 * message is settled in any state.
 */

import type { KeyedQueue } from '../../shared/keyed-queue.ts';
import type { ChatDatabase } from '../chat-db/chat-database.ts';
import type { ChatRow } from '../chat-db/chat-row.ts';
import type { Journal } from '../journal/journal.ts';
import type { Staging } from './attachment-staging.ts';
import { type InFlightMessage, isFinished, type MessagePart, waitingSinceOf } from './in-flight-message.ts';
import type { InFlightMessages } from './in-flight-messages.ts';
import type { MessageReports } from './message-reports.ts';

export interface DeliveryTrackingOptions {
  journal: Journal;
  chat: ChatDatabase;
  staging: Staging;
  messages: InFlightMessages;
  queue: KeyedQueue<InFlightMessage>;
  reports: MessageReports;
  now: () => number;
  monotonicNow: () => number;
  /** Maximum time for a row to appear after the send, in milliseconds. */
  confirmMs: number;
  hasSmsFallback: boolean;
  onProblem(problem: string, message: string): void;
}

/** Time in which a sent message may still be delivered, read or fail. */
export const FOLLOW_MS = 24 * 60 * 60 * 1000;
/** Younger messages are polled at each change of chat.db. */
const RECENT_MS = 10 * 60 * 1000;
const OLDER_BATCH = 200;
/** Time in which Messages may fall back to SMS by itself. After this time the agent sends the SMS. */
const FALLBACK_AFTER_MS = 2_000;
/** Error code of Messages for a recipient without iMessage. */
const UNREACHABLE = 22;

export class DeliveryTracking {
  readonly #options: DeliveryTrackingOptions;

  constructor(options: DeliveryTrackingOptions) {
    this.#options = options;
  }

  /** Reads the rows of recent messages. Call when chat.db has changed. */
  poll(): void {
    const { messages } = this.#options;
    for (const message of messages.recent()) this.#follow(message);
    messages.startRound();
  }

  /** Applies timeouts, and reads the rows of some older messages. Call about once a second. */
  tick(): void {
    const { messages, reports, monotonicNow } = this.#options;
    for (const message of messages.recent()) {
      if (!isFinished(message)) this.#applyTimeouts(message);
      this.#ageIfOld(message);
    }
    for (const message of messages.nextOlder(OLDER_BATCH)) {
      this.#follow(message);
      if (monotonicNow() - waitingSinceOf(message) > FOLLOW_MS) reports.settle(message);
    }
  }

  #follow(message: InFlightMessage): void {
    const rows: ChatRow[] = [];
    for (const part of message.parts) {
      const row = part.guid === undefined ? undefined : this.#options.chat.find(part.guid);
      if (row === undefined) continue;
      rows.push(row);
      if (row.error !== 0) {
        this.#followError(message, part, row);
        return;
      }
      part.unreachableSince = undefined;
      if (!row.isSent || part.isSent) continue;
      part.isSent = true;
      message.wake();
    }
    if (rows.length === message.parts.length && rows.every(({ isSent }) => isSent)) {
      this.#reportSent(message, rows);
    }
  }

  #reportSent(message: InFlightMessage, rows: readonly ChatRow[]): void {
    const { reports } = this.#options;
    // The text is the last part; replies and reactions refer to it.
    const last = rows.at(-1);
    reports.sent(message, last);
    if (rows.every(({ deliveredAt }) => deliveredAt !== undefined)) reports.delivered(message, last);
    if (rows.every(({ readAt }) => readAt !== undefined)) reports.read(message, last);
  }

  #followError(message: InFlightMessage, part: MessagePart, row: ChatRow): void {
    const { reports, hasSmsFallback, monotonicNow } = this.#options;
    const isUnreachable = row.error === UNREACHABLE;
    const mayFallBack =
      isUnreachable &&
      hasSmsFallback &&
      message.item.service === 'auto' &&
      part.service === 'imessage' &&
      row.service === 'iMessage' &&
      !row.isDowngraded &&
      !isFinished(message);
    if (mayFallBack) part.unreachableSince ??= monotonicNow();
    else if (isUnreachable) reports.failed(message, { code: 'recipient_unreachable', problem: '' });
    else {
      const problem = `Messages reports error ${row.error}.`;
      reports.failed(message, { code: 'device_error', problem });
    }
  }

  #applyTimeouts(message: InFlightMessage): void {
    const { queue, reports, monotonicNow, confirmMs } = this.#options;
    const part = message.parts.find(({ isSent, step }) => !isSent && step !== 'taken');
    if (part === undefined) return;
    if (part.unreachableSince !== undefined) {
      if (monotonicNow() - part.unreachableSince >= FALLBACK_AFTER_MS) this.#fallBackToSms(message, part);
      return;
    }
    const waitedMs = monotonicNow() - part.waitingSince;
    if (waitedMs <= confirmMs) return;
    if (part.step !== 'matched') {
      const problem = 'The message did not appear in chat.db in time; it may have been sent.';
      reports.failed(message, { code: 'unconfirmed', problem });
    } else if (waitedMs > FOLLOW_MS) {
      const problem = 'Messages has not sent the message within a day.';
      reports.failed(message, { code: 'unconfirmed', problem });
    } else {
      // Messages is still sending; the next messages to this recipient do not wait any longer.
      queue.end(message.item.to, message);
    }
  }

  #ageIfOld(message: InFlightMessage): void {
    const { staging, messages, monotonicNow } = this.#options;
    if (!isFinished(message) || monotonicNow() - waitingSinceOf(message) <= RECENT_MS) return;
    messages.age(message);
    // Messages has its own copy of the files after this time.
    staging.clear(message.files.splice(0));
  }

  #fallBackToSms({ item, wake }: InFlightMessage, part: MessagePart): void {
    const { journal, now, onProblem } = this.#options;
    onProblem('The recipient is not reachable by iMessage; sending as SMS', item.message);
    journal.retryPart(item.message, part.index, 'sms', now());
    Object.assign(part, { step: 'taken', service: 'sms', guid: undefined, unreachableSince: undefined });
    wake();
  }
}
