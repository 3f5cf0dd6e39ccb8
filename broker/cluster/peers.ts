/**
 * Follows which other brokers run on the database, and greets new ones.
 *
 * - A broker that joins waits at its start until each of the others has acknowledged it. Before that, the others write what
 *   they counted in memory. One that does not answer for 3 seconds has ended, or has noticed that it may not be alone.
 * - A broker is certainly alone only while its heartbeats find no other one.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { BrokerMessage } from '../core/model/broker-message.ts';

/** Longer than the time for which a heartbeat shows that a broker is alone. */
const ACKNOWLEDGED_MS = 3_000;
const CHECK_MS = 5;

export interface PeersOptions {
  brokerId: string;
  /** Sends to all brokers. */
  send: (message: BrokerMessage) => void;
  onFault: (error: unknown) => void;
  /** Time for which a heartbeat shows that the broker is alone. */
  currentForMs: number;
  /** The clock of `performance.now()`. */
  elapsed?: () => number;
}

export class Peers {
  readonly #options: PeersOptions;
  readonly #elapsed: () => number;
  readonly #joinListeners: Array<() => Promise<void>> = [];
  readonly #acknowledgedBy = new Set<string>();
  #ids: ReadonlySet<string> = new Set();
  /** When the latest message of a broker that joined was received. */
  #joinedAt = Number.NEGATIVE_INFINITY;
  /** When the first and the latest heartbeat were sent that found no other broker. */
  #alone: { since: number; until: number } | undefined;
  #hasSeen = false;

  constructor(options: PeersOptions) {
    this.#options = options;
    this.#elapsed = options.elapsed ?? (() => performance.now());
  }

  hasPeers(): boolean {
    return this.#hasSeen && this.#alone === undefined;
  }

  /** Returns the time for which the broker has certainly been alone; negative if it may not be alone. */
  aloneForMs(): number {
    const alone = this.#alone;
    const now = this.#elapsed();
    return alone === undefined || now - alone.until >= this.#options.currentForMs ? -1 : now - alone.since;
  }

  /** A broker that joined is acknowledged when the promise of each listener has settled. */
  onJoin(listener: () => Promise<void>): void {
    this.#joinListeners.push(listener);
  }

  /** Call with the other brokers that a heartbeat found, and with the time at which it was sent. */
  see(ids: ReadonlySet<string>, sentAt: number): void {
    const isFirst = !this.#hasSeen;
    this.#hasSeen = true;
    const before = this.#ids;
    this.#ids = ids;
    for (const id of ids) if (!before.has(id)) this.#greet(id);
    if (ids.size > 0) this.#alone = undefined;
    // The heartbeat may have been sent before the broker joined that sent the message.
    else if (sentAt > this.#joinedAt)
      this.#alone = { since: this.#aloneSince(sentAt, isFirst), until: sentAt };
  }

  /** Call with the message of a broker that joined. */
  joined(brokerId: string): void {
    this.#joinedAt = this.#elapsed();
    this.#alone = undefined;
    this.#greet(brokerId);
  }

  /** Call when a broker has acknowledged this one. */
  acknowledged(by: string): void {
    this.#acknowledgedBy.add(by);
  }

  /** Settles when each other broker has acknowledged this one, or has had the time for it. `ended`: has certainly ended. */
  async allAcknowledged(ended: string | undefined): Promise<void> {
    const until = this.#elapsed() + ACKNOWLEDGED_MS;
    const isOpen = (id: string) => id !== ended && !this.#acknowledgedBy.has(id);
    while ([...this.#ids].some(isOpen) && this.#elapsed() < until) await delay(CHECK_MS);
  }

  #aloneSince(sentAt: number, isFirst: boolean): number {
    if (isFirst) return Number.NEGATIVE_INFINITY;
    const alone = this.#alone;
    // After a pause: another broker may have run meanwhile.
    return alone === undefined || sentAt - alone.until >= this.#options.currentForMs ? sentAt : alone.since;
  }

  #greet(brokerId: string): void {
    Promise.all(this.#joinListeners.map((listener) => listener()))
      .then(() => this.#options.send({ kind: 'acknowledged', brokerId, by: this.#options.brokerId }))
      .catch(this.#options.onFault);
  }
}
