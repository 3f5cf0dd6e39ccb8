/**
 * Follows the clock of the database server, so that all brokers on it have the same time, whatever the clocks of their
 * machines show. Between two readings it advances with the monotonic clock of the process.
 */

/** Larger differences are steps of the server's clock; smaller ones are corrected gradually. */
const STEP_MS = 1_000;
const CORRECTION = 0.2;
/** A reading that took longer than the best one by this much is not exact. */
const ROUND_TRIP_SPARE_MS = 5;

export interface ServerClockOptions {
  /** Milliseconds on the clock of `performance.now()`. */
  elapsed?: () => number;
}

export class ServerClock {
  readonly #elapsed: () => number;
  /** Server time at the start of `elapsed`, epoch ms. */
  #base: number;
  #monotonicBase: number | undefined;
  #bestRoundTrip = Number.POSITIVE_INFINITY;

  constructor({ elapsed = () => performance.now() }: ServerClockOptions = {}) {
    this.#elapsed = elapsed;
    this.#base = Date.now() - elapsed();
  }

  /** Epoch ms. */
  readonly now = (): number => Math.round(this.#base + this.#elapsed());

  /** Milliseconds on a clock that is never set. It starts at the time of the server. */
  readonly monotonicNow = (): number => Math.floor((this.#monotonicBase ?? this.#base) + this.#elapsed());

  /** `serverTime`: epoch ms, read between `sentAt` and `receivedAt` on the clock of `elapsed`. */
  align(serverTime: number, sentAt: number, receivedAt: number): void {
    const roundTrip = receivedAt - sentAt;
    const base = serverTime - (sentAt + receivedAt) / 2;
    if (this.#monotonicBase === undefined) {
      this.#base = base;
      this.#monotonicBase = base;
      this.#bestRoundTrip = roundTrip;
      return;
    }
    const difference = base - this.#base;
    if (Math.abs(difference) >= STEP_MS + roundTrip) this.#base = base;
    else if (roundTrip <= this.#bestRoundTrip + ROUND_TRIP_SPARE_MS) this.#base += CORRECTION * difference;
    this.#bestRoundTrip = Math.min(roundTrip, this.#bestRoundTrip * 1.01);
  }
}
