/** HTTP server that records webhook requests and sends configured responses. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  at: number;
  path: string;
  headers: Record<string, string>;
  raw: string;
  // biome-ignore lint/suspicious/noExplicitAny: the tests read any part of the request
  body: any;
}

export interface Receiver {
  url: string;
  received: Received[];
  /** Sets the response to the following requests; default: 200. */
  answer(respond: (response: ServerResponse, request: Received) => void): void;
  close(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  let currentRespond: (response: ServerResponse, request: Received) => void = (response) => {
    response.writeHead(200).end('ok');
  };
  const server = createServer(async (request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const raw = Buffer.concat(chunks).toString('utf8');
    const one = {
      at: Date.now(),
      path: request.url ?? '',
      headers: request.headers as Record<string, string>,
      raw,
      body: JSON.parse(raw),
    };
    received.push(one);
    currentRespond(response, one);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    answer: (respond) => {
      currentRespond = respond;
    },
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
