/** Notifies the dispatcher when a number whose pace was used up may continue. One timer serves all numbers. */

/** Maximum delay of one timer. */
const TIMER_MAX_MS = 60_000;

export interface ResumeTimerOptions {
  now: () => number;
  monotonicNow: () => number;
  after: (ms: number, run: () => void) => () => void;
  onDue: (numberId: string) => void;
}

export class ResumeTimer {
  readonly #options: ResumeTimerOptions;
  /** When each number may continue, on the monotonic clock. */
  readonly #times = new Map<string, number>();
  #timer: { at: number; cancel: () => void } | undefined;

  constructor(options: ResumeTimerOptions) {
    this.#options = options;
  }

  /** `at`: epoch ms. */
  add(numberId: string, at: number): void {
    const { now, monotonicNow } = this.#options;
    const due = monotonicNow() + at - now();
    this.#times.set(numberId, due);
    this.#schedule(due);
  }

  /** Notifies every number now. */
  endAll(): void {
    const numberIds = [...this.#times.keys()];
    this.stop();
    for (const numberId of numberIds) this.#options.onDue(numberId);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#times.clear();
  }

  #schedule(at: number): void {
    if (this.#timer !== undefined && this.#timer.at <= at) return;
    this.#timer?.cancel();
    const { monotonicNow, after } = this.#options;
    const wait = Math.min(TIMER_MAX_MS, Math.max(1, at - monotonicNow()));
    this.#timer = { at, cancel: after(wait, () => this.#run()) };
  }

  #run(): void {
    this.#timer = undefined;
    const now = this.#options.monotonicNow();
    const due = [...this.#times].filter(([, at]) => at <= now);
    for (const [numberId] of due) this.#times.delete(numberId);
    for (const at of this.#times.values()) this.#schedule(at);
    for (const [numberId] of due) this.#options.onDue(numberId);
  }
}
