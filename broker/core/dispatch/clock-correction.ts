/**
 * Detects that the system clock was set, and corrects stored times that a clock which was ahead left in the future. Such
 * times would delay a number or a webhook until the clock reaches them again.
 */
import type { IdSource } from '../../../shared/ids.ts';
import type { EventContext } from '../model/event.ts';
import type { Queries, Store } from '../ports/store.ts';
import { reconsiderDeferred } from './reconsider-deferred.ts';

/** A smaller difference is a gradual correction, or the wake-up of a busy process. */
const STEP_MIN_MS = 2_000;
const NUMBERS_PER_STEP = 200;
/** Maximum number of rows that one transaction changes. */
const STEP = 500;

export interface Clocks {
  /** Epoch ms. */
  now: () => number;
  monotonicNow: () => number;
}

export class ClockWatch {
  readonly #clocks: Clocks;
  #difference: number;

  constructor(clocks: Clocks) {
    this.#clocks = clocks;
    this.#difference = clocks.now() - clocks.monotonicNow();
  }

  /** Returns by how many milliseconds the system clock was set since the last call; negative: back. Call once a second. */
  readStep(): number {
    const difference = this.#clocks.now() - this.#clocks.monotonicNow();
    const step = difference - this.#difference;
    this.#difference = difference;
    return Math.abs(step) < STEP_MIN_MS ? 0 : step;
  }
}

export interface CorrectionOptions {
  store: Store;
  now: () => number;
  ids: IdSource;
  /** The longest delay between two attempts of a webhook delivery. */
  retryDelayMaxMs: number;
}

/** Call at the start, and after the clock was set back. Works in steps. Returns the ids of the corrected numbers. */
export async function correctFutureTimes(options: CorrectionOptions): Promise<string[]> {
  const { store, now, ids, retryDelayMaxMs } = options;
  const corrected: string[] = [];
  for (let afterId: string | undefined = ''; afterId !== undefined; ) {
    const page = await store.read.pace.numbersAhead(now(), { afterId, limit: NUMBERS_PER_STEP });
    for (const numberId of page.numberIds)
      await inSteps(store, (tx) => correctNumber(tx, numberId, { now: now(), ids }));
    corrected.push(...page.numberIds);
    afterId = page.lastId;
  }
  for (const webhookId of await store.read.deliveries.webhooksWithPending()) {
    await inSteps(store, (tx) =>
      tx.deliveries.shortenDelays(webhookId, { now: now(), until: now() + retryDelayMaxMs, limit: STEP }),
    );
  }
  return corrected;
}

/** Repeats the step in transactions until it has changed fewer than `STEP` rows. */
async function inSteps(store: Store, step: (tx: Queries) => Promise<number>): Promise<void> {
  while ((await store.transaction(step)) === STEP);
}

/**
 * The number dispatched with a clock that was ahead. Its limits are counted again from now. Returns the number of deleted
 * dispatches; the last step decides again about the deferred messages.
 */
async function correctNumber(tx: Queries, numberId: string, context: EventContext): Promise<number> {
  const { now } = context;
  const dropped = await tx.pace.dropFuture(numberId, now, STEP);
  if (dropped === STEP) return dropped;
  await reconsiderDeferred(tx, numberId, context);
  const number = await tx.numbers.paced(numberId);
  if (number?.sendsSince != null && number.sendsSince > now) await tx.numbers.setSendsSince(numberId, now);
  return dropped;
}
