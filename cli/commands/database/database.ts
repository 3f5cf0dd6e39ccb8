/** Declares `homing database`. */
import { Command } from 'commander';
import { databaseCheckCommand } from './check.ts';
import { databaseMigrateCommand } from './migrate.ts';

export function databaseCommand(): Command {
  return new Command('database')
    .description('Check the database, or copy it from SQLite to PostgreSQL.')
    .addCommand(databaseCheckCommand())
    .addCommand(databaseMigrateCommand());
}
