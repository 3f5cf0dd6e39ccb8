/**
 * Stores the device's token in the login keychain, as a generic password of the service `homing-relay`. The token
 * is passed only by standard input and output, since every user of the Mac can read the arguments of a program.
 */
import { failureReason, type ProgramResult, type RunProgram } from './run-program.ts';

const SERVICE = 'homing-relay';
/** macOS may ask the owner for permission first. */
const TIMEOUT_MS = 60_000;
const ITEM_NOT_FOUND = 44;
/** Characters that need no quotes in a line of `security -i`. */
const PLAIN = /^[\w.:-]+$/;

export type KeychainResult<Found> = { kind: 'done'; value: Found } | { kind: 'failed'; problem: string };

export interface Keychain {
  save(account: string, token: string): Promise<KeychainResult<undefined>>;
  /** Resolves to undefined if the entry does not exist. */
  find(account: string): Promise<KeychainResult<string | undefined>>;
  /** Succeeds also if the entry does not exist. */
  remove(account: string): Promise<KeychainResult<undefined>>;
}

export function keychain(program: string, run: RunProgram): Keychain {
  const find = async (account: string): Promise<KeychainResult<string | undefined>> => {
    const args = ['find-generic-password', '-s', SERVICE, '-a', account, '-w'];
    const result = await run(program, args, { timeoutMs: TIMEOUT_MS });
    if (result.status === 0) return { kind: 'done', value: result.stdout.trim() };
    return result.status === ITEM_NOT_FOUND ? { kind: 'done', value: undefined } : failureFrom(result);
  };
  return {
    find,
    async save(account, token) {
      if (!PLAIN.test(account) || !PLAIN.test(token)) {
        return { kind: 'failed', problem: 'the account or the token contains unsupported characters' };
      }
      const input = `add-generic-password -U -s ${SERVICE} -a ${account} -w ${token}\n`;
      const result = await run(program, ['-i'], { input, timeoutMs: TIMEOUT_MS });
      if (result.status !== 0) return failureFrom(result, token);
      // `security -i` exits with 0 after some failures, so the entry is read back.
      const found = await find(account);
      if (found.kind === 'failed') return found;
      if (found.value === token) return { kind: 'done', value: undefined };
      return failureFrom({ ...result, stdout: '' }, token);
    },
    async remove(account) {
      const args = ['delete-generic-password', '-s', SERVICE, '-a', account];
      const result = await run(program, args, { timeoutMs: TIMEOUT_MS });
      return result.status === 0 || result.status === ITEM_NOT_FOUND
        ? { kind: 'done', value: undefined }
        : failureFrom(result);
    },
  };
}

function failureFrom(result: ProgramResult, secret?: string): { kind: 'failed'; problem: string } {
  const reason = failureReason(result);
  return {
    kind: 'failed',
    problem: secret === undefined ? reason : reason.replaceAll(secret, 'dev_…'),
  };
}
