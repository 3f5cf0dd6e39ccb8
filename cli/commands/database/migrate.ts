/** Implements `homing database migrate`: copies the SQLite database of the data folder to PostgreSQL. */
import { Command } from 'commander';
import type { Config } from '../../../broker/config.ts';
import { lockFile, lockFolder, restrictFiles } from '../../../broker/data-folder.ts';
import { SETTINGS } from '../../../broker/settings.ts';
import { type CopyResult, copyDatabase } from '../../../broker/store/copy/copy-database.ts';
import { CopySource } from '../../../broker/store/copy/source.ts';
import { withoutPassword } from '../../../broker/store/postgres/address.ts';
import type { PostgresAddress } from '../../../broker/store/postgres/connection.ts';
import { assertUsableDatabase } from '../../../broker/store/sqlite/database-file.ts';
import { needsMigration } from '../../../broker/store/sqlite/migrate.ts';
import { openSqliteStore } from '../../../broker/store/sqlite/open.ts';
import { existingDatabase } from '../../local-store.ts';
import { moveDatabase } from '../../move-database.ts';
import { readSecretFile } from '../../secret-file.ts';
import { addSettings, configOf } from '../../settings-options.ts';
import {
  action,
  CommandError,
  durationText,
  EXIT,
  type OutputOptions,
  printJson,
  printNotice,
  printTable,
} from '../../terminal.ts';
import { copyProgress } from './copy-progress.ts';

interface MigrateOptions extends OutputOptions {
  from: string;
  to?: string;
  toFile?: string;
  restart?: boolean;
}

export function databaseMigrateCommand(): Command {
  const command = new Command('migrate')
    .description(
      'Copy the SQLite database of the data folder to PostgreSQL, and compare both. Stop the broker first. ' +
        'An interrupted copy continues.',
    )
    .option('--from <engine>', 'engine of the source: sqlite', 'sqlite')
    .option(
      '--to <url>',
      'target, a postgres:// URL; other users can read it with ps, so use --to-file for a URL with a password ' +
        '(default: DATABASE_URL)',
    )
    .option('--to-file <file>', 'file that contains the URL of the target; - is standard input')
    .option('--restart', 'discard the incomplete copy in the target, and start again')
    .option('--json', 'JSON output of the result');
  return addSettings(command, ['dataDir']).action(
    action(async (options: MigrateOptions) => {
      if (options.from !== 'sqlite') {
        throw new CommandError(`--from was given '${options.from}'; allowed: sqlite.`, EXIT.usage);
      }
      const config = configOf(command);
      const address = targetOf(config, options);
      const file = existingDatabase(config.dataDir);
      restrictFiles(config.dataDir);
      const lock = lockFolder(config.dataDir);
      try {
        await migrate(config, { file, address, options });
      } finally {
        lock.unlock();
      }
    }),
  );
}

/** @throws CommandError if there is no target, or two */
function targetOf(config: Config, { to, toFile }: MigrateOptions): PostgresAddress {
  if (to !== undefined && toFile !== undefined) {
    throw new CommandError('--to and --to-file were given; use one of them.', EXIT.usage);
  }
  const given = toFile === undefined ? to : readSecretFile('--to-file', toFile);
  if (given !== undefined) {
    if (SETTINGS.databaseUrl.schema.safeParse(given).success) {
      return { url: given, usesPreparedStatements: true };
    }
    const flag = to === undefined ? '--to-file' : '--to';
    throw new CommandError(`${flag} was given a value; allowed: a postgres:// URL.`, EXIT.usage);
  }
  const { databaseUrl, databaseDirectUrl, databasePreparedStatements } = config;
  if (databaseUrl === undefined) {
    throw new CommandError('There is no target. Set DATABASE_URL, or use --to-file or --to.', EXIT.usage);
  }
  if (databaseDirectUrl === undefined && !databasePreparedStatements) {
    throw new CommandError(
      'A copy does not work through a pooler. Set DATABASE_DIRECT_URL to the address of the database itself.',
    );
  }
  return { url: databaseDirectUrl ?? databaseUrl, usesPreparedStatements: true };
}

interface Migration {
  file: string;
  address: PostgresAddress;
  options: MigrateOptions;
}

async function migrate({ dataDir }: Config, { file, address, options }: Migration): Promise<void> {
  assertUsableDatabase(file, lockFile(dataDir));
  await updateSource(file);
  const startedAt = performance.now();
  const progress = copyProgress({ isQuiet: options.json === true });
  const source = new CopySource(file);
  let result: CopyResult;
  try {
    const { restart = false } = options;
    result = await copyDatabase(source, { address, restarts: restart, now: Date.now(), events: progress });
  } finally {
    progress.end();
    source.close();
  }
  if (result.different.length > 0) {
    printComparison(result, options);
    throw new CommandError(
      `The checksums of these tables differ: ${result.different.join(', ')}. The source was not changed, and no broker ` +
        'opens the target. Start the copy again with --restart.',
    );
  }
  const moved = moveDatabase(dataDir, file, 'migrated') ?? dataDir;
  printComparison(result, options, { file, moved, target: withoutPassword(address.url) });
  if (options.json) return;
  const rows = result.tables.reduce((sum, { source: { rows } }) => sum + rows, 0);
  printNotice(
    `Copied ${formatCount(rows)} rows in ${durationText(performance.now() - startedAt)}. ` +
      'The checksums of all tables are equal.',
  );
  if (result.removedCharacters > 0) {
    printNotice(
      `Removed ${formatCount(result.removedCharacters)} NUL characters, which PostgreSQL does not store in texts.`,
    );
  }
  printNotice(`The SQLite database is in ${moved}, so that no broker starts with it by accident.`);
  printNotice(
    `Next: set DATABASE_URL to the target (${withoutPassword(address.url)}), and run: npx homing serve`,
  );
}

/** A database of an earlier version gets the tables of this version, as at a start of the broker. */
async function updateSource(file: string): Promise<void> {
  if (!needsMigration(file)) return;
  const { store, applied } = openSqliteStore({ file });
  await store.close();
  const version = applied.at(-1)?.number;
  if (version !== undefined) printNotice(`Updated the source to schema version ${version}.`);
}

function printComparison(
  { tables, removedCharacters }: CopyResult,
  { json }: OutputOptions,
  done?: { file: string; moved: string; target: string },
): void {
  if (json) {
    printJson({
      source: done?.file,
      target: done?.target,
      moved_to: done?.moved,
      removed_nul_characters: removedCharacters,
      tables: tables.map(({ table, source, target }) => ({
        table,
        ...{ rows: source.rows, checksum: source.sum },
        ...{ target_rows: target.rows, target_checksum: target.sum },
      })),
    });
    return;
  }
  printTable(
    ['TABLE', 'ROWS', 'CHECKSUM', 'TARGET ROWS', 'TARGET CHECKSUM'],
    tables.map(({ table, source, target }) => [
      ...[table, formatCount(source.rows), source.sum],
      ...[formatCount(target.rows), target.sum],
    ]),
  );
}

const formatCount = (count: number) => count.toLocaleString('en-US');
