/**
 * Protects the database file from a write-ahead log of another database, and checks it for damage.
 *
 * SQLite applies the file `homing.db-wal` to any file with the name `homing.db`. If a backup is copied over the database
 * after a crash, the old log corrupts it. Each database therefore has a generation in its header: a random
 * `application_id`, which `homing backup` changes in the copy. The lock file of the folder records the generation of the
 * database that the last broker opened.
 */
import { randomInt } from 'node:crypto';
import { closeSync, existsSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type Database from 'better-sqlite3';

/** An expected error of the database file: its message names the file and the next step. */
export class DatabaseFileError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'DatabaseFileError';
  }
}

const MAGIC = 'SQLite format 3\0';
const HEADER_BYTES = 100;
const APPLICATION_ID_OFFSET = 68;
/** "HM" in the upper half of the application id; the lower half is random. */
const GENERATION_PREFIX = 0x484d_0000;
/** A write-ahead log without frames. */
const WAL_HEADER_BYTES = 32;

/** The database, its write-ahead log and the index of the log: they belong together. */
export const SUFFIXES = ['', '-wal', '-shm'] as const;

/** Suffix of the copy that `homing restore` prepares. */
export const RESTORING = '.restoring';

/**
 * Checks the files before SQLite opens them.
 *
 * @throws DatabaseFileError if a restore was interrupted, the file is no SQLite database, or the write-ahead log belongs
 *   to another database.
 */
export function assertUsableDatabase(file: string, lockFile: string): void {
  if (!existsSync(file)) {
    if (!existsSync(file + RESTORING)) return;
    throw new DatabaseFileError(
      `A restore was interrupted: ${file} is missing. Run homing restore again with the same backup.`,
    );
  }
  const generation = generationOf(file);
  const recorded = existsSync(lockFile) ? generationOf(lockFile) : 0;
  const wal = statSync(`${file}-wal`, { throwIfNoEntry: false });
  if (recorded === 0 || recorded === generation || wal === undefined || wal.size <= WAL_HEADER_BYTES) return;
  throw new DatabaseFileError(
    `${file} was replaced, but ${file}-wal of the previous database is still there, and SQLite would corrupt the new ` +
      `database with it. Restore the backup with homing restore, or move ${file}-wal and ${file}-shm away.`,
  );
}

/** Returns the application id in the header of a SQLite file; 0 for an empty file. */
function generationOf(file: string): number {
  const header = Buffer.alloc(HEADER_BYTES);
  const descriptor = openSync(file, 'r');
  try {
    const bytes = readSync(descriptor, header, 0, HEADER_BYTES, 0);
    if (bytes === 0) return 0;
    if (bytes < HEADER_BYTES || header.toString('latin1', 0, MAGIC.length) !== MAGIC) {
      throw new DatabaseFileError(
        `${file} is not a SQLite database. Restore a backup with homing restore <file>, or select another folder with ` +
          '--data-dir.',
      );
    }
    return header.readUInt32BE(APPLICATION_ID_OFFSET);
  } finally {
    closeSync(descriptor);
  }
}

/** Returns the generation of an open database. A database without one gets one, in the file and not only in its log. */
export function ensureGeneration(connection: Database.Database): number {
  const generation = connection.pragma('application_id', { simple: true }) as number;
  if (generation !== 0) return generation;
  return newGeneration(connection);
}

function newGeneration(connection: Database.Database): number {
  const generation = GENERATION_PREFIX + randomInt(1, 2 ** 16);
  connection.pragma(`application_id = ${generation}`);
  connection.pragma('wal_checkpoint(TRUNCATE)');
  return generation;
}

/** Value of the pragma. Databases of version 0.1.0 have 0, and never return free pages to the file system. */
const AUTO_VACUUM_INCREMENTAL = 2;

/**
 * Makes a copy of a database a single file with its own generation and incremental vacuum. Returns the generation.
 */
export function finishCopy(connection: Database.Database): number {
  const generation = newGeneration(connection);
  connection.pragma('journal_mode = DELETE');
  if (connection.pragma('auto_vacuum', { simple: true }) !== AUTO_VACUUM_INCREMENTAL) {
    connection.pragma('auto_vacuum = INCREMENTAL');
    connection.exec('VACUUM');
  }
  return generation;
}

/** Deletes a database with the files that SQLite keeps beside it. */
export function deleteDatabase(file: string): void {
  for (const suffix of [...SUFFIXES, '-journal']) rmSync(file + suffix, { force: true });
}

/** Bytes of the database with its log. */
export function sizeOf(file: string): number {
  return SUFFIXES.reduce(
    (sum, suffix) => sum + (statSync(file + suffix, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}

export function isDamage(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB');
}

/** Returns the error of opening a database, with the file and the next step for those that a user can solve. */
export function explainOpenError(file: string, error: unknown): unknown {
  if (isDamage(error)) return new DatabaseFileError(damaged(file), error);
  const { code } = error as { code?: unknown };
  if (typeof code !== 'string') return error;
  const problem = PROBLEMS.find(([prefix]) => code.startsWith(prefix))?.[1];
  return problem === undefined ? error : new DatabaseFileError(problem(file), error);
}

const PROBLEMS: ReadonlyArray<[code: string, message: (file: string) => string]> = [
  [
    'SQLITE_CANTOPEN',
    (file) => `${file} cannot be opened. Check the permissions of the file and its folder.`,
  ],
  ['SQLITE_READONLY', (file) => `${file} is read-only. Make the file and its folder writable for this user.`],
  [
    'SQLITE_FULL',
    (file) => `${file} cannot be written: the disk or its size limit is full. Free some space.`,
  ],
];

export function damaged(file: string): string {
  return `${file} is damaged. Stop the broker and restore a backup with homing restore <file>.`;
}

export interface BackgroundCheck {
  /** Resolves to the first problem; undefined: none. */
  problem: Promise<string | undefined>;
  stop(): void;
}

/** Runs SQLite's `quick_check` in a worker thread after a delay, so that it does not slow down the start. */
export function checkInBackground(file: string, delayMs: number): BackgroundCheck {
  let worker: Worker | undefined;
  const { promise: problem, resolve } = Promise.withResolvers<string | undefined>();
  const timer = setTimeout(() => {
    // The worker has the extension of this file: `.js` after the build, `.ts` if Node runs the sources.
    const url = new URL(`./check-worker${import.meta.url.slice(-3)}`, import.meta.url);
    worker = new Worker(url, { workerData: { file } });
    worker.unref();
    worker.once('message', resolve);
    worker.once('error', (error) => resolve(error.message));
    worker.once('exit', () => resolve(undefined));
  }, delayMs).unref();
  return {
    problem,
    stop() {
      clearTimeout(timer);
      void worker?.terminate();
      resolve(undefined);
    },
  };
}
