/**
 * Locates the database in the data folder, and locks the folder for one broker at a time. The lock is a SQLite file in an
 * exclusive transaction, so the kernel releases it even if the broker is killed.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';

export class FolderInUseError extends Error {
  constructor(folder: string) {
    super(
      `Another broker uses the data folder ${folder}. Stop it, or select another folder with --data-dir. ` +
        '(Commands such as `homing keys` and `homing send` work while a broker runs.)',
    );
    this.name = 'FolderInUseError';
  }
}

export function databaseFile(folder: string): string {
  return join(folder, 'homing.db');
}

/** Creates the folder if it does not exist. Only its owner can read it. */
export function prepareFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
}

/** Returns a function that unlocks the folder. @throws FolderInUseError */
export function lockFolder(folder: string): () => void {
  const lock = new Database(join(folder, 'broker.lock'), { timeout: 0 });
  try {
    lock.pragma('locking_mode = EXCLUSIVE');
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) {
      throw new FolderInUseError(folder);
    }
    throw error;
  }
  return () => lock.close();
}
