/**
 * Remembers when API keys were last used. A request writes to memory only. `write` stores the times every few minutes, so
 * a killed broker loses the latest of them, and the other brokers show a use some minutes later.
 */
import type { Store } from '../ports/store.ts';

const BATCH = 500;

export interface KeyUseOptions {
  store: Store;
  now: () => number;
}

export class KeyUse {
  readonly #options: KeyUseOptions;
  /** Times of this process, by key. */
  readonly #usedAt = new Map<string, number>();
  /** Keys whose time is not stored yet. */
  readonly #changed = new Set<string>();

  constructor(options: KeyUseOptions) {
    this.#options = options;
  }

  mark(keyId: string): void {
    this.#usedAt.set(keyId, this.#options.now());
    this.#changed.add(keyId);
  }

  /** Returns the later of the stored time and the time in memory (epoch ms); null: never used. */
  lastUsedAt(keyId: string, stored: number | null): number | null {
    const here = this.#usedAt.get(keyId);
    return here === undefined ? stored : Math.max(here, stored ?? 0);
  }

  async write(): Promise<void> {
    const changed = [...this.#changed];
    for (let start = 0; start < changed.length; start += BATCH) {
      const batch = changed.slice(start, start + BATCH);
      const uses = batch.map((id) => [id, this.#usedAt.get(id) ?? 0] as const);
      await this.#options.store.transaction((tx) => tx.credentials.recordUses(uses));
      // A use during the transaction is stored with the next change.
      for (const id of batch) this.#changed.delete(id);
    }
  }
}
