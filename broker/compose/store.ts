/** Opens the store of the data folder, and creates the default account. */

import { ensureDefaultAccount } from '../core/accounts/accounts.ts';
import { createFirstKeys, type NewKey } from '../core/accounts/api-keys.ts';
import type { Store } from '../core/ports/store.ts';
import { databaseFile, lockFile, lockFolder, prepareFolder } from '../data-folder.ts';
import type { Migration } from '../store/migrations/index.ts';
import { openSqliteStore } from '../store/open.ts';
import { assertUsableDatabase } from '../store/sqlite/database-file.ts';
import type { Runtime } from './runtime.ts';

export type FirstKeys = { live: NewKey; test: NewKey };

export interface OpenedStore {
  store: Store;
  /** Creates the first keys if the database has none: they are shown once. Call it when the broker listens. */
  createFirstKeys(): Promise<FirstKeys | undefined>;
  /** Closes the store and unlocks the data folder. */
  close(): Promise<void>;
}

const BYTES_PER_MB = 1024 * 1024;

function logMigrations(log: Runtime['log'], applied: readonly Migration[]): void {
  const [first] = applied;
  if (first === undefined) return;
  const version = applied.at(-1)?.number;
  if (first.number === 1) log.info({ version }, 'database created');
  else log.info({ version, migrations: applied.map(({ name }) => name) }, 'database migrated');
}

/** @throws FolderInUseError if another broker works on the data folder. @throws DatabaseFileError */
export async function openStore(runtime: Runtime): Promise<OpenedStore> {
  const { config, log, brokerMetrics, plans } = runtime;
  prepareFolder(config.dataDir);
  const lock = lockFolder(config.dataDir);
  const file = databaseFile(config.dataDir);
  assertUsableDatabase(file, lockFile(config.dataDir));
  const { store, applied, generation } = openSqliteStore({
    file,
    maxBytes: config.maxDatabaseMegabytes === 0 ? undefined : config.maxDatabaseMegabytes * BYTES_PER_MB,
    metrics: brokerMetrics.metrics,
  });
  logMigrations(log, applied);
  // If the clock was set back since, new messages still sort after the stored ones.
  const newest = await store.read.messages.newestId();
  if (newest !== undefined) runtime.continueIdsAfter(newest);
  lock.recordGeneration(generation);
  await store.transaction((tx) => ensureDefaultAccount(tx, runtime, plans));
  return {
    store,
    createFirstKeys: () => store.transaction((tx) => createFirstKeys(tx, runtime)),
    async close() {
      await store.close();
      lock.unlock();
    },
  };
}
