/**
 * Starts the work that one broker on a database does at a time. A broker keeps a role until it ends: another one can take
 * it only after the row of the broker was removed, and then every transaction of the former one fails.
 */
import type { LeaderRole } from '../core/ports/brokers.ts';
import type { Cluster } from '../core/ports/cluster.ts';
import type { Store } from '../core/ports/store.ts';

export interface LeaderRolesOptions {
  store: Store;
  cluster: Cluster;
  onTaken: (role: LeaderRole) => void;
}

export class LeaderRoles {
  readonly #options: LeaderRolesOptions;
  /** Roles that this broker can have and has not, with the start of their work. */
  readonly #wanted = new Map<LeaderRole, () => Promise<void>>();
  readonly #own = new Set<LeaderRole>();
  #isStopped = false;

  constructor(options: LeaderRolesOptions) {
    this.#options = options;
  }

  /** `start` is called at most once, when this broker has the role. */
  want(role: LeaderRole, start: () => Promise<void>): void {
    this.#wanted.set(role, start);
  }

  has(role: LeaderRole): boolean {
    return this.#own.has(role);
  }

  /** Takes the roles that no other broker has. Call at the start and about once a second. */
  async tick(): Promise<void> {
    const { store, cluster, onTaken } = this.#options;
    if (this.#wanted.size === 0) return;
    const taken = await store.read.brokers.roles();
    for (const [role, start] of this.#wanted) {
      const owner = taken.get(role);
      if (this.#isStopped || (owner !== undefined && owner !== cluster.brokerId)) continue;
      const isOwn = await store.transaction((tx) => tx.brokers.claimRole(role, cluster.brokerId));
      if (!isOwn || this.#isStopped) continue;
      this.#own.add(role);
      await start();
      this.#wanted.delete(role);
      onTaken(role);
    }
  }

  /** Takes no further role. */
  stop(): void {
    this.#isStopped = true;
  }
}
