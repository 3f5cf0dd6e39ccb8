import { beforeEach, describe, expect, it } from 'vitest';
import { Peers } from '../../../broker/cluster/peers.ts';
import type { BrokerMessage } from '../../../broker/core/model/broker-message.ts';

const NONE = new Set<string>();

describe('the other brokers on the database', () => {
  let now: number;
  let sent: BrokerMessage[];
  let peers: Peers;
  const faults: unknown[] = [];

  beforeEach(() => {
    now = 10_000;
    sent = [];
    peers = new Peers({
      brokerId: 'me',
      send: (message) => sent.push(message),
      onFault: (error) => faults.push(error),
      currentForMs: 2_500,
      elapsed: () => now,
    });
  });

  const settled = () => new Promise(setImmediate);

  it('a broker is alone while its heartbeats find no other broker', () => {
    expect(peers.aloneForMs()).toBe(-1);
    peers.see(NONE, now);
    expect(peers.aloneForMs()).toBe(Number.POSITIVE_INFINITY);
    expect(peers.hasPeers()).toBe(false);
    now += 2_500;
    expect(peers.aloneForMs()).toBe(-1);
  });

  it('after the end of another broker, it is alone since the first heartbeat without that one', () => {
    peers.see(new Set(['b']), now);
    expect(peers.aloneForMs()).toBe(-1);
    expect(peers.hasPeers()).toBe(true);
    now += 500;
    peers.see(NONE, now);
    now += 500;
    peers.see(NONE, now);
    now += 100;
    expect(peers.aloneForMs()).toBe(600);
    expect(peers.hasPeers()).toBe(false);
  });

  it('after a pause, it is alone since its first heartbeat', () => {
    peers.see(NONE, now);
    now += 5_000;
    peers.see(NONE, now);
    expect(peers.aloneForMs()).toBe(0);
  });

  it('a heartbeat that was sent before a broker joined does not show that it is alone', () => {
    peers.see(NONE, now);
    const sentAt = now;
    now += 10;
    peers.joined('b');
    peers.see(NONE, sentAt);
    expect(peers.aloneForMs()).toBe(-1);
    expect(peers.hasPeers()).toBe(true);
  });

  it('acknowledges a broker that joined when every listener is ready', async () => {
    const ready = Promise.withResolvers<void>();
    peers.onJoin(() => ready.promise);
    peers.joined('b');
    await settled();
    expect(sent).toEqual([]);
    ready.resolve();
    await settled();
    expect(sent).toEqual([{ kind: 'acknowledged', brokerId: 'b', by: 'me' }]);
  });

  it('acknowledges a broker whose message was lost when a heartbeat finds it', async () => {
    peers.see(new Set(['b']), now);
    peers.see(new Set(['b']), now);
    await settled();
    expect(sent).toEqual([{ kind: 'acknowledged', brokerId: 'b', by: 'me' }]);
  });

  it('does not acknowledge a broker if a listener fails', async () => {
    peers.onJoin(() => Promise.reject(new Error('no database')));
    peers.joined('b');
    await settled();
    expect(sent).toEqual([]);
    expect(faults).toHaveLength(1);
  });

  it('waits until each other broker has acknowledged it, except one that has ended', async () => {
    peers.see(new Set(['b', 'c', 'ended']), now);
    let isReady = false;
    const waiting = peers.allAcknowledged('ended').then(() => {
      isReady = true;
    });
    peers.acknowledged('b');
    await settled();
    expect(isReady).toBe(false);
    peers.acknowledged('c');
    await waiting;
  });

  it('does not wait longer than 3 seconds', async () => {
    peers.see(new Set(['b']), now);
    const waiting = peers.allAcknowledged(undefined);
    now += 3_000;
    await waiting;
  });
});
