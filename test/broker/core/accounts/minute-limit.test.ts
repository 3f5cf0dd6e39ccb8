import { describe, expect, it } from 'vitest';
import { MinuteLimit } from '../../../../broker/core/accounts/minute-limit.ts';

describe('the limit per minute', () => {
  it('allows the limit in each minute and returns the seconds until the next one', () => {
    let now = 90_000;
    const limit = new MinuteLimit(() => now);
    const window = { retryAfterSeconds: 30, windowStart: 60_000 };
    expect(limit.take('a', 2)).toEqual({ isAllowed: true, taken: 1, remaining: 1, ...window });
    expect(limit.take('a', 2)).toEqual({ isAllowed: true, taken: 1, remaining: 0, ...window });
    expect(limit.take('a', 2)).toEqual({ isAllowed: false, taken: 0, remaining: 0, ...window });
    expect(limit.take('b', 2).isAllowed).toBe(true);
    limit.refund('a', window);
    expect(limit.take('a', 2).isAllowed).toBe(true);
    now = 120_000;
    expect(limit.take('a', 2).isAllowed).toBe(true);
  });

  it('takes several units at once, as many as the limit allows', () => {
    const limit = new MinuteLimit(() => 0);
    expect(limit.take('a', 5, 3)).toMatchObject({ isAllowed: true, taken: 3, remaining: 2 });
    const partial = limit.take('a', 5, 3);
    expect(partial).toMatchObject({ isAllowed: false, taken: 2, remaining: 0 });
    limit.refund('a', partial, 2);
    expect(limit.take('a', 5, 2)).toMatchObject({ isAllowed: true, taken: 2, remaining: 0 });
  });

  it('does not refund a unit after the end of its window', () => {
    let now = 0;
    const limit = new MinuteLimit(() => now);
    const taken = limit.take('a', 1);
    now = 60_000;
    limit.take('a', 1);
    limit.refund('a', taken);
    expect(limit.take('a', 1).isAllowed).toBe(false);
  });

  it('shares one counter between the subjects beyond 100,000', () => {
    const limit = new MinuteLimit(() => 0);
    for (let i = 0; i < 100_000; i += 1) limit.take(i, 1);
    expect(limit.take('one more', 1).isAllowed).toBe(true);
    expect(limit.take('another', 1).isAllowed).toBe(false);
    expect(limit.take(5, 2).isAllowed).toBe(true);
  });
});
