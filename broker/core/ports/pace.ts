/** Queries of the dispatch log, which the limits of a number count, and of reserved slots. */
import type { LimitSubject } from '../model/pace.ts';

export interface PaceQueries {
  /** Returns the number of dispatches after the time. */
  used(numberId: string, of: LimitSubject, since: number): Promise<number>;
  /** Returns the time of the nth latest dispatch or reserved slot; undefined if there are fewer. */
  nthLatest(
    numberId: string,
    of: LimitSubject,
    counting: 'dispatched' | 'reserved',
    n: number,
  ): Promise<number | undefined>;
  write(numberId: string, at: number, messageId: string, isNewContact: boolean): Promise<void>;
  /** Reserves a time slot for a message to a new contact. */
  reserve(numberId: string, at: number, messageId: string): Promise<void>;
  unreserve(numberId: string, at: number, messageId: string): Promise<void>;
  /** Deletes all reserved slots after the time. */
  dropReserved(numberId: string, after: number): Promise<void>;
  /** Deletes the entry of a dispatch that did not reach its target. */
  forget(numberId: string, messageId: string, since: number): Promise<void>;
  purge(numberId: string, before: number): Promise<void>;
}
