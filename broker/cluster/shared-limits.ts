/**
 * Counts the rate limits for all brokers on a database, exactly.
 *
 * - All takes that wait at the same time share one statement.
 * - A broker that is alone counts in memory. When another one joins, it writes its counts of the running windows before the
 *   other one serves requests.
 * - If the database does not answer for 5 seconds, takes fail as `unavailable` until it does: counts of each broker by
 *   itself would exceed the limit.
 *
 *   in memory ──broker joins──▶ in the table ──window ends, alone──▶ in memory
 *                                └──no answer──▶ failing ──answer──▶ in the table
 */
import { setTimeout as delay } from 'node:timers/promises';
import { WINDOW_MS } from '../core/accounts/minute-limit.ts';
import { unavailable } from '../core/model/errors.ts';
import type { RateLimit, RateLimitOptions, RateLimits, RateWindows } from '../core/ports/rate-limits.ts';
import { type GroupedTakes, SharedLimit } from './shared-limit.ts';

/** Time for the first answer, twice as long for each further one, and the time for all attempts together. */
const ANSWER_MS = 1_000;
const WAIT_MS = 5_000;
/** Shortest interval between two statements. */
const INTERVAL_MS = 1;
const RETRY_MS = 250;
/** Subjects of one limit in a statement. */
const SUBJECTS_PER_LIMIT = 250;
/** The broker must have been alone for this time before a window that it counts in memory. */
const ALONE_BEFORE_MS = 1_000;

export interface SharedLimitsOptions {
  windows: RateWindows;
  /** Epoch ms on the clock of the database server. */
  now: () => number;
  /** Time for which this broker has certainly been alone on the database; negative if it may not be alone. */
  aloneForMs(): number;
  /** Called once when the database stops answering. */
  onFailing(error: unknown): void;
  onRecovered(): void;
}

export class SharedLimits implements RateLimits {
  readonly #options: SharedLimitsOptions;
  readonly #limits: SharedLimit[] = [];
  #running: Promise<void> | undefined;
  #isFailing = false;
  #isClosed = false;

  constructor(options: SharedLimitsOptions) {
    this.#options = options;
  }

  open(name: string, { windowMs = WINDOW_MS, isRefunded = false }: RateLimitOptions = {}): RateLimit {
    const limit = new SharedLimit({
      ...{ name, windowMs, isRefunded, now: this.#options.now },
      countsInMemory: (windowAgeMs) =>
        this.#isClosed || this.#options.aloneForMs() >= windowAgeMs + ALONE_BEFORE_MS,
      isFailing: () => this.#isFailing,
      onWaiting: () => this.#start(),
    });
    this.#limits.push(limit);
    return limit;
  }

  /** Writes the counts in memory. Settles when the table contains them. @throws Error if the table does not answer */
  async write(): Promise<void> {
    if (this.#isFailing) throw unavailable('The rate limits cannot be written.');
    // Also with nothing to write, so that the connection is open when the first take waits for it.
    await this.#inTime(this.#options.windows.count([]));
    await this.#start();
    if (this.#isFailing) throw unavailable('The rate limits cannot be written.');
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const limit of this.#limits) limit.failWaiting();
    await this.#options.windows.close();
  }

  #start(): Promise<void> {
    this.#running ??= this.#run();
    return this.#running;
  }

  async #run(): Promise<void> {
    // Takes of the same turn share the statement.
    await Promise.resolve();
    while (!this.#isFailing && !this.#isClosed) {
      const groups = this.#collect();
      if (groups.length === 0) break;
      try {
        // Under load more takes share the next statement.
        await Promise.all([this.#tryToCount(groups), delay(INTERVAL_MS)]);
      } catch (error) {
        this.#fail(groups, error);
      }
    }
    // In the same turn as the last check, so that no take is left behind.
    this.#running = undefined;
  }

  #collect(): GroupedTakes[] {
    const groups = this.#limits.flatMap((limit) => limit.collect(SUBJECTS_PER_LIMIT));
    // Statements of all brokers lock the rows in the same order.
    return groups.sort(
      (a, b) => compare(a.request.name, b.request.name) || compare(a.request.subject, b.request.subject),
    );
  }

  async #tryToCount(groups: readonly GroupedTakes[]): Promise<void> {
    const until = performance.now() + WAIT_MS;
    // A further attempt also opens a connection, which takes longer on a loaded server.
    for (let answerMs = ANSWER_MS; ; answerMs *= 2) {
      const left = Math.max(ANSWER_MS, until - performance.now());
      try {
        return await this.#count(groups, Math.min(answerMs, left));
      } catch (error) {
        if (performance.now() >= until || this.#isClosed) throw error;
        this.#options.windows.reset();
      }
      await delay(RETRY_MS);
    }
  }

  async #count(groups: readonly GroupedTakes[], answerMs: number): Promise<void> {
    const answer = this.#options.windows.count(groups.map(({ request }) => request));
    const counts = await this.#inTime(answer, answerMs);
    for (const [index, group] of groups.entries()) {
      const count = counts?.[index];
      if (count !== undefined) group.owner.settle(group, count);
      else {
        const error = unavailable('The other brokers have taken over the work of this one.');
        for (const { reject } of group.takes) reject(error);
      }
    }
  }

  #fail(groups: readonly GroupedTakes[], error: unknown): void {
    this.#isFailing = true;
    this.#options.windows.reset();
    for (const group of groups) group.owner.fail(group);
    for (const limit of this.#limits) limit.failWaiting();
    this.#options.onFailing(error);
    void this.#recover();
  }

  /** Writes the counts in memory as soon as the table answers again. */
  async #recover(): Promise<void> {
    for (;;) {
      await delay(RETRY_MS, undefined, { ref: false });
      if (this.#isClosed) return;
      try {
        await this.#inTime(this.#options.windows.count([]));
        break;
      } catch {
        this.#options.windows.reset();
      }
    }
    this.#isFailing = false;
    this.#options.onRecovered();
    await this.#start();
  }

  async #inTime<T>(answer: Promise<T>, answerMs = ANSWER_MS): Promise<T> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      const error = unavailable(`The database did not answer within ${Math.round(answerMs)} ms.`);
      // After a stall of this process, the answer may have arrived as well.
      setImmediate(() => late.reject(error));
    }, answerMs);
    try {
      return await Promise.race([answer, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
