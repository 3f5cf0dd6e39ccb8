/** Queries of reactions (tapbacks). */
import type { Message } from '../model/message.ts';
import type { ReactionChange } from '../model/reaction.ts';

export interface ReactionQueries {
  /** Stores a report about a reaction to the message. Returns false if it was stored before. */
  insert(message: Pick<Message, 'id' | 'numberId'>, change: ReactionChange): Promise<boolean>;
  /** Stores the id of the action whose effect was reported before. */
  identify(message: Pick<Message, 'numberId'>, change: Pick<ReactionChange, 'guid' | 'id'>): Promise<void>;
  /** Returns the newest 1,000 reports about the reactions to a message, in the order of their times. */
  ofMessage(messageId: string): Promise<ReactionChange[]>;
  /** Deletes up to `limit` reactions from before the time (epoch ms). Returns the number of deletions. */
  purge(before: number, limit: number): Promise<number>;
}
