/** Queries of reactions (tapbacks). */

export interface Reaction {
  guid: string;
  /** The guid of the message that the reaction refers to. The reaction may arrive before that message. */
  target: string;
  sender: string;
  /** love, like, dislike, laugh, emphasize, question, or an emoji. */
  kind: string;
  isRemoved: boolean;
  at: number;
}

export interface ReactionQueries {
  /** Returns false if the reaction was stored before. */
  insert(numberId: string, reaction: Reaction): Promise<boolean>;
  /** Deletes up to `limit` reactions from before the time (epoch ms). Returns the number of deletions. */
  purge(before: number, limit: number): Promise<number>;
}
