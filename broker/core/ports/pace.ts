/** Queries of the dispatch log, which the limits of a number count, and of reserved slots. */
import type { LimitSubject } from '../model/pace.ts';

export interface PaceQueries {
  /** Returns the number of dispatches after `since` and until `now`. */
  used(numberId: string, of: LimitSubject, since: number, now: number): Promise<number>;
  /** Returns the time of the nth latest dispatch until `now`, or reserved slot; undefined if there are fewer. */
  nthLatest(
    numberId: string,
    of: LimitSubject,
    counting: 'dispatched' | 'reserved',
    n: number,
    now: number,
  ): Promise<number | undefined>;
  /** Returns the times of the latest dispatches until `now`, or of these and the reserved slots. Latest first. */
  latest(
    numberId: string,
    of: LimitSubject,
    counting: 'dispatched' | 'reserved',
    limit: number,
    now: number,
  ): Promise<number[]>;
  write(numberId: string, at: number, messageId: string, isNewContact: boolean): Promise<void>;
  /** Reserves a time slot for a message to a new contact. */
  reserve(numberId: string, at: number, messageId: string): Promise<void>;
  unreserve(numberId: string, at: number, messageId: string): Promise<void>;
  /** Deletes reserved slots after the time, at most `limit`. Returns their number. */
  dropReserved(numberId: string, after: number, limit: number): Promise<number>;
  /** Deletes the entry of a dispatch that did not reach its target. */
  forget(numberId: string, messageId: string, since: number): Promise<void>;
  /**
   * Returns the numbers of the next `limit` ones after `afterId` that dispatched after `now`: the system clock was set
   * back. `lastId`: where to continue; undefined at the end.
   */
  numbersAhead(
    now: number,
    page: { afterId: string; limit: number },
  ): Promise<{ numberIds: string[]; lastId: string | undefined }>;
  /** Deletes up to `limit` dispatches after `now`. Returns the number of deletions. */
  dropFuture(numberId: string, now: number, limit: number): Promise<number>;
  /** Deletes up to `limit` entries of a number from before the time. */
  purge(numberId: string, before: number, limit: number): Promise<void>;
  /** Deletes up to `limit` entries of all numbers from before the time. Returns the number of deletions. */
  purgeAll(before: number, limit: number): Promise<number>;
}
