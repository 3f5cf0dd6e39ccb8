/**
 * Downloads the attachments of outbound messages into a folder that Messages may read. Files of earlier runs are deleted
 * at the start. Each file has its own folder, because the recipient sees the file name and two files can have the same
 * name.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import mime from 'mime';
import type { DeliverItem } from '../../shared/protocol.ts';
import { type MediaTransfer, TransferError } from '../transport/media-transfer.ts';

export interface Staging {
  /** Downloads the attachments of a message; resolves to their paths, in order. @throws TransferError */
  stage(media: DeliverItem['media']): Promise<string[]>;
  /** Deletes the files. Call when Messages has its own copy. */
  clear(files: readonly string[]): void;
}

export interface StagingOptions {
  /** STAGING_FOLDER in the owner's home folder. */
  folder: string;
  transfer: MediaTransfer;
  now: () => number;
  wait(ms: number): Promise<void>;
}

/** Messages is sandboxed: it reads attachments from its own folders only. */
export const STAGING_FOLDER = 'Library/Messages/Attachments/homing';
/** The retries take two minutes in total, longer than an update of the broker. */
const TRIES = 8;
const FIRST_WAIT_MS = 1_000;
/** Older files belong to no message that is still being sent. */
const STALE_MS = 2 * 24 * 60 * 60 * 1000;
const NAME_MAX_CHARACTERS = 200;

export function staging({ folder, transfer, now, wait }: StagingOptions): Staging {
  const stageOne = async ({ url, name, content_type }: DeliverItem['media'][number]): Promise<string> => {
    const fileFolder = join(folder, randomUUID());
    await mkdir(fileFolder, { recursive: true, mode: 0o700 });
    const partial = join(fileFolder, '.partial');
    for (let tries = 1; ; tries += 1) {
      try {
        const { contentType } = await transfer.download(url, partial);
        const file = join(fileFolder, fileName(name, content_type ?? contentType));
        await rename(partial, file);
        return file;
      } catch (error) {
        if (!(error instanceof TransferError) || !error.isTemporary || tries === TRIES) {
          await rm(fileFolder, { recursive: true, force: true });
          throw error;
        }
        await wait(FIRST_WAIT_MS * 2 ** (tries - 1));
      }
    }
  };

  const clear = (files: readonly string[]) => {
    for (const file of files) {
      rm(join(file, '..'), { recursive: true, force: true }).catch(() => {
        // The next start deletes it.
      });
    }
  };

  void deleteStale(folder, now());
  return {
    async stage(media) {
      const files: string[] = [];
      try {
        for (const item of media) files.push(await stageOne(item));
        return files;
      } catch (error) {
        clear(files);
        throw error;
      }
    },
    clear,
  };
}

/** Adds an extension that matches the type, because Messages uses the extension to display the file. */
export function fileName(name: string | null, contentType: string | undefined): string {
  const safe = basename((name ?? '').replaceAll(/[\0/\\:]/g, '_'))
    .replace(/^\.+/, '')
    .slice(-NAME_MAX_CHARACTERS);
  const base = safe === '' ? 'attachment' : safe;
  if (extname(base) !== '') return base;
  const extension = contentType === undefined ? null : mime.getExtension(contentType);
  return extension === null ? base : `${base}.${extension}`;
}

async function deleteStale(folder: string, now: number): Promise<void> {
  try {
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      if (now - (await stat(path)).mtimeMs > STALE_MS) await rm(path, { recursive: true, force: true });
    }
  } catch {
    // The folder does not exist yet or is not accessible; sending texts works without it.
  }
}
