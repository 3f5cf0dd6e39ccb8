/**
 * Tracks the messages and actions of the scripted device, from `deliver` or `act` to the last report.
 *
 * - With a journal, a redelivered message is not sent again: its reports are repeated with the new lease. A message
 *   that has not begun begins.
 * - Without a journal, the device identifies messages by their lease and sends every delivery, like a phone.
 */

import type { InFlightTracker } from '../../relay-agent/device-client.ts';
import type { Outbox } from '../../relay-agent/transport/outbox.ts';
import type { After } from '../../relay-agent/transport/transport.ts';
import type { ActItem, DeliverItem, InboundItem, ReportItem, ReportState } from '../../shared/protocol.ts';
import type { Journal } from './journal.ts';
import type { Script } from './script.ts';
import {
  echoOf,
  firstStates,
  idOf,
  idOfReport,
  lastStates,
  reportOf,
  type ScriptedItem,
} from './scripted-item.ts';

interface Entry {
  item: ScriptedItem;
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
    this.#take(item);
  }

  act(item: ActItem): void {
    this.#options.journal?.append({ kind: 'action_taken', item });
    this.#take(item);
  }

  cancel({ message, lease }: { message: string; lease: string }): void {
    const isKnown = this.#cancel({ id: message, lease });
    if (!isKnown) this.#options.outbox.report({ message, lease, state: 'failed', error: CANCELLED });
  }

  cancelAction({ action, lease }: { action: string; lease: string }): void {
    const isKnown = this.#cancel({ id: action, lease });
    if (!isKnown) this.#options.outbox.report({ action, lease, state: 'failed', error: CANCELLED });
  }

  acknowledged(items: readonly ReportItem[]): void {
    for (const report of items) {
      const { lease, state } = report;
      const id = idOfReport(report);
      const key = this.#keyOf({ id, lease });
      const entry = this.#entries.get(key);
      if (!entry?.unacknowledged.delete(state)) continue;
      this.#options.journal?.append({ kind: 'acknowledged', message: id, state });
      if (this.#isSettled(entry) && entry.unacknowledged.size === 0) this.#finished.add(key);
    }
  }

  /** Reports a received text. Typing is worthless after a restart, so the journal omits it. */
  receive(item: InboundItem): void {
    if (item.typing === undefined) this.#options.journal?.append({ kind: 'text', item });
    this.#options.outbox.inbound(item);
  }

  inboundAcknowledged(items: readonly InboundItem[]): void {
    for (const { guid } of items) this.#options.journal?.append({ kind: 'text_acknowledged', guid });
  }

  stop(): void {
    for (const entry of this.#inFlight) entry.cancelSending?.();
    this.#options.journal?.close();
  }

  #take(item: ScriptedItem): void {
    const entry = this.#entries.get(this.#keyOfItem(item));
    if (entry === undefined) {
      this.#begin(this.#add(item));
      return;
    }
    entry.item = item;
    entry.reports = entry.reports.map((report) => ({ ...report, lease: item.lease }));
    for (const report of entry.reports) this.#sendReport(entry, report);
    if (!this.#isSettled(entry) && entry.cancelSending === undefined) this.#begin(entry);
  }

  /** Returns false for an unknown message or action. */
  #cancel(request: { id: string; lease: string }): boolean {
    if (this.#options.script.isSilent) return true;
    const entry = this.#entries.get(this.#keyOf(request));
    if (entry === undefined) return false;
    const sent = entry.reports.find(({ state }) => state === 'sent');
    if (sent !== undefined) this.#sendReport(entry, sent);
    else if (!this.#isSettled(entry)) {
      entry.cancelSending?.();
      this.#report(entry, 'failed', CANCELLED);
      this.#settle(entry);
    }
    return true;
  }

  #begin(entry: Entry): void {
    const { script, after } = this.#options;
    this.#inFlight.add(entry);
    if (script.isSilent) return;
    for (const state of firstStates(entry.item)) {
      if (!hasReached(entry, state)) this.#report(entry, state);
    }
    if (script.delayMs === 0) this.#send(entry);
    else entry.cancelSending = after(script.delayMs, () => this.#send(entry));
  }

  #send(entry: Entry): void {
    const { script } = this.#options;
    for (const state of lastStates(entry.item, script)) {
      if (hasReached(entry, state)) continue;
      this.#report(
        entry,
        state,
        state === 'failed' ? { code: script.failsWith ?? 'device_error', message: '' } : undefined,
      );
      const echo = state === 'sent' && script.isEchoing ? echoOf(entry.item, this.#time()) : undefined;
      if (echo !== undefined) this.receive(echo);
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
    const report = reportOf(entry.item, state, this.#time(), error);
    this.#options.journal?.append({ kind: 'reported', report });
    entry.reports.push(report);
    this.#sendReport(entry, report);
  }

  #sendReport(entry: Entry, report: ReportItem): void {
    entry.unacknowledged.add(report.state);
    this.#options.outbox.report(report);
  }

  /** Restores the state of the last process. Sent messages continue; the others wait for their redelivery. */
  #restore(): void {
    const { journal, outbox } = this.#options;
    const texts = new Map<string, InboundItem>();
    for (const line of journal?.lines ?? []) {
      switch (line.kind) {
        case 'taken':
        case 'action_taken': {
          const known = this.#entries.get(idOf(line.item));
          if (known === undefined) this.#add(line.item);
          else known.item = line.item;
          break;
        }
        case 'reported': {
          const entry = this.#entries.get(idOfReport(line.report));
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

  #add(item: ScriptedItem): Entry {
    const entry: Entry = { item, reports: [], unacknowledged: new Set(), cancelSending: undefined };
    this.#entries.set(this.#keyOfItem(item), entry);
    return entry;
  }

  #keyOf({ id, lease }: { id: string; lease: string }): string {
    return this.#options.journal === undefined ? lease : id;
  }

  #keyOfItem(item: ScriptedItem): string {
    return this.#keyOf({ id: idOf(item), lease: item.lease });
  }

  #isSettled(entry: Entry): boolean {
    if (hasReached(entry, 'failed')) return true;
    return lastStates(entry.item, this.#options.script).every((state) => hasReached(entry, state));
  }

  #time(): string {
    return new Date(this.#options.now()).toISOString();
  }
}

const CANCELLED = { code: 'cancelled', message: '' };

function hasReached({ reports }: Entry, wanted: ReportState): boolean {
  return reports.some(({ state }) => state === wanted);
}
