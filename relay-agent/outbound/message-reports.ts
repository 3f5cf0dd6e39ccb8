/**
 * Reports the states of in-flight messages to the broker, and settles messages.
 *
 * - Each state of a message is reported once.
 * - A report is in the journal before it is in the outbox.
 * - A message that is sent or failed lets the next message to the same recipient start.
 */

import type { KeyedQueue } from '../../shared/keyed-queue.ts';
import type { ReportItem, ReportState } from '../../shared/protocol.ts';
import type { ChatRow } from '../chat-db/chat-row.ts';
import type { Journal } from '../journal/journal.ts';
import type { Outbox } from '../transport/outbox.ts';
import type { Staging } from './attachment-staging.ts';
import { type InFlightMessage, isFinished } from './in-flight-message.ts';
import type { InFlightMessages } from './in-flight-messages.ts';

export interface MessageReportsOptions {
  journal: Journal;
  outbox: Outbox;
  staging: Staging;
  messages: InFlightMessages;
  queue: KeyedQueue<InFlightMessage>;
  now: () => number;
}

export interface Failure {
  code: string;
  problem: string;
  isRetryable?: boolean;
}

const PROBLEM_MAX_CHARACTERS = 900;

export class MessageReports {
  readonly #options: MessageReportsOptions;
  readonly #listeners: Array<() => void> = [];
  #finishedCount = 0;

  constructor(options: MessageReportsOptions) {
    this.#options = options;
  }

  /** Number of messages that were reported as sent or failed since the start. */
  get finishedCount(): number {
    return this.#finishedCount;
  }

  onFinished(listener: () => void): void {
    this.#listeners.push(listener);
  }

  sending(message: InFlightMessage): void {
    this.#report(message, 'sending');
  }

  sent(message: InFlightMessage, row: ChatRow | undefined): void {
    this.#finish(message, () => {
      this.#report(message, 'sent', { row });
      this.#options.queue.end(message.item.to, message);
    });
  }

  delivered(message: InFlightMessage, row: ChatRow | undefined): void {
    this.#report(message, 'delivered', { row });
  }

  read(message: InFlightMessage, row: ChatRow | undefined): void {
    this.#report(message, 'read', { row });
    this.settle(message);
  }

  failed(message: InFlightMessage, { code, problem, isRetryable }: Failure): void {
    this.#finish(message, () => {
      this.#report(message, 'failed', {
        error: {
          code,
          message: withSentParts(message, problem).slice(0, PROBLEM_MAX_CHARACTERS),
          ...(isRetryable === undefined ? {} : { retryable: isRetryable }),
        },
      });
      // The row of an unconfirmed message may still appear.
      if (code !== 'unconfirmed') this.settle(message);
      this.#options.queue.end(message.item.to, message);
      message.wake();
    });
  }

  /** Stops tracking the message. */
  settle(message: InFlightMessage): void {
    const { journal, staging, messages, now } = this.#options;
    journal.settle(message.item.message, now());
    messages.remove(message);
    staging.clear(message.files);
  }

  #finish(message: InFlightMessage, report: () => void): void {
    const wasFinished = isFinished(message);
    report();
    if (wasFinished) return;
    this.#finishedCount += 1;
    for (const listener of this.#listeners) listener();
  }

  #report(
    { item, reported }: InFlightMessage,
    state: ReportState,
    { row, error }: { row?: ChatRow | undefined; error?: ReportItem['error'] } = {},
  ): void {
    if (reported.has(state)) return;
    reported.add(state);
    const { journal, outbox, now } = this.#options;
    const report: ReportItem = {
      message: item.message,
      lease: item.lease,
      state,
      at: new Date(now()).toISOString(),
      ...(row === undefined ? {} : { service: row.service, guid: row.guid }),
      ...(error === undefined ? {} : { error }),
    };
    if (journal.addReport(report)) outbox.report(report);
  }
}

/** Adds the number of parts that the recipient has despite the failure. */
function withSentParts({ parts }: InFlightMessage, problem: string): string {
  const sent = parts.filter(({ isSent }) => isSent).length;
  if (sent === 0 || sent === parts.length) return problem;
  return `${problem} ${sent} of ${parts.length} parts (attachments, then the text) were sent.`.trim();
}
