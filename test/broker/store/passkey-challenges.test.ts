import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PasskeyChallenges } from '../../../broker/apis/admin/access/passkey-challenges.ts';
import { purgeMembers } from '../../../broker/core/messages/retention.ts';
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts';

const LIFE_MS = 5 * 60_000;

describe('challenges of passkeys', () => {
  let base: TemporaryStore;
  /** Two brokers on the database. */
  let first: PasskeyChallenges;
  let second: PasskeyChallenges;
  beforeEach(async () => {
    base = await temporaryStore();
    first = new PasskeyChallenges(base);
    second = new PasskeyChallenges(base);
  });
  afterEach(() => base.close());

  it('a challenge works once, at any broker', async () => {
    await first.add('c', null);
    const taken = await Promise.all([first.take('c', null), second.take('c', null), second.take('c', null)]);
    expect(taken.filter((isTaken) => isTaken)).toHaveLength(1);
    expect(await first.take('unknown', null)).toBe(false);
  });

  it('a challenge works only for its member', async () => {
    await first.add('c', 'member');
    expect(await second.take('c', 'other')).toBe(false);
    expect(await second.take('c', null)).toBe(false);
    expect(await second.take('c', 'member')).toBe(true);
  });

  it('a challenge expires after five minutes', async () => {
    await first.add('c', null);
    base.advance(LIFE_MS - 1);
    await first.add('d', null);
    base.advance(1);
    expect(await second.take('c', null)).toBe(false);
    expect(await second.take('d', null)).toBe(true);
  });

  it('expired challenges are deleted at night, and with new ones', async () => {
    const stored = async (challenge: string) =>
      (await base.store.read.passkeyChallenges.find(challenge)) !== undefined;
    await first.add('c', null);
    base.advance(LIFE_MS);
    expect(await stored('c')).toBe(true);
    await first.add('d', null);
    expect([await stored('c'), await stored('d')]).toEqual([false, true]);
    expect(await purgeMembers(base.store, base.now())).toBe(0);
    base.advance(LIFE_MS);
    expect(await purgeMembers(base.store, base.now())).toBe(1);
  });

  it('keeps the newest challenges up to a maximum', async () => {
    for (const challenge of ['a', 'b', 'c', 'd']) {
      await first.add(challenge, null);
      base.advance(1);
    }
    await base.store.transaction((tx) => tx.passkeyChallenges.keepNewest(2));
    const kept = await Promise.all(['a', 'b', 'c', 'd'].map((challenge) => second.take(challenge, null)));
    expect(kept).toEqual([false, false, true, true]);
  });
});
