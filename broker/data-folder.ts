/**
 * The data folder: the database file and the lock that lets one broker at a time work on it. The lock is a
 * SQLite file held in an exclusive transaction, so the kernel lets go of it however the broker ends.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';

export class FolderInUseError extends Error {
  constructor(folder: string) {
    super(
      `Another broker is working on ${folder}. Stop it first, or give this one its own folder with --data-dir. ` +
        '(Commands such as `homing keys` and `homing send` work beside a running broker.)',
    );
    this.name = 'FolderInUseError';
  }
}

export function databaseFile(folder: string): string {
  return join(folder, 'homing.db');
}

/** Makes the folder when it is missing; only its owner may read it. */
export function prepareFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
}

/** @returns what gives the folder free again. @throws FolderInUseError */
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
