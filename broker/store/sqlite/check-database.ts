/** Checks a SQLite database: its schema, its rights and its integrity. Changes nothing. */
import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { type DatabaseCheck, MAIN_TABLES } from '../database-check.ts';
import { NEWEST_VERSION } from '../migrations/index.ts';
import { damaged, explainOpenError, isDamage, sizeOf } from './database-file.ts';
import { NewerDatabaseError } from './migrate.ts';

/** @throws DatabaseFileError if the file cannot be opened */
export function checkSqlite(file: string): DatabaseCheck {
  const check: DatabaseCheck = {
    ...{ engine: 'sqlite', database: file, version: '', schemaVersion: 0, bytes: sizeOf(file) },
    ...{ rows: {}, facts: {}, brokers: [], problems: rightsProblems(file) },
  };
  let connection: Database.Database | undefined;
  try {
    connection = new Database(file, { readonly: true });
    fillCheck(check, connection);
  } catch (error) {
    if (!isDamage(error)) throw explainOpenError(file, error);
    check.problems.push(damaged(file));
  } finally {
    connection?.close();
  }
  return check;
}

function rightsProblems(file: string): string[] {
  try {
    accessSync(file, constants.R_OK | constants.W_OK);
    accessSync(dirname(file), constants.R_OK | constants.W_OK);
    return [];
  } catch {
    return [`${file} is read-only. Make the file and its folder writable for this user.`];
  }
}

function fillCheck(check: DatabaseCheck, connection: Database.Database): void {
  const { database, rows, problems } = check;
  check.version = connection.prepare('SELECT sqlite_version()').pluck().get() as string;
  check.schemaVersion = connection.pragma('user_version', { simple: true }) as number;
  const tables = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all();
  if (!tables.includes('messages')) {
    problems.push(`${database} has no tables of Homing. Create them with homing serve or homing init.`);
    return;
  }
  if (check.schemaVersion > NEWEST_VERSION) {
    problems.push(new NewerDatabaseError(database, check.schemaVersion, NEWEST_VERSION).message);
  }
  const problem = connection.pragma('quick_check(1)', { simple: true });
  if (problem !== 'ok') {
    problems.push(`${damaged(database)} SQLite reports: ${problem}`);
    return;
  }
  const violations = connection.pragma('foreign_key_check') as { table: string }[];
  if (violations.length > 0) {
    const names = [...new Set(violations.map(({ table }) => table))].join(', ');
    problems.push(`${database} has rows that refer to missing rows, in ${names}. Restore a backup.`);
  }
  for (const table of MAIN_TABLES.filter((name) => tables.includes(name))) {
    rows[table] = connection.prepare(`SELECT COUNT(*) FROM ${table}`).pluck().get() as number;
  }
}
