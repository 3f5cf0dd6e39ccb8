/**
 * Reports the states of in-flight messages and actions to the broker, and settles them.
 *
 * - Each state of an item is reported once.
 * - A report is in the journal before it is in the outbox.
 * - An item that is sent or failed lets the next item of its conversation start.
 */

import type { KeyedQueue } from '../../shared/keyed-queue.ts';
import { isAction, type ReportItem, type ReportState } from '../../shared/protocol.ts';
import type { ChatRow } from '../chat-db/chat-row.ts';
import type { Journal } from '../journal/journal.ts';
import type { Outbox } from '../transport/outbox.ts';
import type { Staging } from './attachment-staging.ts';
import { conversationKey, type InFlightItem, idOf, isFinished, isGroup } from './in-flight-item.ts';
import type { InFlightItems } from './in-flight-items.ts';

export interface ItemReportsOptions {
  journal: Journal;
  outbox: Outbox;
  staging: Staging;
  items: InFlightItems;
  queue: KeyedQueue<InFlightItem>;
  now: () => number;
}

export interface Failure {
  code: string;
  problem: string;
  isRetryable?: boolean;
}

const PROBLEM_MAX_CHARACTERS = 900;

export class ItemReports {
  readonly #options: ItemReportsOptions;
  readonly #listeners: Array<() => void> = [];
  #finishedCount = 0;

  constructor(options: ItemReportsOptions) {
    this.#options = options;
  }

  /** Number of items that were reported as sent or failed since the start. */
  get finishedCount(): number {
    return this.#finishedCount;
  }

  onFinished(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Actions are only reported as sent or failed. */
  sending(item: InFlightItem): void {
    if (!isAction(item.item)) this.#report(item, 'sending');
  }

  sent(item: InFlightItem, row: ChatRow | undefined): void {
    this.#finish(item, () => {
      this.#report(item, 'sent', row === undefined ? {} : fieldsOf(item, row));
      this.#endTurn(item);
    });
  }

  /** Reports an action as carried out. `guid` is that of the reaction or the edit, `chat` that of the group. */
  carriedOut(
    item: InFlightItem,
    { guid, chat }: { guid?: string | undefined; chat?: string | undefined },
  ): void {
    this.#finish(item, () => {
      this.#report(item, 'sent', {
        ...(guid === undefined ? {} : { guid }),
        ...(chat === undefined || !isGroup(item.item) ? {} : { chat }),
      });
      this.settle(item);
      this.#endTurn(item);
    });
  }

  delivered(item: InFlightItem, row: ChatRow | undefined): void {
    this.#report(item, 'delivered', row === undefined ? {} : fieldsOf(item, row));
  }

  read(item: InFlightItem, row: ChatRow | undefined): void {
    this.#report(item, 'read', row === undefined ? {} : fieldsOf(item, row));
    this.settle(item);
  }

  failed(item: InFlightItem, { code, problem, isRetryable }: Failure): void {
    this.#finish(item, () => {
      this.#report(item, 'failed', {
        error: {
          code,
          message: withSentParts(item, problem).slice(0, PROBLEM_MAX_CHARACTERS),
          ...(isRetryable === undefined ? {} : { retryable: isRetryable }),
        },
      });
      // The row of an unconfirmed message may still appear.
      if (code !== 'unconfirmed' || isAction(item.item)) this.settle(item);
      this.#endTurn(item);
      item.wake();
    });
  }

  /** Stops tracking the item. */
  settle(item: InFlightItem): void {
    const { journal, staging, items, now } = this.#options;
    journal.settle(idOf(item), now());
    items.remove(item);
    staging.clear(item.files);
  }

  #endTurn(item: InFlightItem): void {
    this.#options.queue.end(conversationKey(item.item), item);
  }

  #finish(item: InFlightItem, report: () => void): void {
    const wasFinished = isFinished(item);
    report();
    if (wasFinished) return;
    this.#finishedCount += 1;
    for (const listener of this.#listeners) listener();
  }

  #report(
    { item, reported }: InFlightItem,
    state: ReportState,
    more: Partial<Pick<ReportItem, 'service' | 'guid' | 'chat' | 'error'>> = {},
  ): void {
    if (reported.has(state)) return;
    reported.add(state);
    const { journal, outbox, now } = this.#options;
    const report: ReportItem = {
      ...(isAction(item) ? { action: item.action } : { message: item.message }),
      lease: item.lease,
      state,
      at: new Date(now()).toISOString(),
      ...more,
    };
    if (journal.addReport(report)) outbox.report(report);
  }
}

/** The guid of the group names a group that the broker created. */
function fieldsOf({ item }: InFlightItem, { service, guid, chat }: ChatRow) {
  return { service, guid, ...(chat === undefined || !isGroup(item) ? {} : { chat }) };
}

/** Adds the number of parts that the recipient has despite the failure. */
function withSentParts({ parts }: InFlightItem, problem: string): string {
  const sent = parts.filter(({ isSent }) => isSent).length;
  if (sent === 0 || sent === parts.length) return problem;
  return `${problem} ${sent} of ${parts.length} parts (attachments, then the text) were sent.`.trim();
}
