/** Returns leased messages to the queue that a device certainly did not begin to send. */
import type { IdSource } from '../../../shared/ids.ts';
import { recordTransition } from '../lifecycle/record-transition.ts';
import { transition } from '../model/message-transition.ts';
import type { Store } from '../ports/store.ts';
import type { LeasedMessage } from './lease-batch.ts';

/** A message that could not be delivered is requeued within this time. */
const REQUEUED_WITHIN_MS = 10 * 60_000;

export interface RequeuesOptions {
  store: Store;
  now: () => number;
  /** Milliseconds on a clock that is never set. Leases end by it. */
  monotonicNow: () => number;
  ids: IdSource;
  onRequeued: (numberIds: ReadonlySet<string>) => void;
}

export class Requeues {
  readonly #options: RequeuesOptions;
  /** Leases that could not be requeued, because the store failed. */
  #failed: LeasedMessage[] = [];

  constructor(options: RequeuesOptions) {
    this.#options = options;
  }

  /** If the store fails, `retry` repeats it. @throws the error of the store */
  async requeue(leased: readonly LeasedMessage[]): Promise<void> {
    try {
      await this.#store(leased);
    } catch (error) {
      this.#failed.push(...leased);
      throw error;
    }
    this.#options.onRequeued(new Set(leased.map(({ message }) => message.numberId)));
  }

  /** Repeats what failed. Call once a second. */
  async retry(): Promise<void> {
    if (this.#failed.length > 0) await this.requeue(this.#failed.splice(0));
  }

  async #store(leased: readonly LeasedMessage[]): Promise<void> {
    const { store, ids, monotonicNow } = this.#options;
    const now = this.#options.now();
    await store.transaction(async (tx) => {
      for (const { message, isRepeat } of leased) {
        const current = await tx.messages.findItem(message.tenantId, message.id);
        if (current === undefined || current.leaseId !== message.leaseId) continue;
        if (isRepeat) {
          await tx.messages.setLeaseEnd([message], monotonicNow());
          continue;
        }
        const requeued = transition(current, { kind: 'requeue' }, now);
        if (requeued === undefined) continue;
        await recordTransition(tx, requeued, { now, ids });
        await tx.pace.forget(current.numberId, current.id, now - REQUEUED_WITHIN_MS);
      }
    });
  }
}
