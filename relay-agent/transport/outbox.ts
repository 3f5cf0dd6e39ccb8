/**
 * Queues reports and inbound items until the broker acknowledges them.
 *
 * - Items keep their order, and survive reconnects.
 * - Unacknowledged frames are sent again after each welcome, and periodically until their `ack`.
 * - The queue is in memory. Items that must survive a restart are in the journal, and added again at the next start.
 */
import { FRAME_MAX_BYTES, type InboundItem, type ReportItem } from '../../shared/protocol.ts';
import type { After } from './transport.ts';

const REPEAT_MS = 10_000;
const ITEMS_MAX = 200;
/** Maximum number of leases in a hello. */
const LEASES_MAX = 10_000;
/** Leaves room for the frame's own fields. */
const ITEMS_MAX_BYTES = FRAME_MAX_BYTES - 1024;

export type OutboxFrame =
  | { type: 'report'; seq: number; items: ReportItem[] }
  | { type: 'inbound'; seq: number; items: InboundItem[] };

export interface OutboxOptions {
  after: After;
  repeatMs?: number;
}

/** Returns true for an item that exceeds the frame limit; it would block the items behind it. */
export function isTooLarge(item: ReportItem | InboundItem): boolean {
  return sizeOf(item) > ITEMS_MAX_BYTES;
}

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #unsent: { report: ReportItem[]; inbound: InboundItem[] } = { report: [], inbound: [] };
  readonly #unacknowledged = new Map<number, { frame: OutboxFrame; isOverdue: boolean }>();
  #nextSeq = 1;
  /** Sends a frame to the broker; undefined while there is no session. */
  #send: ((frame: OutboxFrame) => void) | undefined;
  #isFlushing = false;
  #cancelRepeat: (() => void) | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Number of items without an `ack`. */
  get size(): number {
    let size = this.#unsent.report.length + this.#unsent.inbound.length;
    for (const { frame } of this.#unacknowledged.values()) size += frame.items.length;
    return size;
  }

  report(item: ReportItem): void {
    this.#unsent.report.push(item);
    this.#flushSoon();
  }

  inbound(item: InboundItem): void {
    this.#unsent.inbound.push(item);
    this.#flushSoon();
  }

  /** Returns the leases for a hello: those of unacknowledged reports, and the given ones. */
  leases(inFlight: Iterable<string> = []): string[] {
    const leases = new Set(this.#unsent.report.map(({ lease }) => lease));
    for (const { frame } of this.#unacknowledged.values()) {
      if (frame.type === 'report') for (const { lease } of frame.items) leases.add(lease);
    }
    for (const lease of inFlight) leases.add(lease);
    return [...leases].slice(0, LEASES_MAX);
  }

  /** Call after the welcome of each session; sends every unacknowledged frame again. */
  connected(send: (frame: OutboxFrame) => void): void {
    this.#send = send;
    for (const { frame } of this.#unacknowledged.values()) send(frame);
    this.#flush(send);
    this.#scheduleRepeat(send);
  }

  disconnected(): void {
    this.#send = undefined;
    this.#cancelRepeat?.();
    this.#cancelRepeat = undefined;
  }

  /** Removes the frame that an `ack` is for, and returns it; undefined for an unknown or repeated `ack`. */
  acknowledged(of: OutboxFrame['type'], seq: number): OutboxFrame | undefined {
    const known = this.#unacknowledged.get(seq);
    if (known?.frame.type !== of) return undefined;
    this.#unacknowledged.delete(seq);
    return known.frame;
  }

  /** Items that are added in the same task share a frame. */
  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    queueMicrotask(() => {
      this.#isFlushing = false;
      if (this.#send !== undefined) this.#flush(this.#send);
    });
  }

  #flush(send: (frame: OutboxFrame) => void): void {
    while (this.#unsent.report.length > 0) {
      this.#sendFrame(send, { type: 'report', seq: this.#nextSeq++, items: takeBatch(this.#unsent.report) });
    }
    while (this.#unsent.inbound.length > 0) {
      this.#sendFrame(send, {
        type: 'inbound',
        seq: this.#nextSeq++,
        items: takeBatch(this.#unsent.inbound),
      });
    }
  }

  #sendFrame(send: (frame: OutboxFrame) => void, frame: OutboxFrame): void {
    this.#unacknowledged.set(frame.seq, { frame, isOverdue: false });
    send(frame);
  }

  /** Each tick sends the frames again that were unacknowledged at the tick before. */
  #scheduleRepeat(send: (frame: OutboxFrame) => void): void {
    this.#cancelRepeat?.();
    this.#cancelRepeat = this.#options.after(this.#options.repeatMs ?? REPEAT_MS, () => {
      for (const waiting of this.#unacknowledged.values()) {
        if (waiting.isOverdue) send(waiting.frame);
        waiting.isOverdue = true;
      }
      this.#scheduleRepeat(send);
    });
  }
}

function takeBatch<T extends ReportItem | InboundItem>(items: T[]): T[] {
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
