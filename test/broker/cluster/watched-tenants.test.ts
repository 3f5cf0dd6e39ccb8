/** Checks which changes a broker sends to the others, with a manual clock and two brokers without a database. */
import { beforeEach, describe, expect, it } from 'vitest';
import { WatchedTenants } from '../../../broker/cluster/watched-tenants.ts';
import type { BrokerMessage, BrokerMessageOf } from '../../../broker/core/model/broker-message.ts';
import { type Cluster, singleBroker } from '../../../broker/core/ports/cluster.ts';

class Broker {
  readonly sent: BrokerMessage[] = [];
  readonly own = new Set<number>();
  readonly forwarded = new Set<number>();
  readonly watched: WatchedTenants;
  peer: Broker | undefined;
  readonly #listeners = new Map<string, Array<(message: never) => void>>();

  constructor() {
    const cluster: Cluster = {
      ...singleBroker(''),
      send: (message) => {
        this.sent.push(message);
        this.peer?.receive(message);
      },
      onMessage: (kind, listener) => {
        this.#listeners.set(kind, [...(this.#listeners.get(kind) ?? []), listener]);
      },
    };
    this.watched = new WatchedTenants({
      ...{ cluster, monotonicNow: () => now, own: () => this.own },
      onWatched: (tenantId) => {
        this.forwarded.add(tenantId);
        return () => this.forwarded.delete(tenantId);
      },
    });
  }

  open(tenantId: number): void {
    this.own.add(tenantId);
    this.watched.opened(tenantId);
  }

  receive(message: BrokerMessage): void {
    for (const listener of this.#listeners.get(message.kind) ?? [])
      listener(message as BrokerMessageOf<typeof message.kind> as never);
  }
}

let now: number;
let a: Broker;
let b: Broker;
beforeEach(() => {
  now = 0;
  a = new Broker();
  b = new Broker();
  a.peer = b;
  b.peer = a;
});

describe('the tenants with an open stream at another broker', () => {
  it('are announced once, and the other broker replies that anything may have changed', () => {
    b.open(7);
    b.open(7);
    expect(b.sent).toEqual([{ kind: 'watched', tenantIds: [7] }]);
    expect(a.sent).toEqual([
      { kind: 'events', tenantId: 7 },
      { kind: 'changed', tenantId: 7 },
    ]);
    expect([a.watched.has(7), a.watched.has(8), b.watched.has(7)]).toEqual([true, false, false]);
    expect([...a.forwarded]).toEqual([7]);
  });

  it('are announced again every 5 s and to a new broker, and forgotten 20 s after the last stream has closed', () => {
    b.open(7);
    b.watched.tick();
    for (; now < 60_000; now += 1_000) {
      a.watched.tick();
      b.watched.tick();
      expect(a.watched.has(7)).toBe(true);
    }
    expect(b.sent).toHaveLength(13);
    expect(a.sent).toHaveLength(2);
    const third = new Broker();
    b.peer = third;
    b.receive({ kind: 'joined', brokerId: 'other' });
    expect(third.watched.has(7)).toBe(true);
    b.peer = a;
    b.own.delete(7);
    for (const end = now + 20_000; now < end; now += 1_000) {
      a.watched.tick();
      b.watched.tick();
    }
    expect(a.watched.has(7)).toBe(false);
    expect([...a.forwarded]).toEqual([]);
    b.open(7);
    expect(a.watched.has(7)).toBe(true);
  });
});
