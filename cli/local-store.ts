/**
 * Opens the database of the data folder for one command, with or without a running broker. Commands need no API key,
 * and a running broker detects their changes.
 */
import type { Command } from 'commander';
import type { Config } from '../broker/config.ts';
import { ensureDefaultAccount } from '../broker/core/accounts/accounts.ts';
import type { KeyContext } from '../broker/core/accounts/api-keys.ts';
import type { PlanTable } from '../broker/core/model/plan.ts';
import type { Environment } from '../broker/core/model/tenant.ts';
import type { Store } from '../broker/core/ports/store.ts';
import { databaseFile, prepareFolder } from '../broker/data-folder.ts';
import { readPlans } from '../broker/plans-file.ts';
import { secrets } from '../broker/secrets.ts';
import { openSqliteStore } from '../broker/store/open.ts';
import { createIdSource } from '../shared/ids.ts';
import { configOf } from './settings-options.ts';
import { CommandError, EXIT } from './terminal.ts';

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
  const now = () => Date.now();
  const keyContext: KeyContext = { ids: createIdSource(now), now, secrets };
  prepareFolder(config.dataDir);
  const { store } = openSqliteStore({ file: databaseFile(config.dataDir) });
  try {
    await store.transaction((tx) => ensureDefaultAccount(tx, keyContext, plans));
    return await work({ store, config, plans, keyContext });
  } finally {
    await store.close();
  }
}

/** @throws CommandError if `given` is neither `live` nor `test`. */
export function readEnvironment(given: string): Environment {
  if (given === 'live' || given === 'test') return given;
  throw new CommandError(`--environment was given '${given}'; allowed: live or test.`, EXIT.usage);
}
