/**
 * Sends HTTP/1.1 requests over one keep-alive socket, one at a time. A heavier client than a bare socket would take CPU
 * time from the measured server.
 * Responses need a Content-Length or the status 204. The callback runs in the turn in which the last byte arrives.
 */
import { connect, type Socket } from 'node:net';

export type OnResponse = (status: number, body: string) => void;

const HEAD_END = Buffer.from('\r\n\r\n');

export class HttpConnection {
  readonly #socket: Socket;
  #received: Buffer | undefined;
  #onResponse: OnResponse | undefined;
  #isClosing = false;

  /** Calls `onLost` when the connection ends without `close`. */
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
    return this.#onResponse !== undefined;
  }

  send(request: Buffer, onResponse: OnResponse): void {
    if (this.isBusy) throw new Error('A request is in flight on this connection.');
    this.#onResponse = onResponse;
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
    const bytes = this.#received === undefined ? chunk : Buffer.concat([this.#received, chunk]);
    this.#received = bytes;
    const headEnd = bytes.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const head = bytes.toString('latin1', 0, headEnd);
    const length = /\r\ncontent-length: (\d+)/i.exec(head);
    if (length === null && !head.startsWith('HTTP/1.1 204')) {
      throw new Error(`The response has no Content-Length:\n${head}`);
    }
    const end = headEnd + 4 + Number(length?.[1] ?? 0);
    if (bytes.length < end) return;
    const onResponse = this.#onResponse;
    this.#received = undefined;
    this.#onResponse = undefined;
    onResponse?.(Number(head.slice(9, 12)), bytes.toString('utf8', headEnd + 4, end));
  }
}

export interface RequestParts {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  headers?: Record<string, string>;
  body?: unknown;
}

export function requestBytes({ method, path, headers, body }: RequestParts): Buffer {
  const json = body === undefined ? '' : JSON.stringify(body);
  const bodyHeaders =
    body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(json)) };
  const lines = Object.entries({ host: 'localhost', ...bodyHeaders, ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${json}`);
}
