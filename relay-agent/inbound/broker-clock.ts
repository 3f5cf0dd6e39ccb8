/**
 * Estimates the broker's clock. After the first welcome it advances with the monotonic clock, so that changes of
 * the wall clock have no effect; before, the stored offset to the wall clock is used.
 */
import type { Journal } from '../journal/journal.ts';

export interface BrokerClockOptions {
  journal: Pick<Journal, 'mark' | 'setMark'>;
  now: () => number;
  monotonicNow: () => number;
}

export class BrokerClock {
  readonly #options: BrokerClockOptions;
  readonly #startedAt: number;
  /** The broker's clock minus this clock, in milliseconds. */
  #offset: number | undefined;
  #reference: { brokerTime: number; monotonicTime: number } | undefined;
  #pairedAt: number | undefined;

  constructor(options: BrokerClockOptions) {
    this.#options = options;
    this.#startedAt = options.monotonicNow();
    this.#offset = options.journal.mark('clock_offset');
    this.#pairedAt = options.journal.mark('paired_at');
  }

  get isSet(): boolean {
    return this.#offset !== undefined && this.#pairedAt !== undefined;
  }

  /** The first start of the agent, by the broker's clock (epoch ms); undefined before the first `set`. */
  get pairedAt(): number | undefined {
    return this.#pairedAt;
  }

  /** Sets the broker's time, epoch ms. */
  set(brokerTime: number): void {
    const { journal, now, monotonicNow } = this.#options;
    this.#offset = brokerTime - now();
    this.#reference = { brokerTime, monotonicTime: monotonicNow() };
    journal.setMark('clock_offset', this.#offset);
    if (this.#pairedAt !== undefined) return;
    this.#pairedAt = Math.round(brokerTime - (monotonicNow() - this.#startedAt));
    journal.setMark('paired_at', this.#pairedAt);
  }

  /** The broker's time, epoch ms. */
  now(): number {
    const { now, monotonicNow } = this.#options;
    if (this.#reference === undefined) return now() + (this.#offset ?? 0);
    return Math.round(this.#reference.brokerTime + (monotonicNow() - this.#reference.monotonicTime));
  }
}
