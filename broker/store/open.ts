/** Opens the store of an address. No other file outside an engine's folder imports an engine. */
import type { Metrics } from '../core/ports/metrics.ts';
import type { Store } from '../core/ports/store.ts';
import type { Migration } from './migrations/index.ts';
import type { ActiveLock } from './postgres/active-lock.ts';
import type { OnWait, PostgresAddress } from './postgres/connection.ts';

export type DatabaseAddress =
  | {
      engine: 'sqlite';
      file: string;
      /** Maximum file size in bytes. Writes beyond it fail as `unavailable`, as on a full disk. */
      maxBytes?: number | undefined;
    }
  | ({ engine: 'postgres' } & PostgresAddress);

export interface OpenedStore {
  store: Store;
  /** Migrations that were applied while opening. */
  applied: Migration[];
  /** Random number of a SQLite database, different from those of its backups. */
  generation?: number;
}

export interface StoreOptions {
  metrics?: Metrics | undefined;
  /** Called while the database server is starting. */
  onWait?: OnWait | undefined;
  /** PostgreSQL only: opens only a database that has tables. */
  requiresTables?: boolean | undefined;
  /** PostgreSQL only: the lock of the active broker, taken; undefined in other processes. */
  lock?: ActiveLock | undefined;
  /** Called once, when another broker has become active. */
  onReplaced?: (() => void) | undefined;
}

/** Opens the database, creates its tables if they are missing, and applies the missing migrations. */
export async function openStore(address: DatabaseAddress, options: StoreOptions = {}): Promise<OpenedStore> {
  // Each program loads one engine only.
  if (address.engine === 'sqlite') {
    const { openSqliteStore } = await import('./sqlite/open.ts');
    return openSqliteStore({ ...address, metrics: options.metrics });
  }
  const { openPostgresStore } = await import('./postgres/open.ts');
  return openPostgresStore(address, options);
}

/** The lock is not taken yet. @throws DatabaseError if the address cannot hold a lock */
export async function createActiveLock(address: PostgresAddress, onWait?: OnWait): Promise<ActiveLock> {
  const { ActiveLock } = await import('./postgres/active-lock.ts');
  return new ActiveLock(address, onWait);
}
