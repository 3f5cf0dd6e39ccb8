/**
 * Opens the database of the data folder for one command, with or without a running broker. Commands need no API key,
 * and a running broker detects their changes.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { ServerClock } from '../broker/cluster/server-clock.ts';
import type { Config } from '../broker/config.ts';
import { ensureDefaultAccount } from '../broker/core/accounts/accounts.ts';
import type { KeyContext } from '../broker/core/accounts/api-keys.ts';
import type { PlanTable } from '../broker/core/model/plan.ts';
import type { Environment } from '../broker/core/model/tenant.ts';
import type { Store } from '../broker/core/ports/store.ts';
import {
  databaseFile,
  FolderInUseError,
  lockFile,
  lockFolder,
  restrictFiles,
} from '../broker/data-folder.ts';
import { readPlans } from '../broker/plans-file.ts';
import { secrets } from '../broker/secrets.ts';
import { type DatabaseAddress, openStore, type StoreOptions } from '../broker/store/open.ts';
import { assertUsableDatabase } from '../broker/store/sqlite/database-file.ts';
import { needsMigration } from '../broker/store/sqlite/migrate.ts';
import { storeAddress } from '../broker/store-address.ts';
import { createIdSource, createResumableIdSource } from '../shared/ids.ts';
import { configOf } from './settings-options.ts';
import { CommandError, EXIT, printWait } from './terminal.ts';

export interface LocalStore {
  store: Store;
  config: Config;
  plans: PlanTable;
  keyContext: KeyContext;
}

/** Opens the store of the command's data folder, runs `work` and closes the store. */
export async function withStore<T>(command: Command, work: (local: LocalStore) => Promise<T>): Promise<T> {
  const config = configOf(command);
  const plans = readPlans(config.plansFile);
  const clock = new ServerClock();
  const now = storeAddress(config).engine === 'postgres' ? clock.now : Date.now;
  const idClock = createResumableIdSource(now);
  const keyContext = { ids: idClock.next, now, secrets };
  const store = await openExisting(config, { clock, idClock });
  try {
    await store.transaction((tx) => ensureDefaultAccount(tx, keyContext, plans));
    return await work({ store, config, plans, keyContext });
  } finally {
    await store.close();
  }
}

export function createKeyContext(): KeyContext {
  const now = () => Date.now();
  return { ids: createIdSource(now), now, secrets };
}

/**
 * Returns the path of the database. Only `serve` and `init` create one: a wrong folder must not look like an empty
 * account.
 *
 * @throws CommandError if there is none
 */
export function existingDatabase(dataDir: string): string {
  const file = resolve(databaseFile(dataDir));
  if (existsSync(file)) return file;
  throw new CommandError(
    `There is no database at ${file}. Create it with homing serve or homing init, or select the data folder with ` +
      '--data-dir or HOMING_DATA_DIR.',
  );
}

async function openExisting(config: Config, command: StoreOptions['command']): Promise<Store> {
  const address = storeAddress(config);
  if (address.engine === 'postgres') {
    return (await openStore(address, { command, requiresTables: true, onWait: printWait })).store;
  }
  const { dataDir } = config;
  const file = existingDatabase(dataDir);
  restrictFiles(dataDir);
  assertUsableDatabase(file, lockFile(dataDir));
  const unlimited = { engine: 'sqlite', file } as const;
  if (needsMigration(file)) return migrateAlone(dataDir, unlimited);
  return (await openStore(unlimited)).store;
}

/** A running broker of an earlier version would not know the new tables. */
async function migrateAlone(dataDir: string, address: DatabaseAddress): Promise<Store> {
  try {
    const lock = lockFolder(dataDir);
    try {
      return (await openStore(address)).store;
    } finally {
      lock.unlock();
    }
  } catch (error) {
    if (!(error instanceof FolderInUseError)) throw error;
    throw new CommandError(
      'The running broker is of an earlier version than this command. Restart the broker with this version first.',
    );
  }
}

/** @throws CommandError if `given` is neither `live` nor `test`. */
export function readEnvironment(given: string): Environment {
  if (given === 'live' || given === 'test') return given;
  throw new CommandError(`--environment was given '${given}'; allowed: live or test.`, EXIT.usage);
}
