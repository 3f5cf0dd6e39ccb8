/** What numbers have handed out lately, as the core needs it kept. */
import type { LimitSubject } from '../model/pace.ts';

export interface PaceQueries {
  /** How many were handed out after that time. */
  used(numberId: string, of: LimitSubject, since: number): Promise<number>;
  /** When the nth latest was handed out, or its slot is; undefined: there are fewer. */
  nthLatest(
    numberId: string,
    of: LimitSubject,
    counting: 'dispatched' | 'reserved',
    n: number,
  ): Promise<number | undefined>;
  write(numberId: string, at: number, messageId: string, isNewContact: boolean): Promise<void>;
  /** Keeps a slot for a message to a new contact. */
  reserve(numberId: string, at: number, messageId: string): Promise<void>;
  unreserve(numberId: string, at: number, messageId: string): Promise<void>;
  /** Drops every slot after that time. */
  dropReserved(numberId: string, after: number): Promise<void>;
  /** It was not handed out after all. */
  forget(numberId: string, messageId: string, since: number): Promise<void>;
  purge(numberId: string, before: number): Promise<void>;
}
