/**
 * What the Mac keeps of its pairing: `pairing.json` in the data folder, readable by its owner only, and the
 * token in the keychain, or where that is not to be had in the file `token` beside it. The token is never in
 * `pairing.json`.
 */
import { chmodSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import type { Keychain } from './keychain.ts';
import { SetupError } from './setup-error.ts';
import { PAIR_COMMAND } from './setup-link.ts';

export interface StoredPairing {
  /** The broker's address, without a slash at its end. */
  url: string;
  /** Null for a pairing by a token, which does not say which device it is of. */
  device: string | null;
  /** What it sends for; empty where the pairing did not say. */
  numbers: string[];
  tokenIn: 'keychain' | 'file';
  /** What the token is called in the keychain. */
  keychainAccount: string;
  caFile: string | null;
  allowHttp: boolean;
  /** Epoch ms. */
  pairedAt: number;
}

export interface PairingStore {
  /** Makes the folder, so that a one-time code is not spent where nothing can be kept. */
  prepare(): void;
  /** @throws SetupError where the file is damaged. */
  read(): StoredPairing | undefined;
  /** @throws SetupError where it is not to be had. */
  readToken(pairing: StoredPairing): Promise<string>;
  /** Says where the token went, and why not into the keychain. */
  save(pairing: Omit<StoredPairing, 'tokenIn'>, token: string, wantsKeychain: boolean): Promise<Saved>;
  /** Gives what could not be removed. */
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
    const text = readIfThere(file);
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
          `The folder ${dataDir} can't be made ready: ${(error as Error).message}. Put that right, or name another ` +
            'one by --data-dir.',
        );
      }
    },
    async readToken({ tokenIn, keychainAccount }) {
      if (tokenIn === 'file') {
        const token = readIfThere(tokenFile)?.trim();
        if (token) return token;
        throw new SetupError(
          `The token is not in ${tokenFile} any more. Pair this Mac again: ${PAIR_COMMAND}`,
        );
      }
      const found = await keychain.find(keychainAccount);
      if (found.kind === 'refused') {
        throw new SetupError(
          `The keychain does not give the token: ${found.problem}. Log in at the Mac's own screen, which unlocks it; ` +
            'or pair again with --no-keychain, which keeps the token in a file.',
        );
      }
      if (found.value) return found.value;
      throw new SetupError(`The token is not in the keychain any more. Pair this Mac again: ${PAIR_COMMAND}`);
    },
    async save(pairing, token, wantsKeychain) {
      const before = readOrNothing(read);
      const saved = wantsKeychain ? await keychain.save(pairing.keychainAccount, token) : undefined;
      const tokenIn = saved?.kind === 'done' ? 'keychain' : 'file';
      const stored: StoredPairing = { ...pairing, tokenIn };
      if (tokenIn === 'file') writeFileAtomic.sync(tokenFile, `${token}\n`, { mode: 0o600 });
      writeFileAtomic.sync(file, `${JSON.stringify(fileFrom(stored), undefined, 2)}\n`, { mode: 0o600 });
      // The new pairing is whole; what is left of the old one is of no use.
      if (tokenIn === 'keychain') rmSync(tokenFile, { force: true });
      if (
        before?.tokenIn === 'keychain' &&
        (tokenIn === 'file' || before.keychainAccount !== pairing.keychainAccount)
      ) {
        await keychain.remove(before.keychainAccount);
      }
      return { pairing: stored, keychainProblem: saved?.kind === 'refused' ? saved.problem : undefined };
    },
    async forget() {
      const left: string[] = [];
      const before = readOrNothing(read);
      if (before?.tokenIn === 'keychain') {
        const removed = await keychain.remove(before.keychainAccount);
        if (removed.kind === 'refused') {
          left.push(`the entry homing-relay, ${before.keychainAccount} in the keychain (${removed.problem})`);
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

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new SetupError(
      `${file} can't be read: ${(error as Error).message}. It must belong to you; pairing again writes it anew.`,
    );
  }
}

/** A damaged pairing does not stand in the way of a new one. */
function readOrNothing(read: () => StoredPairing | undefined): StoredPairing | undefined {
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
