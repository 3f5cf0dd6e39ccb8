/**
 * What the device has to tell and the broker has not acknowledged: reports and inbound items. They are kept
 * through any number of connections and said again after each welcome and every so often, in the order in
 * which they were put in, until their `ack`. It lives in memory: what must outlive the process is in the
 * device's journal and put in again at the next start.
 */
import { FRAME_MAX_BYTES, type InboundItem, type ReportItem } from '../../shared/protocol.ts';
import type { After } from './transport.ts';

const REPEAT_MS = 10_000;
const ITEMS_MAX = 200;
/** As many as a hello may name. */
const LEASES_MAX = 10_000;
/** Leaves room for the frame's own braces and names. */
const ITEMS_MAX_BYTES = FRAME_MAX_BYTES - 1024;

export type OutboxFrame =
  | { type: 'report'; seq: number; items: ReportItem[] }
  | { type: 'inbound'; seq: number; items: InboundItem[] };

export interface OutboxOptions {
  send(frame: OutboxFrame): void;
  onAcknowledged(frame: OutboxFrame): void;
  after: After;
  repeatMs?: number;
}

/** True for an item that no frame can carry; putting it in would block what comes after it. */
export function isTooLarge(item: ReportItem | InboundItem): boolean {
  return sizeOf(item) > ITEMS_MAX_BYTES;
}

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #fresh: { report: ReportItem[]; inbound: InboundItem[] } = { report: [], inbound: [] };
  readonly #unacknowledged = new Map<number, { frame: OutboxFrame; isOverdue: boolean }>();
  #nextSeq = 1;
  #isConnected = false;
  #isFlushing = false;
  #cancelRepeat: (() => void) | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** How many items wait for their ack. */
  get size(): number {
    let size = this.#fresh.report.length + this.#fresh.inbound.length;
    for (const { frame } of this.#unacknowledged.values()) size += frame.items.length;
    return size;
  }

  report(item: ReportItem): void {
    this.#fresh.report.push(item);
    this.#flushSoon();
  }

  inbound(item: InboundItem): void {
    this.#fresh.inbound.push(item);
    this.#flushSoon();
  }

  /** What a hello names as held: these leases, and those that reports which wait are about. */
  leases(open: Iterable<string> = []): string[] {
    const leases = new Set(this.#fresh.report.map(({ lease }) => lease));
    for (const { frame } of this.#unacknowledged.values()) {
      if (frame.type === 'report') for (const { lease } of frame.items) leases.add(lease);
    }
    for (const lease of open) leases.add(lease);
    return [...leases].slice(0, LEASES_MAX);
  }

  /** The broker said welcome: it hears everything that it has not acknowledged, again. */
  connected(): void {
    this.#isConnected = true;
    for (const { frame } of this.#unacknowledged.values()) this.#options.send(frame);
    this.#flush();
    this.#repeatLater();
  }

  disconnected(): void {
    this.#isConnected = false;
    this.#cancelRepeat?.();
    this.#cancelRepeat = undefined;
  }

  acknowledged(of: OutboxFrame['type'], seq: number): void {
    const known = this.#unacknowledged.get(seq);
    if (known?.frame.type !== of) return;
    this.#unacknowledged.delete(seq);
    this.#options.onAcknowledged(known.frame);
  }

  /** Items of one turn go out in one frame. */
  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    queueMicrotask(() => {
      this.#isFlushing = false;
      if (this.#isConnected) this.#flush();
    });
  }

  #flush(): void {
    while (this.#fresh.report.length > 0) {
      this.#say({ type: 'report', seq: this.#nextSeq++, items: takeFitting(this.#fresh.report) });
    }
    while (this.#fresh.inbound.length > 0) {
      this.#say({ type: 'inbound', seq: this.#nextSeq++, items: takeFitting(this.#fresh.inbound) });
    }
  }

  #say(frame: OutboxFrame): void {
    this.#unacknowledged.set(frame.seq, { frame, isOverdue: false });
    this.#options.send(frame);
  }

  /** What was already there at the last look is said again. */
  #repeatLater(): void {
    this.#cancelRepeat?.();
    this.#cancelRepeat = this.#options.after(this.#options.repeatMs ?? REPEAT_MS, () => {
      for (const waiting of this.#unacknowledged.values()) {
        if (waiting.isOverdue) this.#options.send(waiting.frame);
        waiting.isOverdue = true;
      }
      this.#repeatLater();
    });
  }
}

function takeFitting<T extends ReportItem | InboundItem>(items: T[]): T[] {
  let count = 0;
  let bytes = 0;
  for (const item of items.slice(0, ITEMS_MAX)) {
    bytes += sizeOf(item) + 1;
    if (bytes > ITEMS_MAX_BYTES && count > 0) break;
    count += 1;
  }
  return items.splice(0, count);
}

function sizeOf(item: ReportItem | InboundItem): number {
  return Buffer.byteLength(JSON.stringify(item));
}
