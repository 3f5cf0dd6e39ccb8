/** Notifies the dispatcher when a number whose pace was used up may continue. One timer serves all numbers. */

/** Limits each timer, so that a change of the system clock has a bounded effect. */
const TIMER_MAX_MS = 60_000;

export interface ResumeTimerOptions {
  now: () => number;
  after: (ms: number, run: () => void) => () => void;
  onDue: (numberId: string) => void;
}

export class ResumeTimer {
  readonly #options: ResumeTimerOptions;
  /** When each number may continue (epoch ms). */
  readonly #times = new Map<string, number>();
  #timer: { at: number; cancel: () => void } | undefined;

  constructor(options: ResumeTimerOptions) {
    this.#options = options;
  }

  add(numberId: string, at: number): void {
    this.#times.set(numberId, at);
    if (this.#timer !== undefined && this.#timer.at <= at) return;
    this.#timer?.cancel();
    const { now, after } = this.#options;
    const wait = Math.min(TIMER_MAX_MS, Math.max(1, at - now()));
    this.#timer = { at, cancel: after(wait, () => this.#run()) };
  }

  stop(): void {
    this.#timer?.cancel();
    this.#times.clear();
  }

  #run(): void {
    this.#timer = undefined;
    const now = this.#options.now();
    const due = [...this.#times].filter(([, at]) => at <= now);
    for (const [numberId] of due) this.#times.delete(numberId);
    for (const [numberId, at] of this.#times) this.add(numberId, at);
    for (const [numberId] of due) this.#options.onDue(numberId);
  }
}
