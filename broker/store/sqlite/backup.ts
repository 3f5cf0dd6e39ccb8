/** Writes a consistent copy of the database while a broker works on it. */
import { renameSync } from 'node:fs';
import Database from 'better-sqlite3';
import { deleteDatabase, finishCopy } from './database-file.ts';

/** Pages that one step copies. */
const STEP_PAGES = 1_000;

/** `onProgress` gets the copied part, 0 to 1, after each step. The target appears when it is complete. */
export async function writeBackup(
  source: string,
  target: string,
  onProgress: (copied: number, totalPages: number) => void = () => {},
): Promise<void> {
  const partial = `${target}.partial`;
  const database = new Database(source, { readonly: true });
  try {
    // An open read transaction fixes the state of the copy. Without it, each write of the broker restarts the copy.
    database.exec('BEGIN');
    database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get();
    await database.backup(partial, {
      progress({ totalPages, remainingPages }) {
        onProgress(totalPages === 0 ? 0 : 1 - remainingPages / totalPages, totalPages);
        return STEP_PAGES;
      },
    });
    stampGeneration(partial);
    renameSync(partial, target);
  } finally {
    database.close();
    deleteDatabase(partial);
  }
}

/** Changes the generation of the copy, so that the broker detects a backup that was copied over the database by hand. */
function stampGeneration(file: string): void {
  const connection = new Database(file);
  finishCopy(connection);
  connection.close();
}
