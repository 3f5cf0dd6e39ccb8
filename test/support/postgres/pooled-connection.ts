/** Opens the server connections of the pooler. `pg` authenticates; then the pooler owns the socket. */
import { Socket } from 'node:net';
import pg from 'pg';
import { type Frame, FrameReader, frame } from './wire.ts';

export interface ServerConnection {
  readonly isOpen: boolean;
  /** The ParameterStatus messages of the login. */
  readonly parameters: readonly Buffer[];
  /** Sends the messages of the server to a client until the next `reset`. */
  assign(onFrame: (frame: Frame) => void, onClose: () => void): void;
  write(bytes: Buffer): void;
  /** Discards the state of the session. */
  reset(): Promise<void>;
  close(): void;
}

const DISCARD_ALL = frame('Q', Buffer.from('DISCARD ALL\0'));
const ignore = () => {};

export async function openServerConnection(url: string, onClose: () => void): Promise<ServerConnection> {
  const socket = new Socket();
  const parameters: Buffer[] = [];
  const reader = new FrameReader('messages');
  let receive: (frame: Frame) => void = ({ type, bytes }) => {
    if (type === 'S') parameters.push(bytes);
  };
  let notifyClosed = ignore;
  socket.on('data', (chunk: Buffer) => {
    for (const received of reader.read(chunk)) receive(received);
  });
  const login = new pg.Client({ connectionString: url, stream: () => socket });
  await login.connect();
  const [own] = socket.listeners('data');
  for (const listener of socket.listeners('data').filter((one) => one !== own)) {
    socket.off('data', listener as () => void);
  }
  for (const event of ['error', 'end', 'close']) socket.removeAllListeners(event);
  receive = ignore;
  socket.on('error', ignore);
  socket.on('close', () => {
    onClose();
    notifyClosed();
  });
  return {
    get isOpen() {
      return !socket.destroyed && socket.writable;
    },
    parameters,
    assign(onFrame, onServerClose) {
      receive = onFrame;
      notifyClosed = onServerClose;
    },
    write: (bytes) => void socket.write(bytes),
    reset: () =>
      new Promise((resolve) => {
        notifyClosed = resolve;
        receive = ({ type }) => {
          if (type !== 'Z') return;
          receive = ignore;
          notifyClosed = ignore;
          resolve();
        };
        if (socket.destroyed) resolve();
        else socket.write(DISCARD_ALL);
      }),
    close: () => void socket.destroy(),
  };
}
