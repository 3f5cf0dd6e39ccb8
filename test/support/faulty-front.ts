/** A server in front of the broker that fails in the ways that proxies and networks fail, as it is told. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Fault =
  /** Answered here; the broker hears nothing. */
  | { answer: number; headers?: Record<string, string>; body?: string }
  /** The connection breaks before the broker hears of it, */
  | 'cut before'
  /** or after the broker has done it, without an answer, */
  | 'cut after'
  /** or within its answer. */
  | 'cut inside'
  /** Nobody ever says anything. */
  | 'silence';

export interface FaultyFront {
  url: string;
  /** The requests that came, by method and path. */
  seen: string[];
  /** What happens to the next requests, one after the other; what comes later passes. */
  next(...faults: Fault[]): void;
  close(): Promise<void>;
}

export async function startFaultyFront(brokerUrl: string): Promise<FaultyFront> {
  const seen: string[] = [];
  const coming: Fault[] = [];

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    seen.push(`${request.method} ${request.url}`);
    const fault = coming.shift();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (fault === 'silence') return;
    if (fault === 'cut before') return void request.socket.destroy();
    if (typeof fault === 'object') {
      response.writeHead(fault.answer, fault.headers).end(fault.body);
      return;
    }
    const answer = await ask(brokerUrl, request, Buffer.concat(chunks));
    if (fault === 'cut after') return void request.socket.destroy();
    response.writeHead(answer.status, answer.headers);
    if (fault === undefined) return void response.end(answer.body);
    response.write(answer.body.subarray(0, answer.body.length / 2), () => request.socket.destroy());
  };
  const server = createServer((request, response) => {
    serve(request, response).catch(() => request.socket.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    next: (...faults) => void coming.push(...faults),
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function ask(brokerUrl: string, { method = 'GET', url, headers }: IncomingMessage, body: Buffer) {
  const { host: _, connection: __, ...passed } = headers as Record<string, string>;
  const response = await fetch(brokerUrl + url, {
    method,
    headers: passed,
    ...(body.length === 0 ? {} : { body }),
  });
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: Buffer.from(await response.arrayBuffer()),
  };
}
