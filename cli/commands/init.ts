/** Implements `homing init`: creates the database before the first start, so that no log contains the first keys. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import type { Config } from '../../broker/config.ts';
import { ensureDefaultAccount } from '../../broker/core/accounts/accounts.ts';
import { createFirstKeys, type NewKey } from '../../broker/core/accounts/api-keys.ts';
import type { PlanTable } from '../../broker/core/model/plan.ts';
import type { Store } from '../../broker/core/ports/store.ts';
import { databaseFile, lockFile, lockFolder, prepareFolder } from '../../broker/data-folder.ts';
import { readPlans } from '../../broker/plans-file.ts';
import { openStore } from '../../broker/store/open.ts';
import { withoutPassword } from '../../broker/store/postgres/address.ts';
import { assertUsableDatabase } from '../../broker/store/sqlite/database-file.ts';
import { openSqliteStore } from '../../broker/store/sqlite/open.ts';
import { storeAddress } from '../../broker/store-address.ts';
import { createKeyContext } from '../local-store.ts';
import { addSettings, configOf } from '../settings-options.ts';
import {
  action,
  CommandError,
  type OutputOptions,
  printJson,
  printLine,
  printNotice,
  printWait,
} from '../terminal.ts';

export function initCommand(): Command {
  const command = new Command('init')
    .description('Create the database of a new broker, and print its first API keys.')
    .option('--json', 'JSON output');
  return addSettings(command, ['dataDir', 'plansFile']).action(
    action(async (options: OutputOptions) => {
      const config = configOf(command);
      const plans = readPlans(config.plansFile);
      const { name, keys } =
        config.databaseUrl === undefined
          ? await createFile(config.dataDir, plans)
          : await createTables(config, config.databaseUrl, plans);
      if (options.json) {
        const [file, database] = config.databaseUrl === undefined ? [name] : [undefined, name];
        printJson({ file, database, live_key: keys.live.key, test_key: keys.test.key });
        return;
      }
      printLine(`Created ${name}. Its first API keys are shown once, so store them:`);
      printLine(`  live  ${keys.live.key}`);
      printLine(`  test  ${keys.test.key}`);
      printNotice('For a sign-in link to the dashboard, start the broker and run homing dashboard.');
    }),
  );
}

interface Created {
  name: string;
  keys: { live: NewKey; test: NewKey };
}

async function createFile(dataDir: string, plans: PlanTable): Promise<Created> {
  const file = resolve(databaseFile(dataDir));
  prepareFolder(dataDir);
  const lock = lockFolder(dataDir);
  try {
    if (existsSync(file))
      throw new CommandError(`${file} already exists. Start the broker with homing serve.`);
    assertUsableDatabase(file, lockFile(dataDir));
    const { store, generation } = openSqliteStore({ file });
    const keys = await firstKeys(store, plans, file);
    lock.recordGeneration(generation);
    return { name: file, keys };
  } finally {
    lock.unlock();
  }
}

async function createTables(config: Config, url: string, plans: PlanTable): Promise<Created> {
  const { store } = await openStore(storeAddress(config), { onWait: printWait });
  const name = withoutPassword(url);
  return { name, keys: await firstKeys(store, plans, name) };
}

/** Closes the store. @throws CommandError if the database has keys */
async function firstKeys(store: Store, plans: PlanTable, name: string): Promise<Created['keys']> {
  const context = createKeyContext();
  try {
    const keys = await store.transaction(async (tx) => {
      await ensureDefaultAccount(tx, context, plans);
      return createFirstKeys(tx, context);
    });
    if (keys !== undefined) return keys;
    throw new CommandError(`${name} already has API keys. Start the broker with homing serve.`);
  } finally {
    await store.close();
  }
}
