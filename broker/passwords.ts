/**
 * Hashes passwords with scrypt. The parameters are those that OWASP recommends for 32 MiB of memory; they are stored with
 * each hash. Few hashes run at the same time, because they occupy the threads that also read files and names.
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import pLimit from 'p-limit';
import { rateLimited } from './core/model/errors.ts';
import type { Passwords } from './core/ports/passwords.ts';

const PARAMETERS = { N: 2 ** 15, r: 8, p: 3 };
const SALT_BYTES = 16;
const KEY_BYTES = 32;
const RUNNING_MAX = 2;
const WAITING_MAX = 50;
const RETRY_AFTER_SECONDS = 5;

type Parameters = typeof PARAMETERS;

const STORED = /^scrypt\$(\d{1,8})\$(\d{1,3})\$(\d{1,3})\$([\w-]+)\$([\w-]+)$/;

export function createPasswords(): Passwords {
  const limit = pLimit(RUNNING_MAX);
  const run = (password: string, salt: Uint8Array, parameters: Parameters): Promise<Buffer> => {
    if (limit.pendingCount >= WAITING_MAX) {
      throw rateLimited(
        `Too many passwords are checked at the moment. Try again in ${RETRY_AFTER_SECONDS} s.`,
        RETRY_AFTER_SECONDS,
      );
    }
    return limit(() => derive(password.normalize('NFKC'), salt, parameters));
  };
  /** A hash of no password, with the parameters of real ones. */
  const unknown = format(PARAMETERS, randomBytes(SALT_BYTES), randomBytes(KEY_BYTES));
  return {
    async hash(password) {
      const salt = randomBytes(SALT_BYTES);
      return format(PARAMETERS, salt, await run(password, salt, PARAMETERS));
    },
    async verify(password, hash) {
      const match = STORED.exec(hash ?? unknown) ?? STORED.exec(unknown);
      const [, N, r, p, salt = '', key = ''] = match ?? [];
      const parameters = { N: Number(N), r: Number(r), p: Number(p) };
      const derived = await run(password, Buffer.from(salt, 'base64url'), parameters);
      const expected = Buffer.from(key, 'base64url');
      return expected.length === derived.length && timingSafeEqual(expected, derived);
    },
  };
}

function derive(password: string, salt: Uint8Array, parameters: Parameters): Promise<Buffer> {
  const { N, r, p } = parameters;
  const maxmem = 2 * 128 * r * (N + p);
  return new Promise((resolve, reject) => {
    scrypt(password, salt, KEY_BYTES, { ...parameters, maxmem }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}

function format({ N, r, p }: Parameters, salt: Uint8Array, key: Uint8Array): string {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
  return `scrypt$${N}$${r}$${p}$${text(salt)}$${text(key)}`;
}
