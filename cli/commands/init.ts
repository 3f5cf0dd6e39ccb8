/** Implements `homing init`: creates the database before the first start, so that no log contains the first keys. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { ensureDefaultAccount } from '../../broker/core/accounts/accounts.ts';
import { createFirstKeys } from '../../broker/core/accounts/api-keys.ts';
import { databaseFile, lockFile, lockFolder, prepareFolder } from '../../broker/data-folder.ts';
import { readPlans } from '../../broker/plans-file.ts';
import { assertUsableDatabase } from '../../broker/store/sqlite/database-file.ts';
import { openSqliteStore } from '../../broker/store/sqlite/open.ts';
import { createKeyContext } from '../local-store.ts';
import { addSettings, configOf } from '../settings-options.ts';
import { action, CommandError, type OutputOptions, printJson, printLine, printNotice } from '../terminal.ts';

export function initCommand(): Command {
  const command = new Command('init')
    .description('Create the database of a new broker, and print its first API keys.')
    .option('--json', 'JSON output');
  return addSettings(command, ['dataDir', 'plansFile']).action(
    action(async (options: OutputOptions) => {
      const { dataDir, plansFile } = configOf(command);
      const plans = readPlans(plansFile);
      const file = resolve(databaseFile(dataDir));
      prepareFolder(dataDir);
      const lock = lockFolder(dataDir);
      try {
        if (existsSync(file))
          throw new CommandError(`${file} already exists. Start the broker with homing serve.`);
        assertUsableDatabase(file, lockFile(dataDir));
        const context = createKeyContext();
        const { store, generation } = openSqliteStore({ file });
        const keys = await store
          .transaction(async (tx) => {
            await ensureDefaultAccount(tx, context, plans);
            return createFirstKeys(tx, context);
          })
          .finally(() => store.close());
        lock.recordGeneration(generation);
        if (options.json) {
          printJson({ file, live_key: keys?.live.key, test_key: keys?.test.key });
          return;
        }
        printLine(`Created ${file}. Its first API keys are shown once, so store them:`);
        printLine(`  live  ${keys?.live.key}`);
        printLine(`  test  ${keys?.test.key}`);
        printNotice('For a sign-in link to the dashboard, start the broker and run homing dashboard.');
      } finally {
        lock.unlock();
      }
    }),
  );
}
