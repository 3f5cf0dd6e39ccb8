import { describe, expect, it } from 'vitest';
import { MinuteLimit } from '../../../../broker/core/accounts/minute-limit.ts';

describe('the limit per minute', () => {
  it('allows the limit in each minute and returns the seconds until the next one', () => {
    let now = 90_000;
    const limit = new MinuteLimit(() => now);
    expect(limit.take('a', 2)).toEqual({ isAllowed: true, remaining: 1, retryAfterSeconds: 30 });
    expect(limit.take('a', 2)).toEqual({ isAllowed: true, remaining: 0, retryAfterSeconds: 30 });
    expect(limit.take('a', 2)).toEqual({ isAllowed: false, remaining: 0, retryAfterSeconds: 30 });
    expect(limit.take('b', 2).isAllowed).toBe(true);
    limit.refund('a');
    expect(limit.take('a', 2).isAllowed).toBe(true);
    now = 120_000;
    expect(limit.take('a', 2).isAllowed).toBe(true);
  });

  it('shares one counter between the subjects beyond 100,000', () => {
    const limit = new MinuteLimit(() => 0);
    for (let i = 0; i < 100_000; i += 1) limit.take(i, 1);
    expect(limit.take('one more', 1).isAllowed).toBe(true);
    expect(limit.take('another', 1).isAllowed).toBe(false);
    expect(limit.take(5, 2).isAllowed).toBe(true);
  });
});
