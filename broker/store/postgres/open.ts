/** Opens a store on PostgreSQL, creates the tables of a new database, and applies the missing migrations. */
import type { Metrics } from '../../core/ports/metrics.ts';
import type { Store } from '../../core/ports/store.ts';
import { assertCompleteCopy } from '../copy/begun-copy.ts';
import { createStore } from '../create-store.ts';
import { type Migration, NEWEST_VERSION } from '../migrations/index.ts';
import { SearchThread } from '../search/search-thread.ts';
import { countActiveBrokers } from './active-brokers.ts';
import type { ActiveLock } from './active-lock.ts';
import { withoutPassword } from './address.ts';
import { clientConfig, connectAtStart, end, type OnWait, type PostgresAddress } from './connection.ts';
import { PostgresEngine } from './engine.ts';
import { DatabaseError } from './errors.ts';
import { deleteExpiredMonths } from './expired-months.ts';
import { columnTypes, migrate, prepareSchema, schemaVersion } from './migrate.ts';
import { createMonthsAhead } from './partitions.ts';
import { searchQueries } from './search-queries.ts';

export interface PostgresStoreOptions {
  metrics?: Metrics | undefined;
  /** The lock of the active broker, taken; undefined in other processes. */
  lock?: ActiveLock | undefined;
  /** Called once, when another broker has become active. */
  onReplaced?: (() => void) | undefined;
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
  { metrics, lock, onReplaced, requiresTables = false, onWait, now = Date.now }: PostgresStoreOptions = {},
): Promise<OpenedPostgresStore> {
  const client = await connectAtStart(clientConfig(address), onWait);
  try {
    const found = await schemaVersion(client);
    if (requiresTables && found === 0) throw withoutTables(address.url);
    // A running broker of an earlier version would not know the new tables.
    if (lock === undefined && found > 0 && found < NEWEST_VERSION && (await countActiveBrokers(client)) > 0) {
      throw new DatabaseError(
        'The running broker is of an earlier version than this program. Restart the broker with this version first.',
      );
    }
    await prepareSchema(client, new URL(address.url).searchParams.get('schema'));
    await assertCompleteCopy(client);
    const applied = await migrate(client, now());
    // Otherwise at night: a takeover does not wait for locks.
    if (lock !== undefined) await createMonthsAhead(client, now(), 1);
    const types = await columnTypes(client);
    let replaced = false;
    const onceReplaced = () => {
      if (!replaced) onReplaced?.();
      replaced = true;
    };
    const epoch = await lock?.becomeActive({
      onReplaced: onceReplaced,
      onOutsideChange: () => engine.noticeOutsideChange(),
    });
    const engine = new PostgresEngine({
      ...{ address, epoch, columnTypes: types, onReplaced: onceReplaced },
      onCommit: metrics?.committed,
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
        await lock?.release();
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
