/** `homing backup`: a copy of the database, whole and consistent, while the broker goes on. */
import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import Database from 'better-sqlite3';
import { Command } from 'commander';
import { databaseFile } from '../../broker/data-folder.ts';
import { addSettings, configOf } from '../settings-options.ts';
import { action, CommandError, type OutputOptions, printJson, say } from '../terminal.ts';

const PAGES_A_STEP = 1_000;

export function backupCommand(): Command {
  const command = new Command('backup')
    .description('Copy the database to a file; works while the broker runs.')
    .argument('[file]', 'where to (default: homing-<time>.db here)')
    .option('--force', 'overwrite a file that exists')
    .option('--json', 'print JSON');
  return addSettings(command, ['dataDir']).action(
    action(async (given: string | undefined, options: OutputOptions & { force?: boolean }) => {
      const source = databaseFile(configOf(command).dataDir);
      const stamp = new Date().toISOString().replace(/[:.]/g, '-');
      const target = resolve(given ?? `homing-${stamp}.db`);
      if (!existsSync(source)) throw new CommandError(`There is no database at ${source} yet.`);
      if (existsSync(target) && !options.force) {
        throw new CommandError(`${target} exists already. Choose another file, or add --force.`);
      }
      const partial = `${target}.partial`;
      const database = new Database(source, { readonly: true });
      try {
        await database.backup(partial, {
          progress: ({ totalPages, remainingPages }) => {
            if (process.stderr.isTTY && totalPages > PAGES_A_STEP) {
              const percent = Math.round((1 - remainingPages / totalPages) * 100);
              process.stderr.write(`\rCopying… ${percent} %`);
            }
            return PAGES_A_STEP;
          },
        });
        renameSync(partial, target);
      } finally {
        database.close();
        for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(partial + suffix, { force: true });
      }
      const { size } = statSync(target);
      if (options.json) printJson({ file: target, bytes: size });
      else say(`${process.stderr.isTTY ? '\r' : ''}Backed up to ${target} (${Math.ceil(size / 1024)} KB).`);
      if (!options.json)
        say('To restore: stop the broker, and put this file in its data folder as homing.db.');
    }),
  );
}
