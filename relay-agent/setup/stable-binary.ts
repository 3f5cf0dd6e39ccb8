/**
 * Copies Node to a path that updates of Node and of Homing keep. macOS binds permissions to the path and the signature
 * of a program, so an unchanged copy keeps them.
 *
 * - A copy is used only if it is equal to its source and runs.
 * - An existing copy stays while it runs, unless a renewal is requested. A replaced copy is kept until `commit`.
 */
import { constants, existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { failureReason, type RunProgram } from './run-program.ts';
import { SetupError } from './setup-error.ts';

/** Older versions of Node do not run the agent. */
const NODE_MIN_MAJOR = 24;
/** The first run of a program on macOS includes a check of its signature. */
const RUN_MAX_MS = 60_000;

export type BinaryChange = 'copied' | 'kept' | 'replaced' | 'not_copied';

/** Size of the parts that are compared. */
const CHUNK_BYTES = 4 * 1024 * 1024;

export interface BinaryResult {
  change: BinaryChange;
  /** Path of the program that launchd runs: the copy, or the source for `not_copied`. */
  program: string;
  /** Version of Node in `program`, such as `24.21.0`. */
  version: string;
  /** Reason of `not_copied` or `replaced`. */
  problem?: string;
}

export interface StableBinary {
  readonly path: string;
  /** @throws SetupError if the copy cannot be written. */
  provide(source: string, options: { isRenewed: boolean }): Promise<BinaryResult>;
  /** Restores the copy from before `provide`. */
  rollback(): Promise<void>;
  /** Deletes the replaced copy. */
  commit(): Promise<void>;
}

export function stableBinary(path: string, run: RunProgram): StableBinary {
  const previous = `${path}.previous`;

  const install = async (source: string, wasThere: boolean): Promise<BinaryResult> => {
    const unfinished = `${path}.${process.pid}.unfinished`;
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await copyFile(source, unfinished, constants.COPYFILE_FICLONE);
      await chmod(unfinished, 0o755);
      if (!(await isEqual(source, unfinished))) throw new Error('the copy differs from its source');
      const probe = await nodeVersion(unfinished, run);
      if ('problem' in probe) {
        const own = await nodeVersion(source, run);
        if ('problem' in own) throw new Error(`${source} does not run: ${own.problem}`);
        return { change: 'not_copied', program: source, version: own.version, problem: probe.problem };
      }
      if (wasThere) await rename(path, previous);
      await rename(unfinished, path);
      return { change: wasThere ? 'replaced' : 'copied', program: path, version: probe.version };
    } catch (error) {
      throw new SetupError(
        `Cannot copy ${source} to ${path}: ${(error as Error).message}. Check the free space and the permissions of the folder.`,
      );
    } finally {
      await rm(unfinished, { force: true });
    }
  };

  return {
    path,
    async provide(source, { isRenewed }) {
      if (!existsSync(path)) return install(source, false);
      const present = await nodeVersion(path, run);
      if ('problem' in present) return { ...(await install(source, true)), problem: present.problem };
      const kept: BinaryResult = { change: 'kept', program: path, version: present.version };
      if (source === path) return kept;
      if (Number.parseInt(present.version, 10) < NODE_MIN_MAJOR) {
        const problem = `Node ${present.version} is too old; the agent needs ${NODE_MIN_MAJOR}`;
        return { ...(await install(source, true)), problem };
      }
      return isRenewed && !(await isEqual(source, path)) ? install(source, true) : kept;
    },
    async rollback() {
      if (existsSync(previous)) await rename(previous, path);
    },
    async commit() {
      await rm(previous, { force: true });
    },
  };
}

/** A Node of Homebrew loads libraries beside it, so a copy may not run. */
async function nodeVersion(
  program: string,
  run: RunProgram,
): Promise<{ version: string } | { problem: string }> {
  const result = await run(program, ['--version'], { timeoutMs: RUN_MAX_MS });
  const version = /^v(\d+\.\d+\.\d+)/.exec(result.stdout)?.[1];
  if (result.status === 0 && version !== undefined) return { version };
  return { problem: failureReason(result) };
}

async function isEqual(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([stat(one), stat(other)]);
  if (a.size !== b.size) return false;
  const [first, second] = await Promise.all([open(one), open(other)]);
  try {
    const [left, right] = [Buffer.alloc(CHUNK_BYTES), Buffer.alloc(CHUNK_BYTES)];
    for (let position = 0; position < a.size; position += CHUNK_BYTES) {
      const size = Math.min(CHUNK_BYTES, a.size - position);
      await Promise.all([first.read(left, 0, size, position), second.read(right, 0, size, position)]);
      if (!left.subarray(0, size).equals(right.subarray(0, size))) return false;
    }
    return true;
  } finally {
    await Promise.all([first.close(), second.close()]);
  }
}
