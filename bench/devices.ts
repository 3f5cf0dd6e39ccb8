/**
 * Devices as the bench plays them, over WebSocket and over long-poll. They journal, keep their credit at its
 * most, and report every message as sent (or what else they are told) in the turn in which its frame arrived.
 */
import { WebSocket } from 'ws';
import {
  CREDIT_MAX,
  type DeliverItem,
  FRAME_MAX_BYTES,
  POLL_WAIT_MAX_SECONDS,
  PROTOCOL_VERSION,
  SUBPROTOCOL,
} from '../shared/protocol.ts';
import { HttpConnection, requestBytes } from './http-connection.ts';

export interface DeviceOptions {
  host: string;
  port: number;
  token: string;
  /** With the time at which the frame's bytes were there, by `performance.now()`. */
  onDeliver: (items: readonly DeliverItem[], at: number) => void;
  /** What it reports of each message, in this order. */
  states?: readonly string[];
}

export interface BenchDevice {
  close(): void;
}

const HELLO = {
  type: 'hello',
  protocol: PROTOCOL_VERSION,
  agent: 'homing-bench/1',
  platform: 'bench',
  capabilities: ['imessage', 'journal'],
  credit: CREDIT_MAX,
};

const onLost = (error: Error) => {
  throw error;
};

function answersTo(
  items: readonly DeliverItem[],
  seq: number,
  states: readonly string[] = ['sent'],
): unknown[] {
  const sent = states.flatMap((state) => items.map(({ message, lease }) => ({ message, lease, state })));
  return [
    { type: 'report', seq, items: sent },
    { type: 'credit', n: CREDIT_MAX },
  ];
}

/** Settles when the broker has welcomed it. */
export function connectSocket({ host, port, token, onDeliver, states }: DeviceOptions): Promise<BenchDevice> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://${host}:${port}/relay/v1/session`, SUBPROTOCOL, {
      headers: { authorization: `Bearer ${token}` },
      perMessageDeflate: false,
      maxPayload: FRAME_MAX_BYTES,
    });
    let seq = 0;
    let isClosing = false;
    const device = {
      close: () => {
        isClosing = true;
        socket.terminate();
      },
    };
    socket.once('error', reject);
    socket.once('open', () => socket.send(JSON.stringify(HELLO)));
    socket.on('close', (code) => {
      if (!isClosing) onLost(new Error(`The broker closed a session with ${code}.`));
    });
    socket.on('message', (payload) => {
      const at = performance.now();
      const frame = JSON.parse(String(payload));
      if (frame.type === 'welcome') resolve(device);
      if (frame.type === 'error') reject(new Error(String(payload)));
      if (frame.type !== 'deliver') return;
      onDeliver(frame.items, at);
      seq += 1;
      for (const answer of answersTo(frame.items, seq, states)) socket.send(JSON.stringify(answer));
    });
  });
}

/** Settles when it was welcomed and its first empty-handed poll is under way. */
export async function connectPoll({ host, port, token, onDeliver }: DeviceOptions): Promise<BenchDevice> {
  const connection = await HttpConnection.open(host, port, onLost);
  const headers = { authorization: `Bearer ${token}` };
  const request = (poll: object) =>
    requestBytes({ method: 'POST', path: '/relay/v1/poll', headers, body: poll });
  const hello = await connection.exchange(request({ wait: 0, received: 0, frames: [HELLO] }));
  if (hello.status !== 200) throw new Error(`A hello was answered ${hello.status} ${hello.body}.`);
  const { session, answer: first } = JSON.parse(hello.body);

  let seq = 0;
  const poll = (received: number, frames: readonly unknown[]) => {
    const bytes = request({ session, wait: POLL_WAIT_MAX_SECONDS, received, frames });
    connection.send(bytes, (status, body) => {
      const at = performance.now();
      if (status !== 200) onLost(new Error(`A poll was answered ${status} ${body}.`));
      const { answer, frames: given } = JSON.parse(body);
      const answers: unknown[] = [];
      for (const frame of given) {
        if (frame.type !== 'deliver') continue;
        onDeliver(frame.items, at);
        seq += 1;
        answers.push(...answersTo(frame.items, seq));
      }
      poll(answer, answers);
    });
  };
  poll(first, []);
  return connection;
}
