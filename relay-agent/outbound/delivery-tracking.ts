/**
 * Follows sent messages and actions in chat.db and reports their states.
 *
 *   sending ──all rows sent──▶ sent ──all delivered──▶ delivered ──all read──▶ read (settled)
 *      │  ├──a row has an error──▶ failed (settled)
 *      │  └──error 22, SMS allowed, for 2 s──▶ the part is sent again by SMS
 *      └──no row within `confirmMs`, or not sent within a day──▶ failed as `unconfirmed`
 *
 * An action is settled as `sent` when chat.db shows its result, and fails as `unconfirmed` after `confirmMs`. An empty row in
 * place of a group message is a failure; the message is sent again to the other guid of the group.
 *
 * A row of an unconfirmed message that appears later still leads to `sent`. A day after its last send attempt a
 * message is settled in any state.
 */

import type { KeyedQueue } from '../../shared/keyed-queue.ts';
import { type ActItem, isAction } from '../../shared/protocol.ts';
import type { ChatDatabase } from '../chat-db/chat-database.ts';
import type { ChatRow } from '../chat-db/chat-row.ts';
import type { Journal } from '../journal/journal.ts';
import type { Staging } from './attachment-staging.ts';
import { isCarriedOut, reportGuidOf } from './changes.ts';
import {
  conversationKey,
  type InFlightItem,
  type ItemPart,
  idOf,
  isFinished,
  waitingSinceOf,
} from './in-flight-item.ts';
import type { InFlightItems } from './in-flight-items.ts';
import type { ItemReports } from './item-reports.ts';
import { isGhostRow } from './row-matching.ts';

export interface DeliveryTrackingOptions {
  journal: Journal;
  chat: ChatDatabase;
  staging: Staging;
  items: InFlightItems;
  queue: KeyedQueue<InFlightItem>;
  reports: ItemReports;
  now: () => number;
  monotonicNow: () => number;
  /** Maximum time for a row to appear after the send, in milliseconds. */
  confirmMs: number;
  hasSmsFallback: boolean;
  onProblem(problem: string, id: string): void;
}

/** Time in which a sent message may still be delivered, read or fail. */
export const FOLLOW_MS = 24 * 60 * 60 * 1000;
/** Younger messages are polled at each change of chat.db. */
const RECENT_MS = 10 * 60 * 1000;
const OLDER_BATCH = 200;
/** Time in which Messages may fall back to SMS by itself. After this time the agent sends the SMS. */
const FALLBACK_AFTER_MS = 2_000;
/** Time in which Messages may complete the row of a group message. */
const GHOST_AFTER_MS = 1_000;
/** One attempt for each guid of a group: `iMessage;+;…` and `any;+;…`. */
const GROUP_ATTEMPTS_MAX = 2;
const GHOST_PROBLEM =
  'Messages did not send to the group: it wrote an empty row, which AppleScript causes on macOS 26. Open the group in ' +
  'Messages once, or install imsg with its bridge.';
/** Error code of Messages for a recipient without iMessage. */
const UNREACHABLE = 22;

export class DeliveryTracking {
  readonly #options: DeliveryTrackingOptions;

  constructor(options: DeliveryTrackingOptions) {
    this.#options = options;
  }

  /** Reads the rows of recent items. Call when chat.db has changed. */
  poll(): void {
    const { items } = this.#options;
    for (const inFlight of items.recent()) this.#follow(inFlight);
    items.startRound();
  }

  /** Applies timeouts, and reads the rows of some older items. Call about once a second. */
  tick(): void {
    const { items, reports, monotonicNow } = this.#options;
    for (const inFlight of items.recent()) {
      if (!isFinished(inFlight)) this.#applyTimeouts(inFlight);
      this.#ageIfOld(inFlight);
    }
    for (const inFlight of items.nextOlder(OLDER_BATCH)) {
      this.#follow(inFlight);
      if (monotonicNow() - waitingSinceOf(inFlight) > FOLLOW_MS) reports.settle(inFlight);
    }
  }

