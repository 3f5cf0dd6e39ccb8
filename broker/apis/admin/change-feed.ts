/** Publishes the changes of members to the dashboards that other members have open. */

/** The lists that a change may concern; an open page loads them again. */
export const CHANGE_TOPICS = [
  'account',
  'audit',
  'backups',
  'blocks',
  'contacts',
  'conversations',
  'devices',
  'invitations',
  'keys',
  'members',
  'messages',
  'numbers',
  'opt-outs',
  'overview',
  'passkeys',
  'saved-replies',
  'sessions',
  'templates',
  'webhooks',
] as const;
export type ChangeTopic = (typeof CHANGE_TOPICS)[number];

/** `tenantId` is null for a change of the whole account. */
export type ChangeListener = (topics: readonly ChangeTopic[], tenantId: number | null) => void;

type Forward = (accountId: string, tenantId: number | null, topics: readonly ChangeTopic[]) => void;

export class ChangeFeed {
  readonly #forward: Forward;
  readonly #listeners = new Map<string, Set<ChangeListener>>();

  /** `forward` sends a change to the other brokers. */
  constructor(forward: Forward) {
    this.#forward = forward;
  }

  get hasListeners(): boolean {
    return this.#listeners.size > 0;
  }

  publish(accountId: string, tenantId: number | null, topics: readonly ChangeTopic[]): void {
    this.publishHere(accountId, tenantId, topics);
    this.#forward(accountId, tenantId, topics);
  }

  /** Publishes a change of another broker. */
  publishHere(accountId: string, tenantId: number | null, topics: readonly ChangeTopic[]): void {
    for (const listener of this.#listeners.get(accountId) ?? []) listener(topics, tenantId);
  }

  /** Returns a function that ends the subscription. */
  subscribe(accountId: string, listener: ChangeListener): () => void {
    const listeners = this.#listeners.get(accountId) ?? new Set();
    this.#listeners.set(accountId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(accountId);
    };
  }
}
