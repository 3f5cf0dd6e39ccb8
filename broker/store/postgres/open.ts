/** Opens a store on PostgreSQL, creates the tables of a new database, and applies the missing migrations. */
import type { Metrics } from '../../core/ports/metrics.ts';
import type { Store } from '../../core/ports/store.ts';
import { assertCompleteCopy } from '../copy/begun-copy.ts';
import { createStore } from '../create-store.ts';
import { type Migration, NEWEST_VERSION } from '../migrations/index.ts';
import { SearchThread } from '../search/search-thread.ts';
import { countActiveBrokers } from './active-brokers.ts';
import { withoutPassword } from './address.ts';
import { clientConfig, connectAtStart, end, type OnWait, type PostgresAddress } from './connection.ts';
import { PostgresEngine } from './engine.ts';
import { DatabaseError } from './errors.ts';
import { deleteExpiredMonths } from './expired-months.ts';
import { alignClock, type FollowingClock } from './membership.ts';
import { columnTypes, migrate, prepareSchema, schemaVersion } from './migrate.ts';
import { createMonthsAhead } from './partitions.ts';
import { searchQueries } from './search-queries.ts';
import type { BrokerIdentity, IdClock } from './transactions.ts';

/** A broker that has entered the brokers of the database. */
export interface BrokerMember {
  identity: BrokerIdentity;
  /** Makes the broker a member, when the tables exist. */
  join(onOutsideChange: () => void): Promise<void>;
  /** Called when another broker has removed this one. */
  onRemoved(): void;
  /** Ends the membership, after the last transaction. */
  leave(): Promise<void>;
}

export interface CommandTimes {
  clock: FollowingClock;
  idClock: IdClock;
}

export interface PostgresStoreOptions {
  metrics?: Metrics | undefined;
  /** Undefined in processes that are not brokers. */
  member?: BrokerMember | undefined;
  /** In a command, which is not a broker: its clock and its ids, which follow those of the database. */
  command?: CommandTimes | undefined;
  /** Opens only a database that has tables: commands create none. */
  requiresTables?: boolean | undefined;
  /** Called while the database is starting. */
  onWait?: OnWait | undefined;
  now?: () => number;
}

export interface OpenedPostgresStore {
  store: Store;
  engine: PostgresEngine;
  /** Migrations that were applied while opening. */
  applied: Migration[];
}

/** @throws DatabaseError if the database is not usable; the message names the reason and the next step */
export async function openPostgresStore(
  address: PostgresAddress,
  { metrics, member, command, requiresTables = false, onWait, now = Date.now }: PostgresStoreOptions = {},
): Promise<OpenedPostgresStore> {
  const client = await connectAtStart(clientConfig(address), onWait);
  try {
    const found = await schemaVersion(client);
    if (requiresTables && found === 0) throw withoutTables(address.url);
    // A running broker of an earlier version would not know the new tables.
    if (
      member === undefined &&
      found > 0 &&
      found < NEWEST_VERSION &&
      (await countActiveBrokers(client)) > 0
    ) {
      throw new DatabaseError(
        'The running broker is of an earlier version than this program. Restart the broker with this version first.',
      );
    }
    await prepareSchema(client, new URL(address.url).searchParams.get('schema'));
    await assertCompleteCopy(client);
    const applied = await migrate(client, now());
    // Otherwise at night: the start of a broker does not wait for locks.
    if (member !== undefined) await createMonthsAhead(client, now(), 1);
    if (command !== undefined) await alignClock(command.clock, client);
    const types = await columnTypes(client);
    await member?.join(() => engine.noticeOutsideChange());
    const engine = new PostgresEngine({
      ...{ address, broker: member?.identity, columnTypes: types, onRemoved: member?.onRemoved },
      ...{ idClock: command?.idClock, onCommit: metrics?.committed },
    });
    engine.readOutsideChange();
    const worker = new URL('./search-worker', import.meta.url);
    const thread = new SearchThread({ worker, workerData: { address } });
    const store = createStore({
      ...{ engine, metrics },
      searchQueries: (sql) => searchQueries(sql, thread),
      deleteMonths: (before, at) => deleteExpiredMonths({ engine, address }, before, at),
      close: async () => {
        await thread.close();
        await engine.close();
        await member?.leave();
      },
    });
    return { store, engine, applied };
  } finally {
    await end(client);
  }
}

function withoutTables(url: string): DatabaseError {
  return new DatabaseError(
    `There are no tables of Homing in ${withoutPassword(url)}. Create them with homing serve or homing init, or select ` +
      'another database with DATABASE_URL.',
  );
}
