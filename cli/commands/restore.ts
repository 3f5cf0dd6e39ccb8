/** Implements `homing restore`: replaces the database with a backup, while no broker runs. */
import { chmodSync, copyFileSync, existsSync, renameSync } from 'node:fs';
import { resolve } from 'node:path';
import Database from 'better-sqlite3';
import { Command } from 'commander';
import { databaseFile, lockFolder, prepareFolder } from '../../broker/data-folder.ts';
import { NEWEST_VERSION } from '../../broker/store/migrations/index.ts';
import {
  deleteDatabase,
  explainOpenError,
  finishCopy,
  isDamage,
  RESTORING,
} from '../../broker/store/sqlite/database-file.ts';
import { NewerDatabaseError } from '../../broker/store/sqlite/migrate.ts';
import { moveDatabase, sync } from '../move-database.ts';
import { usePgRestore } from '../postgres-backups.ts';
import { addSettings, configOf } from '../settings-options.ts';
import { action, CommandError, type OutputOptions, printJson, printNotice } from '../terminal.ts';

interface Checked {
  generation: number;
  messages: number;
}

export function restoreCommand(): Command {
  const command = new Command('restore')
    .description('Replace the SQLite database with a backup. Stop the broker first.')
    .argument('<file>', 'backup, written by homing backup')
    .option('--json', 'JSON output');
  return addSettings(command, ['dataDir']).action(
    action(async (given: string, options: OutputOptions) => {
      const { dataDir, databaseUrl } = configOf(command);
      if (databaseUrl !== undefined) throw usePgRestore(databaseUrl);
      const backup = resolve(given);
      const target = resolve(databaseFile(dataDir));
      if (!existsSync(backup)) throw new CommandError(`There is no backup at ${backup}.`);
      if (backup === target) throw new CommandError(`${backup} is the database itself, not a backup.`);
      prepareFolder(dataDir);
      const lock = lockFolder(dataDir);
      try {
        const copy = target + RESTORING;
        const { generation, messages } = prepareCopy(backup, copy);
        const replaced = moveDatabase(dataDir, target, 'replaced');
        renameSync(copy, target);
        sync(dataDir);
        lock.recordGeneration(generation);
        if (options.json) {
          printJson({ file: target, messages, replaced: replaced ?? null });
          return;
        }
        printNotice(`Restored ${target} (${messages} messages) from ${backup}.`);
        if (replaced !== undefined) printNotice(`The previous database is in ${replaced}.`);
        printNotice(
          'Start the broker. It sends messages that were queued in the backup, unless they have expired.',
        );
      } finally {
        lock.unlock();
      }
    }),
  );
}

/** Copies the backup into the data folder, checks the copy and makes it a single file. */
function prepareCopy(backup: string, copy: string): Checked {
  deleteDatabase(copy);
  try {
    printNotice(`Copying and checking ${backup}…`);
    copyFileSync(backup, copy);
    chmodSync(copy, 0o600);
    // A database that an earlier restore moved aside has its last changes in this file.
    if (existsSync(`${backup}-wal`)) copyFileSync(`${backup}-wal`, `${copy}-wal`);
    const checked = check(backup, copy);
    sync(copy);
    return checked;
  } catch (error) {
    deleteDatabase(copy);
    throw error;
  }
}

function check(backup: string, copy: string): Checked {
  let connection: Database.Database | undefined;
  try {
    connection = new Database(copy);
    const version = connection.pragma('user_version', { simple: true }) as number;
    if (version > NEWEST_VERSION) throw new NewerDatabaseError(backup, version, NEWEST_VERSION);
    const table = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'messages'";
    if (version === 0 || connection.prepare(table).get() === undefined) {
      throw new CommandError(`${backup} is not a database of Homing.`);
    }
    const problem = connection.pragma('integrity_check(1)', { simple: true });
    if (problem !== 'ok') {
      throw new CommandError(`${backup} is damaged (${problem}). Nothing was changed. Use another backup.`);
    }
    return {
      generation: finishCopy(connection),
      messages: connection.prepare('SELECT COUNT(*) FROM messages').pluck().get() as number,
    };
  } catch (error) {
    if (isDamage(error)) {
      throw new CommandError(
        `${backup} is damaged or not a database. Nothing was changed. Use another backup.`,
      );
    }
    throw explainOpenError(copy, error);
  } finally {
    connection?.close();
  }
}
