/** Updates the projections in small steps, in the background. */
import { HomingError } from '../model/errors.ts';
import type { Store } from '../ports/store.ts';
import { type ProjectionContext, projectChanges } from './projections.ts';

const STEP = 64;
/** Number of other transactions during a step from which the projector yields to them. */
const CONCURRENT_MAX = 4;
const SKIPPED_TICKS = 3;
const SKIPPED_AFTER_FAULT = 40;
/** Limits how long a reader waits for the changes of a burst. */
const CATCH_UP_STEPS = 200;

export interface ProjectorOptions {
  store: Store;
  context: () => ProjectionContext;
}

/** Runs all pending steps while the broker is idle, and yields to other transactions under load. */
export class Projector {
  readonly #options: ProjectorOptions;
  #running: Promise<void> | undefined;
  #ticksToSkip = 0;
  #isStopped = false;

  constructor(options: ProjectorOptions) {
    this.#options = options;
  }

  /** Settles when the projections contain everything that was committed before the call. */
  async catchUp(): Promise<void> {
    try {
      for (let steps = 0; steps < CATCH_UP_STEPS && (await this.#isBehind()); steps += 1) await this.#step();
    } catch (error) {
      // On a full disk, readers get the last projected state.
      if (!(error instanceof HomingError && error.code === 'unavailable')) throw error;
    }
  }

  /** Call a few times a second. */
  async tick(): Promise<void> {
    if (this.#ticksToSkip > 0) {
      this.#ticksToSkip -= 1;
      return;
    }
    const { store } = this.#options;
    while (!this.#isStopped && (await this.#isBehind())) {
      const before = store.transactions();
      // Delays the next step if this one throws, for example on a full disk.
      this.#ticksToSkip = SKIPPED_AFTER_FAULT;
      await this.#step();
      this.#ticksToSkip = 0;
      if (store.transactions() - before <= CONCURRENT_MAX) continue;
      // Other writers have priority: readers catch up by themselves.
      this.#ticksToSkip = SKIPPED_TICKS;
      return;
    }
  }

  /** Ends a running tick after its current step. */
  stop(): void {
    this.#isStopped = true;
  }

  #isBehind(): Promise<boolean> {
    return this.#options.store.read.projections.isBehind();
  }

  /** Concurrent callers share one step. */
  #step(): Promise<void> {
    const { store, context } = this.#options;
    this.#running ??= store
      .transaction((tx) => projectChanges(tx, STEP, context()))
      .finally(() => {
        this.#running = undefined;
      });
    return this.#running;
  }
}
