/**
 * Queues the due deliveries of one webhook and limits its parallel requests. The limit grows with each successful
 * response and drops to one after a missing response, so a webhook that hangs uses little of the shared capacity.
 */
import type { DueDelivery } from '../../core/model/event.ts';

const INITIAL_LIMIT = 4;
const MAX_LIMIT = 32;
const READ_AHEAD = 192;

export class EndpointQueue {
  readonly #waiting: DueDelivery[] = [];
  /** Ids of queued and running deliveries. */
  readonly #known = new Set<string>();
  /** Ids of deliveries that ended while due deliveries were read. The read may return them again. */
  readonly #endedWhileReading = new Set<string>();
  #running = 0;
  #limit = INITIAL_LIMIT;

  isIdle(): boolean {
    return this.#known.size === 0;
  }

  /** Whether more deliveries should be read. */
  isLow(): boolean {
    return this.#waiting.length < this.#limit;
  }

  /** Returns the number of deliveries to read, including the known ones that the read returns again. */
  beginReading(): number {
    this.#endedWhileReading.clear();
    return READ_AHEAD + this.#known.size;
  }

  add(due: readonly DueDelivery[]): void {
    for (const one of due) {
      const { id } = one.delivery;
      if (this.#known.has(id) || this.#endedWhileReading.has(id)) continue;
      this.#known.add(id);
      this.#waiting.push(one);
    }
  }

  next(): DueDelivery | undefined {
    if (this.#running >= this.#limit) return undefined;
    const next = this.#waiting.shift();
    if (next !== undefined) this.#running += 1;
    return next;
  }

  /** Call when a request ended, with or without a response. */
  requestEnded(): void {
    this.#running -= 1;
  }

  /** Call when the result of a delivery is in the database. */
  done({ delivery }: DueDelivery): void {
    this.#known.delete(delivery.id);
    this.#endedWhileReading.add(delivery.id);
  }

  adjustLimit(result: 'success' | 'error' | 'no_response'): void {
    if (result === 'success') this.#limit = Math.min(MAX_LIMIT, this.#limit + 1);
    else if (result === 'no_response') this.#limit = 1;
  }
}
