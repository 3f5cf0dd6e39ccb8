/** Implements `homing backup`: writes a consistent copy of the database while the broker runs. */
import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Command } from 'commander';
import { keepNewFilesPrivate } from '../../broker/data-folder.ts';
import { writeBackup } from '../../broker/store/sqlite/backup.ts';
import { existingDatabase } from '../local-store.ts';
import { usePgDump } from '../postgres-backups.ts';
import { addSettings, configOf } from '../settings-options.ts';
import {
  action,
  CommandError,
  fileTimestamp,
  type OutputOptions,
  printJson,
  printNotice,
} from '../terminal.ts';

/** A smaller database is copied at once. */
const PROGRESS_PAGES = 1_000;

export function backupCommand(): Command {
  const command = new Command('backup')
    .description('Write a consistent copy of the SQLite database, also while the broker runs.')
    .argument('[file]', 'file to write (default: homing-<time>.db in the current folder)')
    .option('--force', 'replace an existing file')
    .option('--json', 'JSON output');
  return addSettings(command, ['dataDir']).action(
    action(async (given: string | undefined, options: OutputOptions & { force?: boolean }) => {
      const { dataDir, databaseUrl } = configOf(command);
      if (databaseUrl !== undefined) throw usePgDump(databaseUrl);
      const source = existingDatabase(dataDir);
      const target = resolve(given ?? `homing-${fileTimestamp()}.db`);
      if (existsSync(target) && !options.force) {
        throw new CommandError(`${target} already exists. Use another file, or replace it with --force.`);
      }
      if (!existsSync(dirname(target))) {
        throw new CommandError(
          `There is no folder ${dirname(target)}. Create it, or use another path for the backup.`,
        );
      }
      keepNewFilesPrivate();
      await writeBackup(source, target, (copied, totalPages) => {
        if (process.stderr.isTTY && totalPages > PROGRESS_PAGES) {
          process.stderr.write(`\rCopying… ${Math.round(copied * 100)} %`);
        }
      });
      const { size } = statSync(target);
      if (options.json) {
        printJson({ file: target, bytes: size });
        return;
      }
      if (process.stderr.isTTY) process.stderr.write('\r');
      printNotice(`Wrote the backup ${target} (${Math.ceil(size / 1024)} KB).`);
      printNotice(`To restore it, stop the broker and run: npx homing restore ${target}`);
    }),
  );
}
