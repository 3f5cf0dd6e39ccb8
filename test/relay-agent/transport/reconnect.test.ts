import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../../relay-agent/transport/backoff.ts';
import { type ConnectionEvent, keepConnected } from '../../../relay-agent/transport/reconnect.ts';
import type { CloseReason, Connect, TransportEvent } from '../../../relay-agent/transport/transport.ts';
import { createManualClock } from '../../support/manual-clock.ts';

describe('the backoff before the next attempt', () => {
  it('the limit doubles from half a second to 15 seconds', () => {
    const bounds = Array.from({ length: 8 }, (_, attempt) => backoffMs(attempt, () => 1));
    expect(bounds).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
    expect(backoffMs(5_000, () => 1)).toBe(15_000);
  });

  it('the delay is random between 0 and the limit', () => {
    expect(backoffMs(7, () => 0)).toBe(0);
    expect(backoffMs(7, () => 0.5)).toBe(7_500);
  });
});

describe('keepConnected', () => {
  function start(random = 1) {
    const clock = createManualClock();
    const events: ConnectionEvent[] = [];
    const transports: Array<(event: TransportEvent) => void> = [];
    const connect: Connect = (on) => {
      transports.push(on);
      return { send() {}, close: () => on({ type: 'closed', reason: { kind: 'stopped' } }) };
    };
    const connection = keepConnected({
      ...clock,
      monotonicNow: clock.now,
      connect,
      random: () => random,
      on: (event) => events.push(event),
    });
    const close = (reason: CloseReason) => transports.at(-1)!({ type: 'closed', reason });
    return { clock, events, transports, connection, close };
  }
  const lost: CloseReason = { kind: 'lost', problem: 'the connection broke' };

  it('the delay grows with each failed connection', () => {
    const { clock, events, transports, close } = start();
    for (let attempt = 0; attempt < 4; attempt += 1) {
      close(lost);
      clock.advance(clock.untilNext()!);
    }
    expect(events).toEqual([500, 1_000, 2_000, 4_000].map((ms) => ({ type: 'waiting', reason: lost, ms })));
    expect(transports).toHaveLength(5);
  });

  it('a session of 10 s resets the delay', () => {
    const { clock, transports, close } = start();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      close(lost);
      clock.advance(clock.untilNext()!);
    }
    transports.at(-1)!({ type: 'open' });
    clock.advance(10_000);
    close(lost);
    expect(clock.untilNext()).toBe(500);
  });

  it('a goodbye delays the reconnect by its time plus the backoff', () => {
    const { clock, transports, close } = start(0.5);
    close({ kind: 'goodbye', reason: 'shutdown', retryAfterMs: 7_000 });
    clock.advance(7_249);
    expect(transports).toHaveLength(1);
    clock.advance(1);
    expect(transports).toHaveLength(2);
  });

  it.each(['revoked', 'replaced'] as const)(
    'keepConnected does not reconnect after a session was %s',
    (kind) => {
      const { clock, events, transports, close } = start();
      close({ kind });
      expect(events).toEqual([{ type: 'ended', reason: { kind } }]);
      expect(clock.untilNext()).toBeUndefined();
      expect(transports).toHaveLength(1);
    },
  );

  it('renew opens a new connection at once, also while waiting', () => {
    const { clock, events, transports, connection, close } = start();
    transports[0]!({ type: 'open' });
    connection.renew('the computer slept');
    expect(transports).toHaveLength(2);
    transports[0]!({ type: 'closed', reason: lost });
    transports[1]!({ type: 'open' });
    expect(events).toEqual([
      { type: 'open' },
      { type: 'waiting', reason: { kind: 'lost', problem: 'the computer slept' }, ms: 0 },
      { type: 'open' },
    ]);
    close(lost);
    connection.renew('the network has changed');
    expect(transports).toHaveLength(3);
    expect(clock.untilNext()).toBeUndefined();
    connection.stop();
    connection.renew('too late');
    expect(transports).toHaveLength(3);
  });

  it('stop ends the connection while connected and while waiting', () => {
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
