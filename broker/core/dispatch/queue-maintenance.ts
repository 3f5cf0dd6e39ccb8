/** Ends unreported leases, expired messages and due deferrals. */
import { firstIdAt, type IdSource } from '../../../shared/ids.ts';
import { recordTransition } from '../lifecycle/record-transition.ts';
import type { Message } from '../model/message.ts';
import { transition } from '../model/message-transition.ts';
import type { PaceDefaults } from '../model/pace.ts';
import type { Queries, Store } from '../ports/store.ts';
import { defaultExpiryTime, expireMessages } from './expiry.ts';

const BATCH = 500;
/** Time to live is counted in hours, so the check need not run every second. */
const EXPIRY_CHECK_MS = 10_000;

export interface QueueMaintenanceOptions {
  store: Store;
  now: () => number;
  monotonicNow: () => number;
  ids: IdSource;
  messageTtlMs: number;
  /** Pace of numbers without their own settings. */
  pace: PaceDefaults;
  /** Returns the number of connected targets of a live number. */
  countTargets: (numberId: string) => number;
  /** Receives messages that ended without a report, as they were before. */
  onEnded: (messages: readonly Message[]) => void;
  /** Receives the numbers of messages whose deferral ended. */
  onDue: (numberIds: readonly string[]) => void;
}

export class QueueMaintenance {
  readonly #options: QueueMaintenanceOptions;
  #expiryDueAt = 0;

  constructor(options: QueueMaintenanceOptions) {
    this.#options = options;
  }

  /** Call once a second. */
  async tick(): Promise<void> {
    const { store, messageTtlMs, onDue } = this.#options;
    const now = this.#options.now();
    const monotonicNow = this.#options.monotonicNow();
    const { read } = store;
    if ((await read.messages.unreported(monotonicNow, 1)).length > 0) {
      await this.#endLeases((tx) => tx.messages.unreported(monotonicNow, BATCH));
    }
    if ((await read.messages.pastRequestedExpiry(now, 1)).length > 0) {
      await this.#expire((tx) => tx.messages.pastRequestedExpiry(now, BATCH));
    }
    if (monotonicNow >= this.#expiryDueAt) {
      this.#expiryDueAt = monotonicNow + EXPIRY_CHECK_MS;
      const until = defaultExpiryTime({ now, monotonicNow });
      const id = firstIdAt(until - messageTtlMs);
      if ((await read.messages.expired(until, id, 1)).length > 0) {
        await this.#expire((tx) => tx.messages.expired(until, id, BATCH));
        // More messages may have expired than one batch takes.
        this.#expiryDueAt = monotonicNow;
      }
    }
    if (await read.messages.hasDueDeferrals(now)) {
      onDue(await store.transaction((tx) => tx.messages.endDueDeferrals(now)));
    }
  }

  async #endLeases(find: (tx: Queries) => Promise<Message[]>): Promise<void> {
    const { store, ids, onEnded } = this.#options;
    const now = this.#options.now();
    const ended = await store.transaction(async (tx) => {
      const ended: Message[] = [];
      for (const message of await find(tx)) {
        const changed = transition(message, { kind: 'expire_lease' }, now);
        if (changed === undefined) continue;
        await recordTransition(tx, changed, { now, ids });
        ended.push(message);
      }
      return ended;
    });
    onEnded(ended);
  }

  async #expire(find: (tx: Queries) => Promise<Message[]>): Promise<void> {
    const { store, onEnded } = this.#options;
    const context = { ...this.#options, now: this.#options.now() };
    onEnded(await store.transaction(async (tx) => expireMessages(tx, await find(tx), context)));
  }
}
