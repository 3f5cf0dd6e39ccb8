/**
 * Tracks the messages of the scripted device, from `deliver` to the last report.
 *
 * - With a journal, a redelivered message is not sent again: its reports are repeated with the new lease. A message
 *   that has not begun begins.
 * - Without a journal, the device identifies messages by their lease and sends every delivery, like a phone.
 */

import type { InFlightTracker } from '../../relay-agent/device-client.ts';
import type { Outbox } from '../../relay-agent/transport/outbox.ts';
import type { After } from '../../relay-agent/transport/transport.ts';
import type { DeliverItem, InboundItem, ReportItem, ReportState } from '../../shared/protocol.ts';
import type { Journal } from './journal.ts';
import { type Script, statesAfterSending } from './script.ts';

interface Entry {
  item: DeliverItem;
  reports: ReportItem[];
  unacknowledged: Set<ReportState>;
  cancelSending: (() => void) | undefined;
}

export interface ScriptedTrackerOptions {
  outbox: Outbox;
  script: Script;
  /** Undefined: the device has no journal. */
  journal: Journal | undefined;
  after: After;
  now: () => number;
}

export class ScriptedTracker implements InFlightTracker {
  readonly #options: ScriptedTrackerOptions;
  readonly #entries = new Map<string, Entry>();
  /** Entries of this process that are not settled. */
  readonly #inFlight = new Set<Entry>();
  /** Keys of settled entries of this process whose reports are all acknowledged. */
  readonly #finished = new Set<string>();
  readonly #listeners: Array<() => void> = [];
  #settledCount = 0;

  constructor(options: ScriptedTrackerOptions) {
    this.#options = options;
    this.#restore();
  }

  get inFlightCount(): number {
    return this.#inFlight.size;
  }

  get settledCount(): number {
    return this.#settledCount;
  }

  get finishedCount(): number {
    return this.#finished.size;
  }

  inFlightLeases(): string[] {
    return this.#options.outbox.leases([...this.#inFlight].map(({ item }) => item.lease));
  }

  onSettled(listener: () => void): void {
    this.#listeners.push(listener);
  }

  take(item: DeliverItem): void {
    this.#options.journal?.append({ kind: 'taken', item });
    const entry = this.#entries.get(this.#keyOf(item));
    if (entry === undefined) {
      this.#begin(this.#add(item));
      return;
    }
    entry.item = item;
    entry.reports = entry.reports.map((report) => ({ ...report, lease: item.lease }));
    for (const report of entry.reports) this.#sendReport(entry, report);
    if (!this.#isSettled(entry) && entry.cancelSending === undefined) this.#begin(entry);
  }

  cancel(request: { message: string; lease: string }): void {
    if (this.#options.script.isSilent) return;
    const entry = this.#entries.get(this.#keyOf(request));
    if (entry === undefined) {
      this.#options.outbox.report({ ...request, state: 'failed', error: CANCELLED });
      return;
    }
    const sent = entry.reports.find(({ state }) => state === 'sent');
    if (sent !== undefined) this.#sendReport(entry, sent);
    else if (!this.#isSettled(entry)) {
      entry.cancelSending?.();
      this.#report(entry, 'failed', CANCELLED);
      this.#settle(entry);
    }
  }

  acknowledged(items: readonly ReportItem[]): void {
    for (const { message, lease, state } of items) {
      const key = this.#keyOf({ message, lease });
      const entry = this.#entries.get(key);
      if (!entry?.unacknowledged.delete(state)) continue;
      this.#options.journal?.append({ kind: 'acknowledged', message, state });
      if (this.#isSettled(entry) && entry.unacknowledged.size === 0) this.#finished.add(key);
    }
  }

  /** Reports a received text. */
  receive(item: InboundItem): void {
    this.#options.journal?.append({ kind: 'text', item });
    this.#options.outbox.inbound(item);
  }

  inboundAcknowledged(items: readonly InboundItem[]): void {
    for (const { guid } of items) this.#options.journal?.append({ kind: 'text_acknowledged', guid });
  }

  stop(): void {
    for (const entry of this.#inFlight) entry.cancelSending?.();
    this.#options.journal?.close();
  }

  #begin(entry: Entry): void {
    const { script, after } = this.#options;
    this.#inFlight.add(entry);
    if (script.isSilent) return;
    if (!hasReached(entry, 'sending')) this.#report(entry, 'sending');
    if (script.delayMs === 0) this.#send(entry);
    else entry.cancelSending = after(script.delayMs, () => this.#send(entry));
  }

  #send(entry: Entry): void {
    const { script } = this.#options;
    for (const state of statesAfterSending(script)) {
      if (hasReached(entry, state)) continue;
      this.#report(
        entry,
        state,
        state === 'failed' ? { code: script.failsWith ?? 'device_error', message: '' } : undefined,
      );
      if (state === 'sent' && script.isEchoing) this.receive(this.#echoOf(entry.item));
    }
    this.#settle(entry);
  }

  #settle(entry: Entry): void {
    entry.cancelSending = undefined;
    this.#inFlight.delete(entry);
    this.#settledCount += 1;
    for (const listener of this.#listeners) listener();
  }

  #report(entry: Entry, state: ReportState, error?: ReportItem['error']): void {
    const { message, lease, service } = entry.item;
    const report: ReportItem = {
      message,
      lease,
      state,
      at: this.#time(),
      ...(state === 'sent' || state === 'delivered' || state === 'read'
        ? { service: service === 'sms' ? 'SMS' : 'iMessage', guid: `device-${message}` }
        : {}),
      ...(error === undefined ? {} : { error }),
    };
    this.#options.journal?.append({ kind: 'reported', report });
    entry.reports.push(report);
    this.#sendReport(entry, report);
  }

  #sendReport(entry: Entry, report: ReportItem): void {
    entry.unacknowledged.add(report.state);
    this.#options.outbox.report(report);
  }

  #echoOf({ message, to, from, text, service }: DeliverItem): InboundItem {
    return {
      guid: `echo-${message}`,
      from: to,
      to: from,
      service: service === 'sms' ? 'SMS' : 'iMessage',
      text: `echo: ${text}`,
      media: [],
      sent_at: this.#time(),
      from_me: false,
    };
  }

