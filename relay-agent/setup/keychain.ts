/**
 * The device's token in the login keychain: a generic password of the service `homing-relay`. The token
 * travels on standard input and output only, since every user of the Mac sees the arguments of a program.
 */
import { type Ended, failureReason, type RunProgram } from './run-program.ts';

const SERVICE = 'homing-relay';
/** macOS may ask the owner first. */
const ANSWER_MAX_MS = 60_000;
const ITEM_NOT_FOUND = 44;
/** What may stand in a line of `security -i` without quotes. */
const PLAIN = /^[\w.:-]+$/;

export type KeychainResult<Found> = { kind: 'done'; value: Found } | { kind: 'refused'; problem: string };

export interface Keychain {
  save(account: string, token: string): Promise<KeychainResult<undefined>>;
  /** Undefined where there is no such entry. */
  find(account: string): Promise<KeychainResult<string | undefined>>;
  /** Done also where there was no such entry. */
  remove(account: string): Promise<KeychainResult<undefined>>;
}

export function keychain(program: string, run: RunProgram): Keychain {
  const find = async (account: string): Promise<KeychainResult<string | undefined>> => {
    const args = ['find-generic-password', '-s', SERVICE, '-a', account, '-w'];
    const ended = await run(program, args, { timeoutMs: ANSWER_MAX_MS });
    if (ended.status === 0) return { kind: 'done', value: ended.stdout.trim() };
    return ended.status === ITEM_NOT_FOUND ? { kind: 'done', value: undefined } : refusedBy(ended);
  };
  return {
    find,
    async save(account, token) {
      if (!PLAIN.test(account) || !PLAIN.test(token)) {
        return { kind: 'refused', problem: 'the account or the token holds characters it cannot take' };
      }
      const input = `add-generic-password -U -s ${SERVICE} -a ${account} -w ${token}\n`;
      const ended = await run(program, ['-i'], { input, timeoutMs: ANSWER_MAX_MS });
      if (ended.status !== 0) return refusedBy(ended, token);
      // The status of `security -i` does not tell of every command's failure; what can be read back is there.
      const found = await find(account);
      if (found.kind === 'refused') return found;
      if (found.value === token) return { kind: 'done', value: undefined };
      return refusedBy({ ...ended, stdout: '' }, token);
    },
    async remove(account) {
      const args = ['delete-generic-password', '-s', SERVICE, '-a', account];
      const ended = await run(program, args, { timeoutMs: ANSWER_MAX_MS });
      return ended.status === 0 || ended.status === ITEM_NOT_FOUND
        ? { kind: 'done', value: undefined }
        : refusedBy(ended);
    },
  };
}

function refusedBy(ended: Ended, secret?: string): { kind: 'refused'; problem: string } {
  const complaint = failureReason(ended);
  return {
    kind: 'refused',
    problem: secret === undefined ? complaint : complaint.replaceAll(secret, 'dev_…'),
  };
}
