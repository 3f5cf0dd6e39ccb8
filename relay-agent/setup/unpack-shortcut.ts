/**
 * Unpacks a signed shortcut with programs of macOS.
 *
 * A signed shortcut is an Apple Encrypted Archive of profile 0: signed, not encrypted. Its auth data is a property list
 * with the chain of certificates; the first one verifies the signature. The archive contains one Apple Archive, compressed
 * with LZFSE, with the file `Shortcut.wflow`. No package of npm reads LZFSE, so `aea` (macOS 12) and `aa` (macOS 11) read
 * it.
 */
import { X509Certificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { failureReason, runProgram } from './run-program.ts';

/** A file that is not a readable signed shortcut. */
export class SignedFileError extends Error {
  override readonly name = 'SignedFileError';
}

const MAGIC = 'AEA1';
const HEADER_BYTES = 12;
const PROFILE_SIGNED = 0;
const AUTH_DATA_MAX_BYTES = 100_000;
const CONTENT_FILE = 'Shortcut.wflow';

/** Returns the property list in the file. Writes to `folder`. @throws SignedFileError */
export async function unpackShortcut(file: string, folder: string): Promise<Uint8Array> {
  const keyFile = join(folder, 'key.pem');
  const archive = join(folder, 'shortcut.aar');
  await writeFile(keyFile, await publicKeyOf(await readFile(file)));
  await run('aea', ['decrypt', '-i', file, '-o', archive, '-sign-pub', keyFile]);
  await run('aa', ['extract', '-i', archive, '-d', folder]);
  const content = await readFile(join(folder, CONTENT_FILE)).catch(() => undefined);
  if (content === undefined) throw new SignedFileError(`the signed file contains no ${CONTENT_FILE}`);
  return content;
}

/** Returns the key of the signature as PEM. */
async function publicKeyOf(bytes: Buffer): Promise<string> {
  if (bytes.length < HEADER_BYTES || bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) {
    throw new SignedFileError('the program wrote a file that is not signed');
  }
  const profile = bytes.readUIntLE(4, 3);
  const authBytes = bytes.readUInt32LE(8);
  if (profile !== PROFILE_SIGNED || authBytes > AUTH_DATA_MAX_BYTES) {
    throw new SignedFileError(`the signed file has the unknown profile ${profile}`);
  }
  // Loaded here, so that the package does not delay the start of the agent.
  const { parseBinary } = await import('plist');
  try {
    const auth = parseBinary(bytes.subarray(HEADER_BYTES, HEADER_BYTES + authBytes)) as {
      SigningCertificateChain: Uint8Array[];
    };
    const certificate = new X509Certificate(Buffer.from(auth.SigningCertificateChain[0] ?? []));
    return certificate.publicKey.export({ type: 'spki', format: 'pem' }) as string;
  } catch (error) {
    throw new SignedFileError(
      `the certificate of the signed file is unreadable (${(error as Error).message})`,
    );
  }
}

async function run(program: string, args: readonly string[]): Promise<void> {
  const result = await runProgram(program, args);
  if (result.status !== 0) {
    throw new SignedFileError(`the signed file cannot be checked: ${program}: ${failureReason(result)}`);
  }
}
