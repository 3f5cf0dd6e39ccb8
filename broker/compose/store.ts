/** Opens the store of the data folder, and creates the default account and the first keys. */

import { ensureDefaultAccount } from '../core/accounts/accounts.ts';
import { createFirstKeys, type NewKey } from '../core/accounts/api-keys.ts';
import type { Store } from '../core/ports/store.ts';
import { databaseFile, lockFolder, prepareFolder } from '../data-folder.ts';
import { openSqliteStore } from '../store/open.ts';
import type { Runtime } from './runtime.ts';

export type FirstKeys = { live: NewKey; test: NewKey };

export interface OpenedStore {
  store: Store;
  /** Created at the very first start and shown only then. */
  firstKeys: FirstKeys | undefined;
  /** Closes the store and unlocks the data folder. */
  close(): Promise<void>;
}

const BYTES_PER_MB = 1024 * 1024;

/** @throws FolderInUseError if another broker works on the data folder. */
export async function openStore(runtime: Runtime): Promise<OpenedStore> {
  const { config, log, brokerMetrics, plans } = runtime;
  prepareFolder(config.dataDir);
  const unlock = lockFolder(config.dataDir);
  const { store, applied } = openSqliteStore({
    file: databaseFile(config.dataDir),
    maxBytes: config.maxDatabaseMegabytes === 0 ? undefined : config.maxDatabaseMegabytes * BYTES_PER_MB,
    metrics: brokerMetrics.metrics,
  });
  for (const { number, name } of applied) log.info({ migration: number, name }, 'database migrated');
  const firstKeys = await store.transaction(async (tx) => {
    await ensureDefaultAccount(tx, runtime, plans);
    return createFirstKeys(tx, runtime);
  });
  return {
    store,
    firstKeys,
    async close() {
      await store.close();
      unlock();
    },
  };
}
