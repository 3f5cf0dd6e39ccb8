/** HTTP proxy in front of the broker that fails the next requests in the given ways. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Fault =
  /** Responds itself; the broker receives no request. */
  | { status: number; headers?: Record<string, string>; body?: string }
  /** Closes the connection before the broker receives the request. */
  | 'cut before request'
  /** Closes the connection after the broker has processed the request, without a response. */
  | 'cut after request'
  /** Closes the connection in the middle of the response. */
  | 'cut inside response'
  /** Never responds. */
  | 'no response';

export interface FaultyProxy {
  url: string;
  /** Received requests, as method and path. */
  requests: string[];
  /** Applies one fault to each of the next requests. Later requests are forwarded. */
  failNext(...faults: Fault[]): void;
  close(): Promise<void>;
}

export async function startFaultyProxy(brokerUrl: string): Promise<FaultyProxy> {
  const requests: string[] = [];
  const faults: Fault[] = [];

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    requests.push(`${request.method} ${request.url}`);
    const fault = faults.shift();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (fault === 'no response') return;
    if (fault === 'cut before request') return void request.socket.destroy();
    if (typeof fault === 'object') {
      response.writeHead(fault.status, fault.headers).end(fault.body);
      return;
    }
    const reply = await forward(brokerUrl, request, Buffer.concat(chunks));
    if (fault === 'cut after request') return void request.socket.destroy();
    response.writeHead(reply.status, reply.headers);
    if (fault === undefined) return void response.end(reply.body);
    response.write(reply.body.subarray(0, reply.body.length / 2), () => request.socket.destroy());
  };
  const server = createServer((request, response) => {
    serve(request, response).catch(() => request.socket.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    failNext: (...next) => void faults.push(...next),
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function forward(brokerUrl: string, { method = 'GET', url, headers }: IncomingMessage, body: Buffer) {
  const { host: _, connection: __, ...forwarded } = headers as Record<string, string>;
  const response = await fetch(brokerUrl + url, {
    method,
    headers: forwarded,
    ...(body.length === 0 ? {} : { body }),
  });
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: Buffer.from(await response.arrayBuffer()),
  };
}
