/** Explains how a PostgreSQL database is backed up and restored. */
import { backupCommands } from '../broker/store/postgres/backup-commands.ts';
import { CommandError } from './terminal.ts';

/** The error of `homing backup` with PostgreSQL. */
export function usePgDump(databaseUrl: string): CommandError {
  const { backup, restore } = backupCommands(databaseUrl);
  return new CommandError(
    `The database is PostgreSQL (DATABASE_URL). Back it up with its own program, while the broker runs:\n\n  ${backup}\n\n` +
      `To restore it, stop all brokers, create an empty database, run this command, and change DATABASE_URL:\n\n  ${restore}\n`,
  );
}

/** The error of `homing restore` with PostgreSQL. */
export function usePgRestore(databaseUrl: string): CommandError {
  const { restore } = backupCommands(databaseUrl);
  return new CommandError(
    'The database is PostgreSQL (DATABASE_URL). To restore it, stop all brokers, create an empty database, run this ' +
      'command, and change DATABASE_URL:\n\n' +
      `  ${restore}\n\nTo restore a SQLite backup, unset DATABASE_URL. homing database migrate copies it to PostgreSQL.`,
  );
}
