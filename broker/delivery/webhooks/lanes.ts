/**
 * Decides which webhooks this broker sends to. With several brokers on one database, one at a time sends the deliveries of
 * a webhook, so that the events of a message stay in order: the broker that has its lane.
 *
 * - A broker with a delivery for a webhook takes its lane, unless another broker has it; then it notifies the others.
 * - A lane without work for some seconds is released, in a transaction that finds no pending delivery. The next broker with
 *   a delivery takes it.
 * - A delivery that is committed just after the release waits until the former owner, which is notified, takes the lane
 *   again, or until this broker finds the lane free, within a second.
 * - The lanes of a broker that was removed are free. Its transactions fail, and it begins no request.
 *
 *   unknown ──claim──▶ own ──nothing pending──▶ released ──▶ unknown
 *      └──── another broker has it ────▶ foreign ──after some seconds──▶ unknown
 */
import type { Cluster } from '../../core/ports/cluster.ts';
import type { Store } from '../../core/ports/store.ts';

export interface Lanes {
  /** Returns those of the webhooks that this broker sends to. Takes the lanes that are free. */
  claim(webhookIds: ReadonlySet<string>): Promise<ReadonlySet<string>>;
  /** Notifies the other broker that sends to the webhook. Returns false if none is known. */
  notifyOwner(webhookId: string): boolean;
  /** Whether a notification of another broker concerns this one. */
  concerns(webhookId: string): boolean;
  /** Forgets which webhooks other brokers send to. */
  forget(): void;
  /** Whether `settle` has work. */
  isSettlingDue(): boolean;
  /** Releases lanes without work. Returns webhooks whose deliveries no broker may have read. */
  settle(hasWork: (webhookId: string) => boolean): Promise<string[]>;
}

/** The lanes of a broker that is alone on its database: it sends to every webhook. */
export const allLanes: Lanes = {
  claim: async (webhookIds) => webhookIds,
  notifyOwner: () => false,
  concerns: () => true,
  forget: () => {},
  isSettlingDue: () => false,
  settle: async () => [],
};

const SETTLE_MS = 1_000;
/** Time without work after which a lane is released. */
const RELEASE_AFTER_MS = 5_000;
/** No other broker waits for the lane, so fewer transactions are needed. */
const RELEASE_ALONE_AFTER_MS = 10 * 60_000;
const FOREIGN_MS = 10_000;
/** Longer than the others take the lane for that of this broker. */
const RELEASED_MS = FOREIGN_MS + 5_000;
/** Webhooks of one statement. */
const BATCH = 500;

export interface SharedLanesOptions {
  store: Store;
  cluster: Cluster;
  monotonicNow: () => number;
}

export class SharedLanes implements Lanes {
  readonly #options: SharedLanesOptions;
  /** When each lane of this broker had work last, the oldest first. */
  readonly #own = new Map<string, number>();
  /** Until when each lane counts as that of another broker. */
  readonly #foreign = new Map<string, number>();
  readonly #released = new Map<string, number>();
  /** Webhooks of other brokers that have had a new delivery since the last `settle`. */
  #passedOn = new Set<string>();
  #settledAt = Number.NEGATIVE_INFINITY;

  constructor(options: SharedLanesOptions) {
    this.#options = options;
  }

  async claim(webhookIds: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    const unknown: string[] = [];
    const own = new Set<string>();
    for (const id of webhookIds) {
      if (this.#own.has(id)) own.add(id);
      else if (!this.#isForeign(id)) unknown.push(id);
    }
    for (let from = 0; from < unknown.length; from += BATCH) {
      for (const id of await this.#claimBatch(unknown.slice(from, from + BATCH))) own.add(id);
    }
    const now = this.#options.monotonicNow();
    for (const id of own) {
      this.#own.delete(id);
      this.#own.set(id, now);
      this.#released.delete(id);
    }
    return own;
  }

  notifyOwner(webhookId: string): boolean {
    if (!this.#isForeign(webhookId)) return false;
    this.#passedOn.add(webhookId);
    this.#options.cluster.send({ kind: 'webhook', webhookId });
    return true;
  }

  concerns(webhookId: string): boolean {
    return this.#own.has(webhookId) || this.#released.has(webhookId);
  }

  forget(): void {
    this.#foreign.clear();
  }

  isSettlingDue(): boolean {
    return this.#options.monotonicNow() - this.#settledAt >= SETTLE_MS;
  }

  async settle(hasWork: (webhookId: string) => boolean): Promise<string[]> {
    this.#settledAt = this.#options.monotonicNow();
    this.#expire(this.#foreign);
    this.#expire(this.#released);
    const free = await this.#free();
    return [...free, ...(await this.#release(hasWork))];
  }

  #isForeign(webhookId: string): boolean {
    const until = this.#foreign.get(webhookId);
    return until !== undefined && until > this.#options.monotonicNow();
  }

  #expire(times: Map<string, number>): void {
    const now = this.#options.monotonicNow();
    // In the order of the times.
    for (const [id, until] of times) {
      if (until > now) return;
      times.delete(id);
    }
  }

  /** Most lanes of other brokers are found without a transaction. */
  async #claimBatch(ids: readonly string[]): Promise<string[]> {
    const { store, cluster } = this.#options;
    let owners = await store.read.webhookLanes.owners(ids);
    if (owners.size < ids.length) {
      owners = await store.transaction(async (tx) => {
        await tx.webhookLanes.claim(ids, cluster.brokerId);
        return tx.webhookLanes.owners(ids);
      });
    }
    return ids.filter((id) => {
      if (owners.get(id) === cluster.brokerId) return true;
      this.#setForeign(id);
      return false;
    });
  }

  #setForeign(webhookId: string): void {
    this.#foreign.delete(webhookId);
    this.#foreign.set(webhookId, this.#options.monotonicNow() + FOREIGN_MS);
  }

  /** Returns the webhooks whose owner was notified and whose lane is free now. */
  async #free(): Promise<string[]> {
    const { store } = this.#options;
    const passedOn = [...this.#passedOn];
    this.#passedOn = new Set();
    const free: string[] = [];
    for (let from = 0; from < passedOn.length; from += BATCH) {
      const batch = passedOn.slice(from, from + BATCH);
      const owners = await store.read.webhookLanes.owners(batch);
      free.push(...batch.filter((id) => !owners.has(id)));
    }
    for (const id of free) this.#foreign.delete(id);
    return free;
  }

  /** Returns the webhooks without work here that have pending deliveries: their notification is late or lost. */
  async #release(hasWork: (webhookId: string) => boolean): Promise<string[]> {
    const { store, cluster, monotonicNow } = this.#options;
    const now = monotonicNow();
    const idleMs = cluster.hasPeers() ? RELEASE_AFTER_MS : RELEASE_ALONE_AFTER_MS;
    const idle: string[] = [];
    for (const [id, usedAt] of this.#own) {
      if (now - usedAt < idleMs || idle.length === BATCH) break;
      if (!hasWork(id)) idle.push(id);
    }
    if (idle.length === 0) return [];
    // Before the transaction, whose result is unknown if the connection is lost.
    for (const id of idle) {
      this.#own.delete(id);
      this.#released.set(id, now + RELEASED_MS);
    }
    const released = await store.transaction((tx) => tx.webhookLanes.release(idle, cluster.brokerId));
    const isReleased = new Set(released);
    return idle.filter((id) => !isReleased.has(id));
  }
}
