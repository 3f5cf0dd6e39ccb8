/**
 * One keep-alive HTTP/1.1 connection with at most one request under way, on a bare socket, so that the client
 * takes as little of the processor as it can from what is measured. It understands answers with a
 * Content-Length only, and the answer's callback runs in the turn in which its last byte arrived.
 */
import { connect, type Socket } from 'node:net';

export type OnAnswer = (status: number, body: string) => void;

const HEAD_END = Buffer.from('\r\n\r\n');

export class HttpConnection {
  readonly #socket: Socket;
  #held: Buffer | undefined;
  #onAnswer: OnAnswer | undefined;
  #isClosing = false;

  /** `onLost` is told when the connection ends without `close`. */
  static open(host: string, port: number, onLost: (error: Error) => void): Promise<HttpConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new HttpConnection(socket, onLost));
      });
    });
  }

  private constructor(socket: Socket, onLost: (error: Error) => void) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      if (!this.#isClosing) onLost(new Error('The server closed a connection.'));
    });
  }

  get isBusy(): boolean {
    return this.#onAnswer !== undefined;
  }

  send(request: Buffer, onAnswer: OnAnswer): void {
    if (this.isBusy) throw new Error('A request is under way on this connection.');
    this.#onAnswer = onAnswer;
    this.#socket.write(request);
  }

  exchange(request: Buffer): Promise<{ status: number; body: string }> {
    return new Promise((resolve) => this.send(request, (status, body) => resolve({ status, body })));
  }

  close(): void {
    this.#isClosing = true;
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    const bytes = this.#held === undefined ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = bytes;
    const headEnd = bytes.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const head = bytes.toString('latin1', 0, headEnd);
    const length = /\r\ncontent-length: (\d+)/i.exec(head);
    if (length === null) throw new Error(`An answer without Content-Length:\n${head}`);
    const end = headEnd + 4 + Number(length[1]);
    if (bytes.length < end) return;
    const onAnswer = this.#onAnswer;
    this.#held = undefined;
    this.#onAnswer = undefined;
    onAnswer?.(Number(head.slice(9, 12)), bytes.toString('utf8', headEnd + 4, end));
  }
}

export interface RequestParts {
  method: 'GET' | 'POST';
  path: string;
  headers?: Record<string, string>;
  body?: unknown;
}

export function requestBytes({ method, path, headers, body }: RequestParts): Buffer {
  const json = body === undefined ? '' : JSON.stringify(body);
  const ofBody =
    body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(json)) };
  const lines = Object.entries({ host: 'localhost', ...ofBody, ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${json}`);
}
