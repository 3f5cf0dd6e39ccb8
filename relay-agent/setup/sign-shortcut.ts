/** Signs shortcuts with the `shortcuts` program of the Mac; an iPhone imports only signed shortcuts. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { failureReason, runProgram } from './run-program.ts';

/** Signing contacts Apple's servers. */
const SIGN_MAX_MS = 60_000;

const signRequest = z.object({ bytes: z.base64() });

export type SignResult = { bytes: string } | { error: { code: string; message: string } };

/** Handles a `sign_shortcut` request; returns the fields of the `answer` frame. Never rejects. */
export async function signShortcut(program: string, request: unknown): Promise<SignResult> {
  const parsed = signRequest.safeParse(request);
  if (!parsed.success) return failure('invalid_request', 'The request has no valid `bytes`.');
  const folder = await mkdtemp(join(tmpdir(), 'homing-sign-'));
  try {
    const [input, output] = [join(folder, 'unsigned.shortcut'), join(folder, 'signed.shortcut')];
    await writeFile(input, Buffer.from(parsed.data.bytes, 'base64'));
    const args = ['sign', '--mode', 'anyone', '--input', input, '--output', output];
    const result = await runProgram(program, args, { timeoutMs: SIGN_MAX_MS });
    if (result.status !== 0) return failure('device_error', `${program} sign: ${failureReason(result)}`);
    return { bytes: (await readFile(output)).toString('base64') };
  } catch (error) {
    return failure('device_error', (error as Error).message);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const failure = (code: string, message: string): SignResult => ({ error: { code, message } });
