/** Ends unreported leases, expired messages and due deferrals. */
import type { IdSource } from '../../../shared/ids.ts';
import { recordTransition } from '../lifecycle/record-transition.ts';
import type { Message } from '../model/message.ts';
import { transition } from '../model/message-transition.ts';
import type { PaceDefaults } from '../model/pace.ts';
import type { Queries, Store } from '../ports/store.ts';
import { defaultExpiryTime, expireMessages } from './expiry.ts';

const BATCH = 100;
/** Maximum number of batches of each kind in one tick. */
const BATCHES_PER_TICK = 100;

export interface QueueMaintenanceOptions {
  store: Store;
  now: () => number;
  monotonicNow: () => number;
  ids: IdSource;
  messageTtlMs: number;
  /** Pace of numbers without their own settings. */
  pace: PaceDefaults;
  /** Whether a live number has a connected target. */
  hasTarget: (numberId: string) => boolean | Promise<boolean>;
  /** Receives messages that ended without a report, as they were before. */
  onEnded: (messages: readonly Message[]) => void;
  /** Receives the numbers of messages whose deferral ended. */
  onDue: (numberIds: readonly string[]) => void;
}

type Find = (queries: Queries, limit: number) => Promise<Message[]>;
/** Returns the ended messages as they were before. */
type End = (tx: Queries, found: readonly Message[]) => Promise<Message[]>;

export class QueueMaintenance {
  readonly #options: QueueMaintenanceOptions;

  constructor(options: QueueMaintenanceOptions) {
    this.#options = options;
  }

  /** Call once a second. Runs batches of all kinds in turn; the next tick continues with a longer backlog. */
  async tick(): Promise<void> {
    for (let batch = 0; batch < BATCHES_PER_TICK; batch += 1) if (!(await this.#runBatches())) return;
  }

  /** Returns true if a batch was full. */
  async #runBatches(): Promise<boolean> {
    const { store, onDue } = this.#options;
    const now = this.#options.now();
    const monotonicNow = this.#options.monotonicNow();
    const until = defaultExpiryTime({ now, monotonicNow });
    const { read } = store;
    const context = { ...this.#options, now };
    const expire: End = (tx, found) => expireMessages(tx, found, context);
    const ends: ReadonlyArray<[Find, End]> = [
      [
        ({ messages }, limit) => messages.unreported(monotonicNow, limit),
        (tx, found) => this.#endLeases(tx, found),
      ],
      [({ messages }, limit) => messages.pastRequestedExpiry(now, limit), expire],
      [({ messages }, limit) => messages.expired(until, limit), expire],
    ];
    let isMore = false;
    for (const [find, end] of ends) {
      if ((await find(read, 1)).length === 0) continue;
      const isFull = await this.#end(find, end);
      isMore ||= isFull;
    }
    if (await read.messages.hasDueDeferrals(now)) {
      const numberIds = await store.transaction((tx) => tx.messages.endDueDeferrals(now, BATCH));
      isMore ||= numberIds.length === BATCH;
      onDue([...new Set(numberIds)]);
    }
    return isMore;
  }

  /** Returns true if more messages than one batch may have to end. */
  async #end(find: Find, end: End): Promise<boolean> {
    const { store, onEnded } = this.#options;
    const { ended, isFull } = await store.transaction(async (tx) => {
      const found = await find(tx, BATCH);
      return { ended: await end(tx, found), isFull: found.length >= BATCH };
    });
    onEnded(ended);
    return isFull;
  }

  async #endLeases(tx: Queries, found: readonly Message[]): Promise<Message[]> {
    const { ids } = this.#options;
    const now = this.#options.now();
    const ended: Message[] = [];
    for (const message of found) {
      const changed = transition(message, { kind: 'expire_lease' }, now);
      if (changed === undefined) continue;
      await recordTransition(tx, changed, { now, ids });
      ended.push(message);
    }
    return ended;
  }
}
