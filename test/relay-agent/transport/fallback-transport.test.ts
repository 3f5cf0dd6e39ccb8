import { describe, expect, it } from 'vitest';
import { fallbackTransport } from '../../../relay-agent/transport/fallback-transport.ts';
import type { CloseReason, Connect, TransportEvent } from '../../../relay-agent/transport/transport.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const LOST: CloseReason = {
  kind: 'lost',
  problem: 'the broker returned status 400 instead of opening a session',
};

function setUp() {
  const clock = createManualClock();
  const dialled: string[] = [];
  const events: TransportEvent[] = [];
  let emit: (event: TransportEvent) => void = () => {};
  const transport =
    (name: string): Connect =>
    (on) => {
      dialled.push(name);
      emit = on;
      return { send() {}, close: () => on({ type: 'closed', reason: { kind: 'stopped' } }) };
    };
  const connect = fallbackTransport({
    webSocket: transport('websocket'),
    poll: transport('poll'),
    after: clock.after,
    pollMs: 600_000,
  });
  return {
    clock,
    dialled,
    events,
    dial: () => connect((event) => events.push(event)),
    open: () => emit({ type: 'open' }),
    lose: (reason: CloseReason = LOST) => emit({ type: 'closed', reason }),
  };
}

describe('the fallback transport', () => {
  it('WebSocket is used as long as it connects, even if each connection breaks later', () => {
    const { dial, open, lose, dialled } = setUp();
    for (let round = 0; round < 5; round += 1) {
      dial();
      open();
      lose();
    }
    expect(new Set(dialled)).toEqual(new Set(['websocket']));
  });

  it('long-poll follows two failed WebSocket attempts, and one WebSocket attempt follows later', () => {
    const { dial, open, lose, dialled, clock, events } = setUp();
    dial();
    lose();
    dial();
    lose();
    dial();
    open();
    clock.advance(600_000);
    expect(events.at(-1)).toEqual({ type: 'closed', reason: { kind: 'expired' } });
    dial();
    lose();
    dial();
    expect(dialled).toEqual(['websocket', 'websocket', 'poll', 'websocket', 'poll']);
  });

  it('both transports are tried in turn while neither connects', () => {
    const { dial, lose, dialled } = setUp();
    for (let round = 0; round < 6; round += 1) {
      dial();
      lose();
    }
    expect(dialled).toEqual(['websocket', 'websocket', 'poll', 'websocket', 'poll', 'websocket']);
  });

  it('a goodbye does not count as a failed attempt', () => {
    const { dial, lose, dialled } = setUp();
    for (let round = 0; round < 4; round += 1) {
      dial();
      lose({ kind: 'goodbye', reason: 'shutdown', retryAfterMs: 1 });
    }
    expect(new Set(dialled)).toEqual(new Set(['websocket']));
  });

  it('close of a long-poll transport emits stopped and leaves no timer', () => {
    const { dial, lose, events, clock } = setUp();
    dial();
    lose();
    dial();
    lose();
    dial().close();
    expect(events.at(-1)).toEqual({ type: 'closed', reason: { kind: 'stopped' } });
    const count = events.length;
    clock.advance(3_600_000);
    expect(events).toHaveLength(count);
  });
});
