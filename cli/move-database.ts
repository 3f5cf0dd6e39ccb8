/** Moves a database out of the way, so that a broker does not use it. */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { SUFFIXES } from '../broker/store/sqlite/database-file.ts';
import { fileTimestamp } from './terminal.ts';

/**
 * Moves the database and its write-ahead log into a new folder, `<name>-<time>` in the data folder. Returns the folder;
 * undefined: no database.
 */
export function moveDatabase(dataDir: string, database: string, name: string): string | undefined {
  const files = SUFFIXES.map((suffix) => database + suffix).filter((file) => existsSync(file));
  if (files.length === 0) return undefined;
  const folder = join(resolve(dataDir), `${name}-${fileTimestamp()}`);
  mkdirSync(folder, { mode: 0o700 });
  for (const file of files) renameSync(file, join(folder, basename(file)));
  sync(folder);
  return folder;
}

/** Writes a file, or the names in a folder, to the disk. */
export function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}
