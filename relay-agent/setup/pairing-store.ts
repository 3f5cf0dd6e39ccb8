/**
 * Stores the pairing in `pairing.json` in the data folder, readable only by its owner. The token is in the keychain,
 * or in the file `token` if the keychain is unavailable, and never in `pairing.json`.
 */
import { chmodSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import type { Keychain } from './keychain.ts';
import { SetupError } from './setup-error.ts';
import { PAIR_COMMAND } from './setup-link.ts';

export interface StoredPairing {
  /** URL of the broker, without a trailing slash. */
  url: string;
  /** Null for a pairing by token, which does not include the device id. */
  device: string | null;
  /** Numbers of the device; empty if the pairing did not include them. */
  numbers: string[];
  tokenIn: 'keychain' | 'file';
  /** Account name of the keychain entry. */
  keychainAccount: string;
  caFile: string | null;
  allowHttp: boolean;
  /** Epoch ms. */
  pairedAt: number;
}

export interface PairingStore {
  /** Creates the data folder. Call before a one-time code is used. @throws SetupError */
  prepare(): void;
  /** @throws SetupError if the file is damaged. */
  read(): StoredPairing | undefined;
  /** @throws SetupError if the token is unavailable. */
  readToken(pairing: StoredPairing): Promise<string>;
  /** Resolves to the stored pairing, with the reason if the token is not in the keychain. */
  save(pairing: Omit<StoredPairing, 'tokenIn'>, token: string, wantsKeychain: boolean): Promise<Saved>;
  /** Deletes the pairing; resolves to descriptions of the entries that could not be deleted. */
  forget(): Promise<string[]>;
}

export interface Saved {
  pairing: StoredPairing;
  keychainProblem: string | undefined;
}

const pairingFile = z.object({
  url: z.url(),
  device: z.string().nullable(),
  numbers: z.array(z.string()),
  token_in: z.enum(['keychain', 'file']),
  keychain_account: z.string(),
  ca_file: z.string().nullable(),
  allow_http: z.boolean(),
  paired_at: z.iso.datetime(),
});

export function pairingStore({ dataDir, keychain }: { dataDir: string; keychain: Keychain }): PairingStore {
  const file = join(dataDir, 'pairing.json');
  const tokenFile = join(dataDir, 'token');

  const read = (): StoredPairing | undefined => {
    const text = readIfExists(file);
    if (text === undefined) return undefined;
    const parsed = pairingFile.safeParse(parse(text));
    if (parsed.success) return pairingFrom(parsed.data);
    throw new SetupError(`${file} is damaged. Pair this Mac again: ${PAIR_COMMAND} --force`);
  };

  return {
    read,
    prepare() {
      try {
        mkdirSync(dataDir, { recursive: true, mode: 0o700 });
        chmodSync(dataDir, 0o700);
      } catch (error) {
        throw new SetupError(
          `Cannot create the folder ${dataDir}: ${(error as Error).message}. Fix this problem, or choose another ` +
            'folder with --data-dir.',
        );
      }
    },
    async readToken({ tokenIn, keychainAccount }) {
      if (tokenIn === 'file') {
        const token = readIfExists(tokenFile)?.trim();
        if (token) return token;
        throw new SetupError(`The token is missing from ${tokenFile}. Pair this Mac again: ${PAIR_COMMAND}`);
      }
      const found = await keychain.find(keychainAccount);
      if (found.kind === 'failed') {
        throw new SetupError(
          `Cannot read the token from the keychain: ${found.problem}. Log in at the Mac's own screen to unlock the ` +
            'keychain, or pair again with --no-keychain to store the token in a file.',
        );
      }
      if (found.value) return found.value;
      throw new SetupError(`The token is missing from the keychain. Pair this Mac again: ${PAIR_COMMAND}`);
    },
    async save(pairing, token, wantsKeychain) {
      const before = readIfValid(read);
      const saved = wantsKeychain ? await keychain.save(pairing.keychainAccount, token) : undefined;
      const tokenIn = saved?.kind === 'done' ? 'keychain' : 'file';
      const stored: StoredPairing = { ...pairing, tokenIn };
      if (tokenIn === 'file') writeFileAtomic.sync(tokenFile, `${token}\n`, { mode: 0o600 });
      writeFileAtomic.sync(file, `${JSON.stringify(fileFrom(stored), undefined, 2)}\n`, { mode: 0o600 });
      // The new pairing is complete; the token of the old one can be deleted.
      if (tokenIn === 'keychain') rmSync(tokenFile, { force: true });
      if (
        before?.tokenIn === 'keychain' &&
        (tokenIn === 'file' || before.keychainAccount !== pairing.keychainAccount)
      ) {
        await keychain.remove(before.keychainAccount);
      }
      return { pairing: stored, keychainProblem: saved?.kind === 'failed' ? saved.problem : undefined };
    },
    async forget() {
      const left: string[] = [];
      const before = readIfValid(read);
      if (before?.tokenIn === 'keychain') {
        const removed = await keychain.remove(before.keychainAccount);
        if (removed.kind === 'failed') {
          left.push(`the keychain entry homing-relay, ${before.keychainAccount} (${removed.problem})`);
        }
      }
      rmSync(tokenFile, { force: true });
      rmSync(file, { force: true });
      return left;
    },
  };
}

function fileFrom(pairing: StoredPairing): z.infer<typeof pairingFile> {
  return {
    url: pairing.url,
    device: pairing.device,
    numbers: pairing.numbers,
    token_in: pairing.tokenIn,
    keychain_account: pairing.keychainAccount,
    ca_file: pairing.caFile,
    allow_http: pairing.allowHttp,
    paired_at: new Date(pairing.pairedAt).toISOString(),
  };
}

function pairingFrom(file: z.infer<typeof pairingFile>): StoredPairing {
  return {
    url: file.url,
    device: file.device,
    numbers: file.numbers,
    tokenIn: file.token_in,
    keychainAccount: file.keychain_account,
    caFile: file.ca_file,
    allowHttp: file.allow_http,
    pairedAt: Date.parse(file.paired_at),
  };
}

function readIfExists(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new SetupError(
      `Cannot read ${file}: ${(error as Error).message}. Make sure that you own the file, or pair again to replace it.`,
    );
  }
}

/** Treats a damaged pairing as a missing one, so that a new pairing can replace it. */
function readIfValid(read: () => StoredPairing | undefined): StoredPairing | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
