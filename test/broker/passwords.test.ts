/** Tests the hashes of passwords. */
import { describe, expect, it } from 'vitest';
import { createPasswords } from '../../broker/passwords.ts';

/** A hash of 'secret' with parameters that take no time, as an earlier version may have stored it. */
const QUICK = 'scrypt$2$1$1$c2FsdA$';

describe('a password', () => {
  it('has another salt in each hash, and the parameters', async () => {
    const passwords = createPasswords();
    const hashes = [await passwords.hash('correct horse'), await passwords.hash('correct horse')];
    for (const hash of hashes) {
      expect(hash).toMatch(/^scrypt\$32768\$8\$3\$[\w-]{22}\$[\w-]{43}$/);
      expect(await passwords.verify('correct horse', hash)).toBe(true);
      expect(await passwords.verify('correct horse ', hash)).toBe(false);
    }
    expect(hashes[0]).not.toBe(hashes[1]);
  });

  it('is the same in each Unicode normal form', async () => {
    const passwords = createPasswords();
    const hash = await passwords.hash('Käsebrötchen'.normalize('NFC'));
    expect(await passwords.verify('Käsebrötchen'.normalize('NFD'), hash)).toBe(true);
  });

  it.each([
    ['no hash', undefined],
    ['a hash of another format', 'none'],
    ['an empty hash', ''],
  ])('does not match %s', async (_, hash) => {
    expect(await createPasswords().verify('', hash)).toBe(false);
  });

  it('waits for at most 50 others, and is rejected beyond', async () => {
    const passwords = createPasswords();
    const results = await Promise.allSettled(
      Array.from({ length: 60 }, () => passwords.verify('secret', `${QUICK}${'A'.repeat(43)}`)),
    );
    const rejected = results.filter(({ status }) => status === 'rejected');
    expect(rejected.length).toBeGreaterThanOrEqual(8);
    expect(rejected.length).toBeLessThanOrEqual(10);
    for (const result of rejected) {
      expect((result as PromiseRejectedResult).reason).toMatchObject({
        ...{ code: 'rate_limited', retryAfterSeconds: 5 },
      });
    }
    expect(await passwords.verify('secret', `${QUICK}${'A'.repeat(43)}`)).toBe(false);
  });
});
