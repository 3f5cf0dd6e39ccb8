/**
 * Receives an upload into a temporary file, so that a rejected upload never reaches the database. Bytes are counted while
 * they arrive. Only the broker's user can read the file.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HomingError, unavailable } from '../core/model/errors.ts';

export interface ReceivedFile {
  size: number;
  /** In hex. */
  sha256: string;
  /** Yields the content in parts of the size. */
  parts(bytes: number): AsyncGenerator<Buffer>;
}

export class UploadFolder {
  readonly #folder: string;

  /** Deletes the files of an earlier process. */
  constructor(folder: string) {
    this.#folder = folder;
    rmSync(folder, { recursive: true, force: true });
  }

  /**
   * Calls `work` with the complete file, which is deleted afterwards. `onSize` is called with the size so far, and rejects
   * the upload by throwing.
   */
  async receive<T>(
    id: string,
    bytes: AsyncIterable<Buffer>,
    onSize: (size: number) => void,
    work: (file: ReceivedFile) => Promise<T>,
  ): Promise<T> {
    const path = join(this.#folder, id);
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    try {
      const received = await write(path, bytes, onSize);
      return await work({ ...received, parts: (size) => readParts(path, size) });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (error instanceof HomingError || code === undefined || !DISK_ERRORS.includes(code)) throw error;
      throw unavailable('The upload cannot be stored at the moment. Retry it later.', error);
    } finally {
      await rm(path, { force: true });
    }
  }
}

const DISK_ERRORS = ['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO', 'EROFS', 'EMFILE'];

async function write(path: string, bytes: AsyncIterable<Buffer>, onSize: (size: number) => void) {
  const hash = createHash('sha256');
  let size = 0;
  await using file = await open(path, 'wx', 0o600);
  for await (const part of bytes) {
    size += part.length;
    onSize(size);
    hash.update(part);
    await file.appendFile(part);
  }
  return { size, sha256: hash.digest('hex') };
}

async function* readParts(path: string, size: number): AsyncGenerator<Buffer> {
  await using file = await open(path, 'r');
  for (;;) {
    const buffer = Buffer.allocUnsafe(size);
    let filled = 0;
    while (filled < size) {
      const { bytesRead } = await file.read(buffer, filled, size - filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    if (filled > 0) yield buffer.subarray(0, filled);
    if (filled < size) return;
  }
}
