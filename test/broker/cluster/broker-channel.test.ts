import { describe, expect, it } from 'vitest';
import { BrokerChannel } from '../../../broker/cluster/broker-channel.ts';
import type { BrokerMessage } from '../../../broker/core/model/broker-message.ts';
import { until } from '../../support/until.ts';

const PAYLOAD_MAX_BYTES = 8_000;

describe('messages between brokers', () => {
  /** A broker that sends to another one. `fails`: whether the database is not reachable. */
  function newPair() {
    const state = { fails: false };
    const payloads: string[] = [];
    const faults: unknown[] = [];
    const receiver = new BrokerChannel({
      brokerId: 'receiver',
      notify: async () => {},
      onFault: (error) => faults.push(error),
    });
    const sender = new BrokerChannel({
      brokerId: 'sender',
      async notify(sent) {
        if (state.fails) throw new Error('lost');
        for (const payload of sent) {
          payloads.push(payload);
          sender.receive(payload);
          receiver.receive(payload);
        }
      },
      onFault: (error) => faults.push(error),
    });
    return { state, payloads, faults, sender, receiver };
  }
  const queue = (numberId: string): BrokerMessage => ({ kind: 'queue', numberId, environment: 'live' });

  it('reach the listeners of the other brokers, not those of the sender', async () => {
    const { sender, receiver } = newPair();
    const received: unknown[] = [];
    sender.on('queue', () => received.push('own'));
    receiver.on('queue', (message) => received.push(message));
    sender.send(queue('a'));
    await until('the message', () => received.length > 0);
    expect(received).toEqual([queue('a')]);
  });

  it('share a notification within a turn, and equal ones are sent once', async () => {
    const { sender, receiver, payloads } = newPair();
    const numbers: string[] = [];
    receiver.on('queue', ({ numberId }) => numbers.push(numberId));
    for (const id of ['a', 'b', 'a', 'c']) sender.send(queue(id));
    await until('the messages', () => numbers.length === 3);
    expect([numbers, payloads.length]).toEqual([['a', 'b', 'c'], 1]);
  });

  it('are split by the limit of a notification', async () => {
    const { sender, receiver, payloads } = newPair();
    const numbers = new Set<string>();
    receiver.on('queue', ({ numberId }) => numbers.add(numberId));
    for (let index = 0; index < 1_000; index += 1) sender.send(queue(`number-${index}-é`));
    await until('the messages', () => numbers.size === 1_000);
    expect(payloads.length).toBeGreaterThan(1);
    for (const payload of payloads) expect(Buffer.byteLength(payload)).toBeLessThan(PAYLOAD_MAX_BYTES);
  });

  it('are replaced by "anything" after the database was lost, or if there are too many', async () => {
    const { sender, receiver, state } = newPair();
    const kinds: string[] = [];
    receiver.on('queue', ({ kind }) => kinds.push(kind));
    receiver.on('anything', ({ kind }) => kinds.push(kind));
    state.fails = true;
    sender.send(queue('a'));
    await until('the failed notification', () => kinds.length === 0);
    state.fails = false;
    await until('the message', () => kinds.length > 0);
    expect(kinds).toEqual(['anything']);
    for (let index = 0; index < 6_000; index += 1) sender.send(queue(String(index)));
    await until('the message', () => kinds.length > 1);
    expect(kinds).toEqual(['anything', 'anything']);
  });

  it('rejects a message that no notification can contain', () => {
    const { sender } = newPair();
    expect(() => sender.send(queue('x'.repeat(9_000)))).toThrow('queue is too long');
  });

  it('ignores kinds of later versions, and reports an invalid message', () => {
    const { receiver, faults } = newPair();
    receiver.receive('other\n{"kind":"of a later version"}');
    expect(faults).toEqual([]);
    receiver.receive('other\n{"kind":');
    expect(faults).toHaveLength(1);
  });

  it('sends nothing after it was closed', async () => {
    const { sender, payloads } = newPair();
    sender.send(queue('a'));
    sender.close();
    sender.send(queue('b'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(payloads).toEqual([]);
  });
});
