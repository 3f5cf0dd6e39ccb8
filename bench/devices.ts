/**
 * Simulates devices with a journal, over WebSocket and over long-poll.
 * They keep their credit at the maximum and report each message in the same turn of the event loop as its frame.
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
  /** Receives the arrival time of the frame, by `performance.now()`. */
  onDeliver: (items: readonly DeliverItem[], at: number) => void;
  /** States that the device reports for each message, in this order. Default: `sent`. */
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

function replyFrames(
  items: readonly DeliverItem[],
  seq: number,
  states: readonly string[] = ['sent'],
): unknown[] {
  const reports = states.flatMap((state) => items.map(({ message, lease }) => ({ message, lease, state })));
  return [
    { type: 'report', seq, items: reports },
    { type: 'credit', n: CREDIT_MAX },
  ];
}

/** Resolves after the welcome frame. */
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
      for (const reply of replyFrames(frame.items, seq, states)) socket.send(JSON.stringify(reply));
    });
  });
}

/** Resolves after the welcome, when the first poll without frames is in flight. */
export async function connectPoll({ host, port, token, onDeliver }: DeviceOptions): Promise<BenchDevice> {
  const connection = await HttpConnection.open(host, port, onLost);
  const headers = { authorization: `Bearer ${token}` };
  const request = (poll: object) =>
    requestBytes({ method: 'POST', path: '/relay/v1/poll', headers, body: poll });
  const hello = await connection.exchange(request({ wait: 0, received: 0, frames: [HELLO] }));
  if (hello.status !== 200) throw new Error(`The hello returned ${hello.status}: ${hello.body}`);
  const { session, answer: first } = JSON.parse(hello.body);

  let seq = 0;
  const poll = (received: number, frames: readonly unknown[]) => {
    const bytes = request({ session, wait: POLL_WAIT_MAX_SECONDS, received, frames });
    connection.send(bytes, (status, body) => {
      const at = performance.now();
      if (status !== 200) onLost(new Error(`A poll returned ${status}: ${body}`));
      const { answer, frames: received } = JSON.parse(body);
      const replies: unknown[] = [];
      for (const frame of received) {
        if (frame.type !== 'deliver') continue;
        onDeliver(frame.items, at);
        seq += 1;
        replies.push(...replyFrames(frame.items, seq));
      }
      poll(answer, replies);
    });
  };
  poll(first, []);
  return connection;
}
