/** Signs a shortcut with the Mac's own `shortcuts` program, since an iPhone imports only what is signed. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { failureReason, runProgram } from './run-program.ts';

/** Apple's servers have a part in it. */
const SIGN_MAX_MS = 60_000;

const signRequest = z.object({ bytes: z.base64() });

export type SignResult = { bytes: string } | { error: { code: string; message: string } };

/** Answers a `sign_shortcut` request; never throws. */
export async function signShortcut(program: string, request: unknown): Promise<SignResult> {
  const parsed = signRequest.safeParse(request);
  if (!parsed.success) return refused('invalid_request', 'There are no bytes to sign.');
  const folder = await mkdtemp(join(tmpdir(), 'homing-sign-'));
  try {
    const [input, output] = [join(folder, 'unsigned.shortcut'), join(folder, 'signed.shortcut')];
    await writeFile(input, Buffer.from(parsed.data.bytes, 'base64'));
    const args = ['sign', '--mode', 'anyone', '--input', input, '--output', output];
    const ended = await runProgram(program, args, { timeoutMs: SIGN_MAX_MS });
    if (ended.status !== 0) return refused('device_error', `${program} sign: ${failureReason(ended)}`);
    return { bytes: (await readFile(output)).toString('base64') };
  } catch (error) {
    return refused('device_error', (error as Error).message);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const refused = (code: string, message: string): SignResult => ({ error: { code, message } });
