import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../../relay-agent/transport/backoff.ts';
import { type ConnectionEvent, keepConnected } from '../../../relay-agent/transport/reconnect.ts';
import type { CloseReason, Connect, TransportEvent } from '../../../relay-agent/transport/transport.ts';
import { createManualClock } from '../../support/manual-clock.ts';

describe('the pause before the next attempt', () => {
  it('has a bound that doubles from half a second to a minute', () => {
    const bounds = Array.from({ length: 10 }, (_, attempt) => backoffMs(attempt, () => 1));
    expect(bounds).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    expect(backoffMs(5_000, () => 1)).toBe(60_000);
  });

  it('is drawn from all of it', () => {
    expect(backoffMs(7, () => 0)).toBe(0);
    expect(backoffMs(7, () => 0.5)).toBe(30_000);
  });
});

describe('keepConnected', () => {
  function start(random = 1) {
    const clock = createManualClock();
    const events: ConnectionEvent[] = [];
    const links: Array<(event: TransportEvent) => void> = [];
    const connect: Connect = (on) => {
      links.push(on);
      return { send() {}, close: () => on({ type: 'closed', reason: { kind: 'stopped' } }) };
    };
    const connection = keepConnected({
      ...clock,
      monotonicNow: clock.now,
      connect,
      random: () => random,
      on: (event) => events.push(event),
    });
    const close = (reason: CloseReason) => links.at(-1)!({ type: 'closed', reason });
    return { clock, events, links, connection, close };
  }
  const lost: CloseReason = { kind: 'lost', problem: 'the cable' };

  it('waits longer each time that a connection fails', () => {
    const { clock, events, links, close } = start();
    for (let attempt = 0; attempt < 4; attempt += 1) {
      close(lost);
      clock.advance(clock.untilNext()!);
    }
    expect(events).toEqual([500, 1_000, 2_000, 4_000].map((ms) => ({ type: 'waiting', reason: lost, ms })));
    expect(links).toHaveLength(5);
  });

  it('begins with short pauses again after a session that lasted', () => {
    const { clock, links, close } = start();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      close(lost);
      clock.advance(clock.untilNext()!);
    }
    links.at(-1)!({ type: 'open' });
    clock.advance(10_000);
    close(lost);
    expect(clock.untilNext()).toBe(500);
  });

  it('stays away for as long as the broker said, and a little longer', () => {
    const { clock, links, close } = start(0.5);
    close({ kind: 'goodbye', reason: 'shutdown', retryAfterMs: 7_000 });
    clock.advance(7_249);
    expect(links).toHaveLength(1);
    clock.advance(1);
    expect(links).toHaveLength(2);
  });

  it.each(['revoked', 'replaced'] as const)('does not come back once it was %s', (kind) => {
    const { clock, events, links, close } = start();
    close({ kind });
    expect(events).toEqual([{ type: 'ended', reason: { kind } }]);
    expect(clock.untilNext()).toBeUndefined();
    expect(links).toHaveLength(1);
  });

  it('begins another connection at once when the one it has may be dead, or while it waits', () => {
    const { clock, events, links, connection, close } = start();
    links[0]!({ type: 'open' });
    connection.renew('the computer slept');
    expect(links).toHaveLength(2);
    links[0]!({ type: 'closed', reason: lost });
    links[1]!({ type: 'open' });
    expect(events).toEqual([
      { type: 'open' },
      { type: 'waiting', reason: { kind: 'lost', problem: 'the computer slept' }, ms: 0 },
      { type: 'open' },
    ]);
    close(lost);
    connection.renew('the network has changed');
    expect(links).toHaveLength(3);
    expect(clock.untilNext()).toBeUndefined();
    connection.stop();
    connection.renew('too late');
    expect(links).toHaveLength(3);
  });

  it('can be stopped while connected and while waiting', () => {
    const connected = start();
    connected.connection.stop();
    const waiting = start();
    waiting.close(lost);
    waiting.connection.stop();
    waiting.connection.stop();
    for (const { events, clock } of [connected, waiting]) {
      expect(events.at(-1)).toEqual({ type: 'ended', reason: { kind: 'stopped' } });
      expect(events.filter(({ type }) => type === 'ended')).toHaveLength(1);
      expect(clock.untilNext()).toBeUndefined();
    }
  });
});
