/** Stores the challenges that authenticators sign. A challenge works once, for five minutes, at any broker. */
import type { Store } from '../../../core/ports/store.ts';

const LIFE_MS = 5 * 60_000;
/** With more challenges the oldest is dropped. */
const CHALLENGES_MAX = 10_000;
/** More than the one that is added, so that expired ones become fewer. */
const EXPIRED_PER_ADDITION = 10;

export class PasskeyChallenges {
  readonly #store: Store;
  readonly #now: () => number;

  constructor({ store, now }: { store: Store; now: () => number }) {
    this.#store = store;
    this.#now = now;
  }

  /** `memberId`: the member who registers a passkey; null: a sign-in. */
  add(challenge: string, memberId: string | null): Promise<void> {
    const now = this.#now();
    return this.#store.transaction(async ({ passkeyChallenges }) => {
      await passkeyChallenges.purge(now, EXPIRED_PER_ADDITION);
      await passkeyChallenges.insert({ challenge, memberId, expiresAt: now + LIFE_MS });
      await passkeyChallenges.keepNewest(CHALLENGES_MAX);
    });
  }

  /** Returns whether the challenge was created for the member and has not expired. It does not work again. */
  take(challenge: string, memberId: string | null): Promise<boolean> {
    return this.#store.transaction(async ({ passkeyChallenges }) => {
      const found = await passkeyChallenges.find(challenge);
      if (found === undefined || found.memberId !== memberId) return false;
      return (await passkeyChallenges.remove(challenge)) && found.expiresAt > this.#now();
    });
  }
}
