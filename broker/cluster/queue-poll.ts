/**
 * Finds queued messages that other brokers accepted and whose notification was lost, for the numbers whose devices are
 * connected here. A number is notified when the first or the last message of its queue has changed since the last poll.
 */
import type { Dispatcher } from '../core/dispatch/dispatcher.ts';
import type { Store } from '../core/ports/store.ts';

/** Numbers of one query. */
const STEP = 500;
/** Numbers of one call of `tick`; more are polled in turn. */
const NUMBERS_PER_TICK = 1_000;

export interface QueuePollOptions {
  store: Store;
  dispatcher: Pick<Dispatcher, 'liveNumbers' | 'servesSandbox' | 'notifyHere'>;
}

export class QueuePoll {
  readonly #options: QueuePollOptions;
  #ends = new Map<string, string>();
  /** Numbers of the current round that are not polled yet. */
  #left: string[] = [];

  constructor(options: QueuePollOptions) {
    this.#options = options;
  }

  /** Polls the next numbers. Call once a second. */
  async tick(): Promise<void> {
    if (this.#left.length === 0) this.#beginRound();
    for (let polled = 0; polled < NUMBERS_PER_TICK && this.#left.length > 0; polled += STEP)
      await this.#step();
  }

  /** Notifies every number that has a queue. Call when notifications were lost. */
  async readAll(): Promise<void> {
    const { store, dispatcher } = this.#options;
    this.#ends.clear();
    this.#beginRound();
    while (this.#left.length > 0) await this.#step();
    if (!dispatcher.servesSandbox()) return;
    for (const id of await store.read.numbers.withQueue('test')) dispatcher.notifyHere(id, 'test');
  }

  #beginRound(): void {
    this.#left = this.#options.dispatcher.liveNumbers();
    const known = new Set(this.#left);
    for (const id of this.#ends.keys()) if (!known.has(id)) this.#ends.delete(id);
  }

  async #step(): Promise<void> {
    const { store, dispatcher } = this.#options;
    const ids = this.#left.splice(0, STEP);
    const ends = await store.read.numbers.queueEnds(ids);
    for (const id of ids) {
      const now = ends.get(id);
      if (now !== undefined && now !== this.#ends.get(id)) dispatcher.notifyHere(id, 'live');
      if (now === undefined) this.#ends.delete(id);
      else this.#ends.set(id, now);
    }
  }
}
