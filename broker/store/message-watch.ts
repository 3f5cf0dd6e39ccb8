/**
 * Reports the messages and groups that a commit accepted or changed to the listeners of their tenant. Without a listener, a changed
 * message costs one comparison.
 */
import type { MessageChange } from '../core/model/message-change.ts';

type Listener = (change: MessageChange) => void;

export class MessageWatch {
  /** True if any tenant has a listener. */
  isActive = false;
  readonly #afterCommit: (run: () => void) => void;
  readonly #listeners = new Map<number, Set<Listener>>();

  /** `afterCommit` runs a function after the commit of the current transaction, and never after a rollback. */
  constructor(afterCommit: (run: () => void) => void) {
    this.#afterCommit = afterCommit;
  }

  /** Returns a function that removes the listener. */
  listen(tenantId: number, listener: Listener): () => void {
    const listeners = this.#listeners.get(tenantId) ?? new Set();
    this.#listeners.set(tenantId, listeners.add(listener));
    this.isActive = true;
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(tenantId);
      this.isActive = this.#listeners.size > 0;
    };
  }

  /** Call within the transaction, if `isActive`. */
  changed({ tenantId, id, numberId, recipient }: MessageChange): void {
    if (!this.#listeners.has(tenantId)) return;
    this.#afterCommit(() => {
      for (const listener of this.#listeners.get(tenantId) ?? [])
        listener({ tenantId, id, numberId, recipient });
    });
  }
}
