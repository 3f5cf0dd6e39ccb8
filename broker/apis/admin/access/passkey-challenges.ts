/** Stores the challenges that authenticators sign, in memory. A challenge works once, for five minutes. */
const LIFE_MS = 5 * 60_000;
/** With more challenges the oldest is dropped. */
const CHALLENGES_MAX = 10_000;

interface Challenge {
  /** The member who registers a passkey; null: a sign-in. */
  memberId: string | null;
  expiresAt: number;
}

export class PasskeyChallenges {
  readonly #monotonicNow: () => number;
  /** In the order of their creation. */
  readonly #challenges = new Map<string, Challenge>();

  constructor(monotonicNow: () => number) {
    this.#monotonicNow = monotonicNow;
  }

  add(challenge: string, memberId: string | null): void {
    const now = this.#monotonicNow();
    for (const [oldest, { expiresAt }] of this.#challenges) {
      if (expiresAt > now && this.#challenges.size < CHALLENGES_MAX) break;
      this.#challenges.delete(oldest);
    }
    this.#challenges.set(challenge, { memberId, expiresAt: now + LIFE_MS });
  }

  /** Returns whether the challenge was created for the member and has not expired. It does not work again. */
  take(challenge: string, memberId: string | null): boolean {
    const found = this.#challenges.get(challenge);
    if (found === undefined || found.memberId !== memberId) return false;
    this.#challenges.delete(challenge);
    return found.expiresAt > this.#monotonicNow();
  }
}
