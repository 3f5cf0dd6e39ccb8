/**
 * Keeps the installed program in ~/Library/Application Support/Homing, independent of the folder or the npx cache that
 * it came from:
 *
 *   bin/homing-relay          a copy of Node; macOS binds the permissions to it
 *   versions/<id>/            the code of one version, with its packages
 *   current → versions/<id>   the version that launchd runs
 */
import {
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { cp, mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type ProgramFiles, programFiles } from './program-files.ts';
import { failureReason, type RunProgram } from './run-program.ts';
import { SetupError } from './setup-error.ts';
import { type StableBinary, stableBinary } from './stable-binary.ts';

const MAIN = 'dist/cli/main.js';
const PROGRAM_MAX_MS = 60_000;
/** Files of packages that no program loads: half of all files. */
const UNUSED = /\.(?:map|[cm]?ts)$/;

export interface Installation {
  readonly folder: string;
  readonly binary: StableBinary;
  /** The command line of the current version. */
  readonly entry: string;
  /** Returns the id of the current version; undefined: nothing is installed. */
  currentId(): string | undefined;
  /** Copies a program, unless its version is there. @throws SetupError */
  stage(files: ProgramFiles): Promise<void>;
  /** Runs the staged program once without an effect. @throws SetupError if it does not start. */
  verify(id: string, node: string): Promise<void>;
  /** Makes a staged version the current one; undefined: none. */
  activate(id: string | undefined): void;
  /** Deletes the versions that are not current. */
  prune(): void;
  /** Deletes the installed files. Returns false if nothing was installed. */
  remove(): boolean;
}

export function installation(home: string, run: RunProgram): Installation {
  const folder = join(home, 'Library/Application Support/Homing');
  const versions = join(folder, 'versions');
  const current = join(folder, 'current');
  const binary = stableBinary(join(folder, 'bin/homing-relay'), run);
  const currentId = () => {
    try {
      return basename(readlinkSync(current));
    } catch {
      return undefined;
    }
  };
  return {
    folder,
    binary,
    entry: join(current, MAIN),
    currentId,
    async stage(files) {
      const target = join(versions, files.id);
      if (existsSync(target)) return;
      const unfinished = join(versions, `.${files.id}.${process.pid}`);
      try {
        await copyProgram(files, unfinished);
        await rename(unfinished, target);
      } catch (error) {
        if (existsSync(target)) return;
        throw new SetupError(
          `Cannot copy the program to ${target}: ${(error as Error).message}. Check the free space and the permissions of the folder.`,
        );
      } finally {
        await rm(unfinished, { recursive: true, force: true });
      }
    },
    async verify(id, node) {
      const main = join(versions, id, MAIN);
      const result = await run(node, [main, 'relay', 'run', '--help'], { timeoutMs: PROGRAM_MAX_MS });
      if (result.status === 0) return;
      // The next attempt copies it again.
      rmSync(join(versions, id), { recursive: true, force: true });
      throw new SetupError(
        `The copied program does not start: ${failureReason(result)}. Nothing was changed. Install Homing again, and repeat this command.`,
      );
    },
    activate(id) {
      if (id === undefined) {
        rmSync(current, { force: true });
        return;
      }
      mkdirSync(folder, { recursive: true });
      const next = `${current}.${process.pid}`;
      rmSync(next, { force: true });
      symlinkSync(join('versions', id), next);
      renameSync(next, current);
    },
    prune() {
      const kept = currentId();
      for (const name of existsSync(versions) ? readdirSync(versions) : []) {
        if (name !== kept) rmSync(join(versions, name), { recursive: true, force: true });
      }
    },
    remove() {
      const wasThere = existsSync(versions);
      for (const part of [current, versions, dirname(binary.path)]) {
        rmSync(part, { recursive: true, force: true });
      }
      if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
      return wasThere;
    },
  };
}

/** Returns the id of the installed version that contains the command line; undefined: another program. */
export function idOfEntry(entry: string): string | undefined {
  return /\/Application Support\/Homing\/versions\/([^/]+)\//.exec(entry)?.[1];
}

/** Returns the files of the program that contains this command. @throws SetupError */
export function ownProgramFiles(entry: string): ProgramFiles {
  const root = entry.slice(0, -MAIN.length - 1);
  if (join(root, MAIN) === entry) return programFiles(root);
  throw new SetupError(
    `${entry} is not the built program of Homing. Run this command as: npx homing relay install`,
  );
}

async function copyProgram({ root, files, packages }: ProgramFiles, target: string): Promise<void> {
  for (const file of files) await copy(join(root, file), join(target, file));
  for (const [place, source] of packages) {
    const nested = join(source, 'node_modules');
    await copy(source, join(target, place), (path) => path !== nested && !UNUSED.test(path));
  }
}

async function copy(from: string, to: string, filter: (path: string) => boolean = () => true): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await cp(from, to, { recursive: true, dereference: true, filter, mode: constants.COPYFILE_FICLONE });
}