  #follow(inFlight: InFlightItem): void {
    if (isAction(inFlight.item)) this.#followAction(inFlight, inFlight.item);
    else this.#followMessage(inFlight);
  }

  #followMessage(inFlight: InFlightItem): void {
    const rows: ChatRow[] = [];
    for (const part of inFlight.parts) {
      const row = part.guid === undefined ? undefined : this.#options.chat.find(part.guid);
      if (row === undefined) continue;
      rows.push(row);
      if (row.error !== 0) {
        this.#followError(inFlight, part, row);
        return;
      }
      part.unreachableSince = undefined;
      if (!row.isSent || part.isSent) continue;
      part.isSent = true;
      inFlight.wake();
    }
    if (rows.length === inFlight.parts.length && rows.every(({ isSent }) => isSent)) {
      this.#reportSent(inFlight, rows);
    }
  }

  #reportSent(inFlight: InFlightItem, rows: readonly ChatRow[]): void {
    const { reports } = this.#options;
    // Replies and reactions refer to the text.
    const text = inFlight.parts.findIndex(({ kind }) => kind === 'text');
    const row = rows.at(text);
    reports.sent(inFlight, row);
    if (rows.every(({ deliveredAt }) => deliveredAt !== undefined)) reports.delivered(inFlight, row);
    if (rows.every(({ readAt }) => readAt !== undefined)) reports.read(inFlight, row);
  }

  /** A reaction is matched by its row; another action is carried out when chat.db shows its result. */
  #followAction(inFlight: InFlightItem, item: ActItem): void {
    const { journal, chat, reports } = this.#options;
    const [part] = inFlight.parts;
    if (part === undefined || part.step === 'taken' || isFinished(inFlight)) return;
    if (part.step === 'matched') {
      const row = part.guid === undefined ? undefined : chat.find(part.guid);
      if (row !== undefined && row.error !== 0) {
        reports.failed(inFlight, { code: 'device_error', problem: errorProblem(row) });
      } else if (row === undefined || row.isSent)
        reports.carriedOut(inFlight, { guid: part.guid, chat: part.chat });
      return;
    }
    if (!isCarriedOut(this.#options, item)) return;
    const guid = reportGuidOf(this.#options, item);
    // The inbound reader skips the change that has this guid.
    if (guid !== undefined) journal.markMatched(item.action, part.index, guid);
    reports.carriedOut(inFlight, { guid, chat: part.chat });
  }

  #followError(inFlight: InFlightItem, part: ItemPart, row: ChatRow): void {
    const { reports, hasSmsFallback, monotonicNow } = this.#options;
    const { item } = inFlight;
    const isUnreachable = row.error === UNREACHABLE;
    const mayFallBack =
      isUnreachable &&
      hasSmsFallback &&
      !isAction(item) &&
      item.to !== undefined &&
      item.service === 'auto' &&
      part.service === 'imessage' &&
      row.service === 'iMessage' &&
      !row.isDowngraded &&
      !isFinished(inFlight);
    if (mayFallBack) part.unreachableSince ??= monotonicNow();
    else if (isUnreachable) reports.failed(inFlight, { code: 'recipient_unreachable', problem: '' });
    else reports.failed(inFlight, { code: 'device_error', problem: errorProblem(row) });
  }

  #applyTimeouts(inFlight: InFlightItem): void {
    const { queue, reports, monotonicNow, confirmMs } = this.#options;
    const part = inFlight.parts.find(({ isSent, step }) => !isSent && step !== 'taken');
    if (part === undefined) return;
    if (part.unreachableSince !== undefined) {
      if (monotonicNow() - part.unreachableSince >= FALLBACK_AFTER_MS) this.#fallBackToSms(inFlight, part);
      return;
    }
    if (part.ghost !== undefined && monotonicNow() - part.ghost.since >= GHOST_AFTER_MS) {
      this.#followGhost(inFlight, part, part.ghost.guid);
      return;
    }
    const waitedMs = monotonicNow() - part.waitingSince;
    if (waitedMs <= confirmMs) return;
    if (part.step !== 'matched') {
      const problem = isAction(inFlight.item)
        ? 'Messages does not show the change; it may have been carried out.'
        : 'The message did not appear in chat.db in time; it may have been sent.';
      reports.failed(inFlight, { code: 'unconfirmed', problem });
    } else if (waitedMs > FOLLOW_MS) {
      const problem = 'Messages has not sent the message within a day.';
      reports.failed(inFlight, { code: 'unconfirmed', problem });
    } else {
      // Messages is still sending; the next messages to this recipient do not wait any longer.
      queue.end(conversationKey(inFlight.item), inFlight);
    }
  }

  #ageIfOld(inFlight: InFlightItem): void {
    const { staging, items, monotonicNow } = this.#options;
    if (!isFinished(inFlight) || monotonicNow() - waitingSinceOf(inFlight) <= RECENT_MS) return;
    items.age(inFlight);
    // Messages has its own copy of the files after this time.
    staging.clear(inFlight.files.splice(0));
  }

  #fallBackToSms(inFlight: InFlightItem, part: ItemPart): void {
    const { onProblem } = this.#options;
    onProblem('The recipient is not reachable by iMessage; sending as SMS', idOf(inFlight));
    this.#sendAgain(inFlight, part, 'sms');
  }

  /** Messages may complete an empty row; only a row that stays empty shows a failed send. */
  #followGhost(inFlight: InFlightItem, part: ItemPart, guid: string): void {
    const { chat, reports, onProblem } = this.#options;
    const row = chat.find(guid);
    if (row === undefined || !isGhostRow(row)) {
      part.ghost = undefined;
    } else if (part.attempts < GROUP_ATTEMPTS_MAX) {
      onProblem(
        'Messages wrote an empty row for a group; sending to the other guid of the group',
        idOf(inFlight),
      );
      this.#sendAgain(inFlight, part, part.service);
    } else {
      reports.failed(inFlight, { code: 'device_error', problem: GHOST_PROBLEM });
    }
  }

  #sendAgain(inFlight: InFlightItem, part: ItemPart, service: ItemPart['service']): void {
    const { journal, now } = this.#options;
    journal.retryPart(idOf(inFlight), part.index, service, now());
    Object.assign(part, {
      step: 'taken',
      service,
      guid: undefined,
      unreachableSince: undefined,
      ghost: undefined,
    });
    inFlight.wake();
  }
}

function errorProblem({ error }: ChatRow): string {
  return `Messages reports error ${error}.`;
}
