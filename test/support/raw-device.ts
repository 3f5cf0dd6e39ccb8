/** Sends single frames of the relay protocol over WebSocket or long-poll, like a third-party client. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { SUBPROTOCOL } from '../../shared/protocol.ts';
import { until } from './until.ts';

// biome-ignore lint/suspicious/noExplicitAny: frames are untyped here
type Frame = any;

export function hello(change: Record<string, unknown> = {}): Frame {
  return {
    type: 'hello',
    protocol: 1,
    agent: 'raw/1.0',
    platform: 'test',
    numbers: [],
    capabilities: ['imessage', 'journal'],
    credit: 10,
    ...change,
  };
}

export interface RawSocket {
  received: Frame[];
  closed: Promise<number>;
  say(frame: Frame): void;
  /** Waits for the next frame of the type and removes it from `received`. */
  next(type: string): Promise<Frame>;
  terminate(): void;
}

export async function openSocket(url: string, token: string): Promise<RawSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/relay/v1/session`, SUBPROTOCOL, {
    headers: { authorization: `Bearer ${token}` },
  });
  const received: Frame[] = [];
  socket.on('message', (payload) => received.push(JSON.parse(String(payload))));
  const closed = new Promise<number>((resolve) => {
    socket.on('close', (code) => resolve(code));
  });
  await once(socket, 'open');
  return {
    received,
    closed,
    say: (frame) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    async next(type) {
      const found = await until(`a frame of type ${type}`, () => {
        const position = received.findIndex((frame) => frame.type === type);
        return position < 0 ? undefined : { position };
      });
      return received.splice(found.position, 1)[0];
    },
    terminate: () => socket.terminate(),
  };
}

export interface PollResponse {
  status: number;
  session: string;
  answer: number;
  frames: Frame[];
  error?: { code: string; message: string };
}

export async function poll(
  url: string,
  token: string,
  body: Record<string, unknown>,
  signal?: AbortSignal,
): Promise<PollResponse> {
  const response = await fetch(`${url}/relay/v1/poll`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: signal ?? null,
  });
  return { status: response.status, ...((await response.json()) as Omit<PollResponse, 'status'>) };
}

/** Resolves when the broker has read the requests that were begun before. */
export async function requestsRead(url: string): Promise<void> {
  // One of two requests opens a connection, which the broker accepts after the earlier ones.
  await Promise.all([1, 2].map(async () => (await fetch(`${url}/readyz`)).arrayBuffer()));
}

/** Returns the texts of all `deliver` frames, in order. */
export function textsOf(frames: readonly Frame[]): string[] {
  return frames
    .flatMap((frame) => (frame.type === 'deliver' ? frame.items : []))
    .map(({ text }: Frame) => text);
}

export function reportOf(seq: number, item: Frame, state: string, more: Record<string, unknown> = {}): Frame {
  return { type: 'report', seq, items: [{ message: item.message, lease: item.lease, state, ...more }] };
}
