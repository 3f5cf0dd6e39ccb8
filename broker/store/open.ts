/** Opens the store of an address. No other file outside an engine's folder imports an engine. */
import type { Metrics } from '../core/ports/metrics.ts';
import type { RateWindows } from '../core/ports/rate-limits.ts';
import type { Store } from '../core/ports/store.ts';
import type { Migration } from './migrations/index.ts';
import type { OnWait, PostgresAddress } from './postgres/connection.ts';
import type { FollowingClock, Membership } from './postgres/membership.ts';
import type { BrokerMember, CommandTimes } from './postgres/open.ts';

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
  /** PostgreSQL only; undefined in processes that are not brokers. */
  member?: BrokerMember | undefined;
  /** PostgreSQL only: the clock and the ids of a command. */
  command?: CommandTimes | undefined;
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

/** Not entered yet. @throws DatabaseError if the address cannot have a separate session */
export async function createMembership(
  address: PostgresAddress,
  clock: FollowingClock,
  onWait?: OnWait,
): Promise<Membership> {
  const { Membership } = await import('./postgres/membership.ts');
  return new Membership(address, clock, onWait);
}

/** Connects when it is used. */
export async function createRateWindows(address: PostgresAddress, brokerId: string): Promise<RateWindows> {
  const { RateWindowTable } = await import('./postgres/rate-windows.ts');
  return new RateWindowTable(address, brokerId);
}
