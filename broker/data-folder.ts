/**
 * Locates the database in the data folder, and locks the folder for one broker at a time. The lock is a SQLite file in an
 * exclusive transaction, so the kernel releases it even if the broker is killed.
 */
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
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

export interface FolderLock {
  /** Records the generation of the database that belongs to the folder. */
  recordGeneration(generation: number): void;
  unlock(): void;
}

const UMASK = 0o077;
const FILES = ['homing.db', 'homing.db-wal', 'homing.db-shm', 'broker.lock'];

export function databaseFile(folder: string): string {
  return join(folder, 'homing.db');
}

/** Folder of the temporary files of uploads. */
export function uploadFolder(folder: string): string {
  return join(folder, 'uploads');
}

/** Folder of the backups that the dashboard writes. */
export function backupFolder(folder: string): string {
  return join(folder, 'backups');
}

export function lockFile(folder: string): string {
  return join(folder, 'broker.lock');
}

/** Creates the folder if it does not exist. Only its owner can read the folder and the files in it. */
export function prepareFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  restrictFiles(folder);
}

/** Makes the files that this process creates from now on readable only for their owner. */
export function keepNewFilesPrivate(): void {
  process.umask(UMASK);
}

/** Makes the database files private, and all files that this process creates from now on. */
export function restrictFiles(folder: string): void {
  keepNewFilesPrivate();
  for (const name of FILES) {
    const file = join(folder, name);
    if (existsSync(file)) chmodSync(file, 0o600);
  }
}

/** @throws FolderInUseError if a broker works on the folder. */
export function lockFolder(folder: string): FolderLock {
  const file = lockFile(folder);
  const lock = new Database(file, { timeout: 0 });
  try {
    lock.pragma('locking_mode = EXCLUSIVE');
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (!(error instanceof Database.SqliteError)) throw error;
    if (error.code.startsWith('SQLITE_BUSY')) throw new FolderInUseError(folder);
    if (error.code === 'SQLITE_NOTADB' || error.code.startsWith('SQLITE_CORRUPT')) {
      throw new Error(`${file} is damaged. Check that no broker runs, delete the file, and try again.`, {
        cause: error,
      });
    }
    throw error;
  }
  return {
    recordGeneration(generation) {
      if (lock.pragma('application_id', { simple: true }) === generation) return;
      lock.pragma(`application_id = ${generation}`);
      // In exclusive locking mode, the connection keeps the lock between the transactions.
      lock.exec('COMMIT; BEGIN EXCLUSIVE');
    },
    unlock: () => void lock.close(),
  };
}
