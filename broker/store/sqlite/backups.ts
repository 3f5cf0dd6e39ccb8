/**
 * Manages the backups in a folder: writes them in a worker thread, lists, reads and deletes them.
 *
 * - One backup is written at a time.
 * - The number of backups is limited, and a backup needs free disk space.
 */
import { chmodSync, createReadStream, mkdirSync, readdirSync, rmSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { conflict, HomingError, notFound } from '../../core/model/errors.ts';
import { deleteDatabase, sizeOf } from './database-file.ts';

export interface Backup {
  /** Name of the file. */
  name: string;
  bytes: number;
  /** Epoch ms. */
  createdAt: number;
}

export interface BackupState {
  backups: Backup[];
  /** Null: no backup is being written. */
  running: { name: string; startedAt: number; percent: number } | null;
  /** Problem of the last backup; null: it is complete, or there was none. */
  problem: string | null;
}

export interface BackupsOptions {
  folder: string;
  /** The database. */
  file: string;
  now: () => number;
  onFault: (error: unknown) => void;
}

const BACKUPS_MAX = 10;
const NAME = /^homing-[0-9TZ-]{10,40}\.db$/;
/** Free space that remains beside a backup. */
const SPARE_BYTES = 100 * 1024 * 1024;

export class Backups {
  readonly #options: BackupsOptions;
  #running: (NonNullable<BackupState['running']> & { worker: Worker }) | undefined;
  #problem: string | null = null;

  constructor(options: BackupsOptions) {
    this.#options = options;
  }

  /** Newest first. */
  state(): BackupState {
    const running = this.#running;
    return {
      backups: this.#list(),
      running:
        running === undefined
          ? null
          : { name: running.name, startedAt: running.startedAt, percent: running.percent },
      problem: this.#problem,
    };
  }

  /** Starts a backup. @throws HomingError conflict or unavailable */
  start(): void {
    const { folder, file, now } = this.#options;
    if (this.#running !== undefined) throw conflict('A backup is being written. Wait until it ends.');
    if (this.#list().length >= BACKUPS_MAX) {
      throw conflict(`There are ${BACKUPS_MAX} backups. Download and delete one first.`);
    }
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { bavail, bsize } = statfsSync(folder);
    if (bavail * bsize < sizeOf(file) + SPARE_BYTES) {
      throw new HomingError('unavailable', 'The disk has too little free space for a backup.', {
        fix: 'Free some space on the disk of the data folder.',
      });
    }
    const startedAt = now();
    const name = `homing-${new Date(startedAt).toISOString().replace(/[:.]/g, '-')}.db`;
    this.#write(name, startedAt);
  }

  /** @throws HomingError not_found */
  find(name: string): Backup {
    const found = this.#list().find((backup) => backup.name === name);
    if (found === undefined) throw notFound('Backup');
    return found;
  }

  read(name: string): AsyncIterable<Uint8Array> {
    return createReadStream(join(this.#options.folder, this.find(name).name));
  }

  remove(name: string): void {
    rmSync(join(this.#options.folder, this.find(name).name), { force: true });
  }

  /** Ends a running backup and deletes its incomplete file. */
  async stop(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    await running.worker.terminate();
    deleteDatabase(`${join(this.#options.folder, running.name)}.partial`);
  }

  #write(name: string, startedAt: number): void {
    const { folder, file, onFault } = this.#options;
    const target = join(folder, name);
    // The worker has the extension of this file: `.js` after the build, `.ts` if Node runs the sources.
    const url = new URL(`./backup-worker${import.meta.url.slice(-3)}`, import.meta.url);
    const worker = new Worker(url, { workerData: { source: file, target } });
    const running = { name, startedAt, percent: 0, worker };
    this.#running = running;
    this.#problem = null;
    worker.on('message', (copied: number) => {
      running.percent = Math.floor(copied * 100);
    });
    worker.once('error', (error) => {
      this.#problem = 'The backup was not written. See the log of the broker.';
      onFault(error);
    });
    worker.once('exit', () => {
      if (this.#running !== running) return;
      this.#running = undefined;
      if (this.#problem === null) chmodSync(target, 0o600);
    });
  }

  #list(): Backup[] {
    const { folder } = this.#options;
    let names: string[];
    try {
      names = readdirSync(folder);
    } catch {
      // The first backup creates the folder.
      return [];
    }
    return names
      .filter((name) => NAME.test(name))
      .flatMap((name) => {
        const stats = statSync(join(folder, name), { throwIfNoEntry: false });
        return stats === undefined ? [] : [{ name, bytes: stats.size, createdAt: Math.round(stats.mtimeMs) }];
      })
      .sort((a, b) => (a.name < b.name ? 1 : -1));
  }
}
