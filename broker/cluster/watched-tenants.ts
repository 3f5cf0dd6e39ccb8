/**
 * Tracks the tenants with an open event stream or dashboard at another broker, so that only their changes are sent to the
 * other brokers, and nothing while no stream is open.
 *
 * - A broker announces a tenant when its first stream opens, and all of its tenants every 5 s and to each new broker.
 * - A broker replies to a new tenant with the message that anything may have changed. The streams then read its earlier
 *   commits.
 * - A tenant that is not announced any more is forgotten.
 */
import type { Cluster } from '../core/ports/cluster.ts';

const REPEAT_MS = 5_000;
const FORGET_AFTER_MS = 4 * REPEAT_MS;
/** Ids of one message. */
const BATCH = 500;

export interface WatchedTenantsOptions {
  cluster: Cluster;
  monotonicNow: () => number;
  /** Returns the tenants with open streams at this broker. */
  own: () => Iterable<number>;
  /** Called for each further tenant of other brokers. Returns a function that is called when it is forgotten. */
  onWatched: (tenantId: number) => () => void;
}

interface Watched {
  until: number;
  forget: () => void;
}

export class WatchedTenants {
  readonly #options: WatchedTenantsOptions;
  readonly #elsewhere = new Map<number, Watched>();
  #announced = new Set<number>();
  #announcedAt = Number.NEGATIVE_INFINITY;

  constructor(options: WatchedTenantsOptions) {
    this.#options = options;
    const { cluster } = options;
    cluster.onMessage('watched', ({ tenantIds }) => {
      for (const tenantId of tenantIds) this.#learn(tenantId);
    });
    cluster.onMessage('joined', () => this.#announceAll());
  }

  /** Whether the tenant has an open stream at another broker. */
  has(tenantId: number): boolean {
    return this.#elsewhere.has(tenantId);
  }

  /** Call when a stream of the tenant opens at this broker, before its first read. */
  opened(tenantId: number): void {
    if (this.#announced.has(tenantId)) return;
    this.#announced.add(tenantId);
    this.#options.cluster.send({ kind: 'watched', tenantIds: [tenantId] });
  }

  /** Repeats the announcements, and forgets tenants. Call about once a second. */
  tick(): void {
    const now = this.#options.monotonicNow();
    for (const [tenantId, { until, forget }] of this.#elsewhere) {
      if (until > now) continue;
      this.#elsewhere.delete(tenantId);
      forget();
    }
    if (now - this.#announcedAt >= REPEAT_MS) this.#announceAll();
  }

  #announceAll(): void {
    const { cluster, monotonicNow, own } = this.#options;
    this.#announcedAt = monotonicNow();
    this.#announced = new Set(own());
    const tenantIds = [...this.#announced];
    for (let from = 0; from < tenantIds.length; from += BATCH)
      cluster.send({ kind: 'watched', tenantIds: tenantIds.slice(from, from + BATCH) });
  }

  #learn(tenantId: number): void {
    const { cluster, monotonicNow, onWatched } = this.#options;
    const until = monotonicNow() + FORGET_AFTER_MS;
    const known = this.#elsewhere.get(tenantId);
    if (known !== undefined) {
      known.until = until;
      return;
    }
    this.#elsewhere.set(tenantId, { until, forget: onWatched(tenantId) });
    cluster.send({ kind: 'events', tenantId });
    cluster.send({ kind: 'changed', tenantId });
  }
}
