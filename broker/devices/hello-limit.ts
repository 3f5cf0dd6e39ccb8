/** Limits the hello frames of a session: each one reads the leases of the device and starts a dispatch. */
const HELLOS_MAX = 10;
const WINDOW_MS = 60_000;

export class HelloLimit {
  readonly #monotonicNow: () => number;
  /** Times of the latest hello frames. */
  #times: number[] = [];

  constructor(monotonicNow: () => number) {
    this.#monotonicNow = monotonicNow;
  }

  take(): boolean {
    const now = this.#monotonicNow();
    this.#times = this.#times.filter((at) => now - at < WINDOW_MS);
    this.#times.push(now);
    return this.#times.length <= HELLOS_MAX;
  }
}
