/** Defines the queries of the challenges that authenticators sign. */

export interface PasskeyChallenge {
  challenge: string;
  /** The member who registers a passkey; null: a sign-in. */
  memberId: string | null;
  expiresAt: number;
}

export interface PasskeyChallengeQueries {
  insert(challenge: PasskeyChallenge): Promise<void>;
  find(challenge: string): Promise<PasskeyChallenge | undefined>;
  /** Returns false if it was removed before. */
  remove(challenge: string): Promise<boolean>;
  /** Deletes the challenges that expire first, beyond the `max` others. */
  keepNewest(max: number): Promise<void>;
  /** Deletes up to `limit` challenges that expired before the time. Returns the number of deletions. */
  purge(before: number, limit: number): Promise<number>;
}