  /** Restores the state of the last process. Sent messages continue; the others wait for their redelivery. */
  #restore(): void {
    const { journal, outbox } = this.#options;
    const texts = new Map<string, InboundItem>();
    for (const line of journal?.lines ?? []) {
      switch (line.kind) {
        case 'taken': {
          const known = this.#entries.get(line.item.message);
          if (known === undefined) this.#add(line.item);
          else known.item = line.item;
          break;
        }
        case 'reported': {
          const entry = this.#entries.get(line.report.message);
          entry?.reports.push(line.report);
          entry?.unacknowledged.add(line.report.state);
          break;
        }
        case 'acknowledged':
          this.#entries.get(line.message)?.unacknowledged.delete(line.state);
          break;
        case 'text':
          texts.set(line.item.guid, line.item);
          break;
        case 'text_acknowledged':
          texts.delete(line.guid);
          break;
      }
    }
    for (const entry of this.#entries.values()) {
      const { lease } = entry.item;
      entry.reports = entry.reports.map((report) => ({ ...report, lease }));
      for (const report of entry.reports) if (entry.unacknowledged.has(report.state)) outbox.report(report);
      if (hasReached(entry, 'sent') && !this.#isSettled(entry)) this.#send(entry);
    }
    for (const item of texts.values()) outbox.inbound(item);
  }

  #add(item: DeliverItem): Entry {
    const entry: Entry = { item, reports: [], unacknowledged: new Set(), cancelSending: undefined };
    this.#entries.set(this.#keyOf(item), entry);
    return entry;
  }

  #keyOf({ message, lease }: { message: string; lease: string }): string {
    return this.#options.journal === undefined ? lease : message;
  }

  #isSettled(entry: Entry): boolean {
    if (hasReached(entry, 'failed')) return true;
    return statesAfterSending(this.#options.script).every((state) => hasReached(entry, state));
  }

  #time(): string {
    return new Date(this.#options.now()).toISOString();
  }
}

const CANCELLED = { code: 'cancelled', message: '' };

function hasReached({ reports }: Entry, wanted: ReportState): boolean {
  return reports.some(({ state }) => state === wanted);
}
