/** Defines a database engine: it runs transactions and reads, and detects writes of other processes. */
import type { Sql } from './database.ts';

export interface Engine {
  /** Committed rows, outside of transactions. */
  readonly read: Sql;
  /** For use within a transaction only. */
  readonly write: Sql;
  /** Number of transactions run so far, without dry runs. */
  readonly transactions: number;
  transaction<T>(work: () => Promise<T>): Promise<T>;
  /** Runs the work in a transaction that is rolled back. Returns the result of the work. */
  dryRun<T>(work: () => Promise<T>): Promise<T>;
  /** Within a transaction: runs the function after the commit, and never if the transaction is rolled back. */
  afterCommit(run: () => void): void;
  /** Does a part of the nightly work of the database. Returns true if there is more. */
  maintain(now: number): Promise<boolean>;
  /** Returns the size of the database on the disk, in bytes. */
  bytes(): Promise<number>;
  onOutsideChange(listener: () => void): void;
  /** Calls the listeners if another process has written. */
  checkForOutsideChange(): void;
  /** Finishes all transactions, then closes. Later transactions fail as `unavailable`. */
  close(): Promise<void>;
}
