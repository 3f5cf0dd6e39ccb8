import { describe, expect, it } from 'vitest';
import { MinuteLimit } from '../../../broker/core/accounts/minute-limit.ts';
import type { Identity } from '../../../broker/devices/authenticate-device.ts';
import { countPoll } from '../../../broker/devices/authenticate-device.ts';

describe('the polls of a device', () => {
  it('are rejected with the seconds to wait after 30,000 within a minute, for this device only', () => {
    let now = 15_000;
    const context = { pollLimit: new MinuteLimit(() => now) };
    const device = (id: string) => ({ device: { id }, numbers: [] }) as unknown as Identity;
    for (let i = 0; i < 30_000; i += 1) countPoll(device('a'), context);
    expect(() => countPoll(device('a'), context)).toThrow(
      expect.objectContaining({ code: 'rate_limited', retryAfterSeconds: 45 }),
    );
    countPoll(device('b'), context);
    now = 60_000;
    countPoll(device('a'), context);
  });
});
