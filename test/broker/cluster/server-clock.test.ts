import { describe, expect, it } from 'vitest';
import { ServerClock } from '../../../broker/cluster/server-clock.ts';

const SERVER = Date.UTC(2026, 10, 28);

describe('the clock of the database server', () => {
  let elapsed = 1_000;
  const newClock = () => {
    elapsed = 1_000;
    return new ServerClock({ elapsed: () => elapsed });
  };

  it('shows the time of the server, whatever the clock of the machine shows', () => {
    const clock = newClock();
    clock.align(SERVER, 1_000, 1_002);
    elapsed = 1_001;
    expect(clock.now()).toBe(SERVER);
    elapsed = 6_001;
    expect(clock.now()).toBe(SERVER + 5_000);
    expect(clock.monotonicNow()).toBe(SERVER + 5_000);
  });

  it('follows a step of the server at once, and its monotonic clock does not', () => {
    const clock = newClock();
    clock.align(SERVER, 1_000, 1_002);
    clock.align(SERVER + 3_600_000, 1_000, 1_002);
    elapsed = 1_001;
    expect(clock.now()).toBe(SERVER + 3_600_000);
    expect(clock.monotonicNow()).toBe(SERVER);
  });

  it('corrects a small difference in steps', () => {
    const clock = newClock();
    clock.align(SERVER, 1_000, 1_002);
    elapsed = 1_001;
    clock.align(SERVER + 100, 1_000, 1_002);
    expect(clock.now()).toBe(SERVER + 20);
    for (let reading = 0; reading < 40; reading += 1) clock.align(SERVER + 100, 1_000, 1_002);
    expect(clock.now()).toBe(SERVER + 100);
  });

  it('ignores a small difference in a reading that took long', () => {
    const clock = newClock();
    clock.align(SERVER, 1_000, 1_002);
    clock.align(SERVER + 300, 1_000, 1_400);
    elapsed = 1_001;
    expect(clock.now()).toBe(SERVER);
  });
});
