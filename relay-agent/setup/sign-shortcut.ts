/**
 * Signs shortcuts with the `shortcuts` program of the Mac, and reads the signed file again; an iPhone imports only signed
 * shortcuts. Signing may change a file: a Mac before macOS 27 removes the triggers without an error.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { failureReason, runProgram } from './run-program.ts';
import { SignedFileError, unpackShortcut } from './unpack-shortcut.ts';

/** Signing contacts Apple's servers. */
const SIGN_MAX_MS = 60_000;

const signRequest = z.object({ bytes: z.base64() });

/** `unpacked` is the property list in the signed file, in base64. */
export type SignResult = { bytes: string; unpacked: string } | { error: { code: string; message: string } };

/** The program is missing, it failed, or its output is not a signed shortcut. */
export class SigningError extends Error {
  /** The program does not exist. */
  readonly isMissing: boolean;

  constructor(message: string, isMissing = false) {
    super(message);
    this.name = 'SigningError';
    this.isMissing = isMissing;
  }
}

export interface SignedShortcut {
  bytes: Uint8Array;
  /** The property list in the signed file. */
  unpacked: Uint8Array;
}

/** @throws SigningError */
export async function signShortcutFile(program: string, unsigned: Uint8Array): Promise<SignedShortcut> {
  const folder = await mkdtemp(join(tmpdir(), 'homing-sign-'));
  try {
    // `shortcuts sign` requires this extension.
    const [input, output] = [join(folder, 'unsigned.shortcut'), join(folder, 'signed.shortcut')];
    await writeFile(input, unsigned);
    const args = ['sign', '--mode', 'anyone', '--input', input, '--output', output];
    const result = await runProgram(program, args, { timeoutMs: SIGN_MAX_MS });
    if (result.startProblem !== undefined) {
      throw new SigningError(result.startProblem, result.startProblem.includes('ENOENT'));
    }
    if (result.status !== 0) throw new SigningError(failureReason(result));
    // The program sometimes exits with status 0 without a file.
    const bytes = await readFile(output).catch(() => undefined);
    if (bytes === undefined) throw new SigningError('the program exited with 0 and without a signed file');
    return { bytes, unpacked: await unpackShortcut(output, folder) };
  } catch (error) {
    if (error instanceof SignedFileError) throw new SigningError(error.message);
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Handles a `sign_shortcut` request; returns the fields of the `answer` frame. Never rejects. */
export async function signShortcut(program: string, request: unknown): Promise<SignResult> {
  const parsed = signRequest.safeParse(request);
  if (!parsed.success) return failure('invalid_request', 'The request has no valid `bytes`.');
  try {
    const { bytes, unpacked } = await signShortcutFile(program, Buffer.from(parsed.data.bytes, 'base64'));
    return { bytes: base64(bytes), unpacked: base64(unpacked) };
  } catch (error) {
    return failure('device_error', `${program} sign: ${(error as Error).message}`);
  }
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const failure = (code: string, message: string): SignResult => ({ error: { code, message } });
